"""`views.*`: modals and the Home tab. Source: https://docs.slack.dev/surfaces/modals"""

from __future__ import annotations

from typing import Any, Literal

from bot.localslack import limits, payloads
from bot.localslack.blocks import check_view
from bot.localslack.changes import Change
from bot.localslack.errors import ApiError
from bot.localslack.state import View
from bot.localslack.web_api import lookup
from bot.localslack.web_api.args import Args
from bot.localslack.web_api.context import Context

Json = dict[str, Any]


def open_(context: Context, args: Args) -> Json:
    """Open a modal for whoever made the trigger: within 3 s, once."""
    content = _content(context, args, "modal")
    user_id = context.permits.use_trigger(args.required("trigger_id"))
    context.state.close_modals(user_id)
    view = context.interactions.open_modal(user_id, content, None)
    return {"view": payloads.view(context.state, view)}


def push(context: Context, args: Args) -> Json:
    content = _content(context, args, "modal")
    user_id = context.permits.use_trigger(args.required("trigger_id"))
    stack = context.state.modals.get(user_id) or []
    if not stack:
        raise ApiError("not_found")
    if len(stack) >= limits.MODAL_STACK:
        raise ApiError("push_limit_reached")
    view = context.interactions.open_modal(user_id, content, context.state.views[stack[-1]])
    return {"view": payloads.view(context.state, view)}


def update(context: Context, args: Args) -> Json:
    """Change an open modal, named by its id or external_id. A ``hash`` that is not the current one: `hash_conflict`."""
    view = _open_view(context, args)
    _check_hash(args, view)
    content = _content(context, args, "modal", replacing=view)
    context.interactions.replace_content(view, content)
    return {"view": payloads.view(context.state, view)}


def publish(context: Context, args: Args) -> Json:
    """Set one person's Home tab."""
    content = _content(context, args, "home")
    who = lookup.user(context.state, args.required("user_id"))
    view = context.state.homes.get(who.id)
    if view is None:
        view_id = context.state.new_id("V")
        view = View(view_id, who.id, "home", content, context.interactions.new_hash(), view_id)
        context.interactions.prefill(view)
        context.state.homes[who.id] = view
    else:
        _check_hash(args, view)
        context.interactions.replace_content(view, content)
    context.state.changes.publish(Change("home", user_id=who.id))
    return {"view": payloads.view(context.state, view)}


def _content(context: Context, args: Args, kind: Literal["modal", "home"], replacing: View | None = None) -> Json:
    content = check_view(args.structure("view", "invalid_arguments"), kind)
    external_id = content.get("external_id")
    if external_id:
        for other in context.state.views.values():
            if other is not replacing and other.content.get("external_id") == external_id:
                raise ApiError("duplicate_external_id")
    return content


def _open_view(context: Context, args: Args) -> View:
    if args.has("view_id"):
        found = context.state.views.get(args.text("view_id"))
    else:
        external_id = args.required("external_id")
        every = context.state.views.values()
        found = next((view for view in every if view.content.get("external_id") == external_id), None)
    if found is None:
        raise ApiError("not_found")
    return found


def _check_hash(args: Args, view: View) -> None:
    if args.has("hash") and args.text("hash") != view.hash:
        raise ApiError("hash_conflict")
