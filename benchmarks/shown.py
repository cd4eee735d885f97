"""What a bot's thread shows, however the bot lays its messages out."""

from __future__ import annotations

import asyncio
import time

from bot.localslack import LocalSlack, Message


def words(message: Message) -> str:
    return message.text + "".join(f"\n{block['text']}" for block in message.blocks if block["type"] == "markdown")


class Thread:
    """One thread, from the mention that opens it or goes on in it. Times are seconds since the mention was sent.

    A bot has answered when one of its messages holds the answer and says nothing of more to come: no trailing ellipsis,
    no button to stop it.
    """

    def __init__(self, slack: LocalSlack, user_id: str, channel_id: str) -> None:
        self._slack = slack
        self._user_id = user_id
        self._channel_id = channel_id
        self._ts: str | None = None
        self._asked_at = 0.0
        self._seen = 0

    async def mention(self, text: str) -> None:
        if self._ts is not None:
            self._seen = len(self._bots())
        self._asked_at = time.perf_counter()
        mention = f"<@{self._slack.bot_user_id}> {text}"
        ts = await self._slack.say(self._user_id, self._channel_id, mention, self._ts)
        self._ts = self._ts or ts

    async def sign(self, timeout_s: float) -> float:
        """Until the bot says anything at all."""
        await self._slack.wait_for(lambda _: self._new(), timeout_s)
        return time.perf_counter() - self._asked_at

    async def text(self, word: str, timeout_s: float) -> float:
        """Until the thread shows ``word``."""
        await self._slack.wait_for(lambda _: any(word in words(message) for message in self._new()), timeout_s)
        return time.perf_counter() - self._asked_at

    async def final(self, answer: str, timeout_s: float) -> float:
        """Until the thread shows the whole answer as the end."""
        await self._slack.wait_for(lambda _: any(_is_final(m, answer) for m in self._new()), timeout_s)
        return time.perf_counter() - self._asked_at

    async def turn(self, prompt: str, answer: str, timeout_s: float) -> dict[str, float]:
        """One mention from its first sign to its end."""
        await self.mention(prompt)
        sign, text, final = await asyncio.gather(
            self.sign(timeout_s), self.text(answer.split()[0], timeout_s), self.final(answer, timeout_s)
        )
        return {"sign_s": sign, "text_s": text, "final_s": final}

    def _new(self) -> list[Message]:
        return self._bots()[self._seen :]

    def _bots(self) -> list[Message]:
        said = self._slack.messages(self._channel_id, self._ts)
        return [message for message in said if message.user == self._slack.bot_user_id]


def _is_final(message: Message, answer: str) -> bool:
    shown = words(message)
    going_on = shown.rstrip().endswith("…") or any(block["type"] == "actions" for block in message.blocks)
    return answer in shown and not going_on
