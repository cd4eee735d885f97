"""`POST /hooks/{id}`: what an app sends to a response_url.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.localslack.blocks import check_message_blocks
from bot.localslack.errors import ApiError
from bot.localslack.messages import Message
from bot.localslack.permits import Permits, ResponseUrl
from bot.localslack.posting import Posting
from bot.localslack.state import State
from bot.localslack.web_api.args import Args


class Hooks:
    def __init__(self, state: State, posting: Posting, permits: Permits) -> None:
        self._state = state
        self._posting = posting
        self._permits = permits

    def respond(self, response_id: str, args: Args) -> None:
        """Post, replace or delete, as the body says. Raises ApiError for a used-up address or invalid content."""
        response = self._permits.use_response(response_id)
        original = self._original(response)
        if args.flag("delete_original") and original is not None:
            self._remove(original)
        elif args.flag("replace_original") and original is not None:
            changed = replace(original, **self._content(args), edited=self._posting.edit_time(original))
            self._posting.change(original, changed)
        else:
            self._post(response, original, args)

    def _post(self, response: ResponseUrl, original: Message | None, args: Args) -> None:
        in_channel = args.text("response_type", "ephemeral") == "in_channel"
        unfurls = args.flag("unfurl_links", True) or args.flag("unfurl_media", True)
        thread_ts = args.text("thread_ts") or (original.thread_ts if original is not None else None)
        self._posting.post(
            Message(
                ts=self._state.next_ts(),
                channel_id=response.channel_id,
                user=self._state.bot.id,
                bot_id=self._state.bot.bot_id,
                thread_ts=thread_ts,
                ephemeral_to=None if in_channel else response.user_id,
                unfurls=in_channel and unfurls,
                **self._content(args),
            )
        )

    def _content(self, args: Args) -> dict[str, Any]:
        blocks = args.structure("blocks", "invalid_blocks_format")
        text = args.text("text")
        if not text and not blocks:
            raise ApiError("no_text", status=400)
        return {"text": text, "blocks": tuple(check_message_blocks(blocks)) if blocks else ()}

    def _original(self, response: ResponseUrl) -> Message | None:
        channel = self._state.channels[response.channel_id]
        if response.message_ts is None:
            return None
        found = (channel.ephemerals if response.ephemeral else channel.messages).get(response.message_ts)
        return None if found is None or found.deleted else found

    def _remove(self, original: Message) -> None:
        if original.ephemeral_to is not None:
            self._state.forget(original)
        else:
            self._posting.delete(original)
