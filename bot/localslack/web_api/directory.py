"""Who is who: `auth.test`, `team.info`, `bots.info`, `users.*`, `usergroups.users.list`."""

from __future__ import annotations

from typing import Any

from bot.localslack import payloads
from bot.localslack.errors import ApiError
from bot.localslack.web_api import lookup
from bot.localslack.web_api.args import Args
from bot.localslack.web_api.context import Context
from bot.localslack.web_api.cursor import page

Json = dict[str, Any]


def auth_test(context: Context, args: Args) -> Json:
    state = context.state
    return {
        "url": f"{state.base_url}/",
        "team": "Local Slack",
        "user": state.bot.name,
        "team_id": state.team_id,
        "user_id": state.bot.id,
        "bot_id": state.bot.bot_id,
        "is_enterprise_install": False,
    }


def team_info(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "team:read")
    team = {"id": context.state.team_id, "name": "Local Slack", "domain": context.state.team_domain}
    return {"team": team | {"email_domain": "", "url": f"{context.state.base_url}/"}}


def bots_info(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "users:read")
    for who in context.state.users.values():
        if who.bot_id == args.required("bot"):
            profile = payloads.bot_profile(context.state, who)
            return {"bot": profile | {"user_id": who.id, "icons": {}}}
    raise ApiError("bot_not_found")


def users_info(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "users:read")
    return {"user": payloads.user(context.state, lookup.user(context.state, args.required("user")))}


def users_list(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "users:read")
    shown, leading = page(list(context.state.users.values()), args)
    return {"members": [payloads.user(context.state, who) for who in shown], "cache_ts": 0, **leading}


def usergroup_users(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "usergroups:read")
    group = context.state.usergroups.get(args.required("usergroup"))
    if group is None:
        raise ApiError("no_such_subteam")
    return {"users": [who for who in group[1] if not context.state.users[who].deleted]}
