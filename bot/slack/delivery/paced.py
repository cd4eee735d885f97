"""Calls that keep to the rates: a slot is reserved before a message is rendered, so that what is sent is not stale."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.slack.delivery.pacer import Method, Pacer, Priority
from bot.slack.delivery.sender import RateLimited, Sender


@dataclass(slots=True)
class Slot:
    """The right to make one call of one method now."""

    method: Method
    used: bool = False


class PacedSender:
    def __init__(self, sender: Sender, pacer: Pacer) -> None:
        self._sender = sender
        self._pacer = pacer

    def reserve(self, method: Method, channel_id: str, priority: Priority) -> Slot | float:
        """A slot, or the seconds until one may be free."""
        wait_s = self._pacer.wait_s(method, channel_id, priority)
        if wait_s > 0:
            return wait_s
        self._pacer.take(method, channel_id, priority)
        return Slot(method)

    async def write(
        self, method: Method, channel_id: str, priority: Priority, slot: Slot | None, **arguments: Any
    ) -> dict[str, Any]:
        """Use ``slot`` if it is for this method and unused, or wait for another. Raises one of the `SendFailed`."""
        if slot is not None and slot.method == method and not slot.used:
            slot.used = True
        else:
            await self._wait(method, channel_id, priority)
        try:
            return await self._sender.write(method, channel=channel_id, **arguments)
        except RateLimited as limited:
            self._pacer.close(method, limited.retry_after_s)
            raise

    async def read(self, method: Method, channel_id: str, priority: Priority, **arguments: Any) -> dict[str, Any]:
        """As `write`, for a method that only reads."""
        await self._wait(method, channel_id, priority)
        try:
            return await self._sender.read(method, channel=channel_id, **arguments)
        except RateLimited as limited:
            self._pacer.close(method, limited.retry_after_s)
            raise

    async def attach(self, channel_id: str, thread_ts: str, filename: str, content: str | bytes) -> None:
        """Upload a file into a thread. It cannot be deduplicated: after a crash it may be there twice."""
        await self._sender.upload(channel_id, thread_ts, filename, content)

    async def _wait(self, method: Method, channel_id: str, priority: Priority) -> None:
        wait_s = self._pacer.wait_s(method, channel_id, priority)
        while wait_s > 0:
            await asyncio.sleep(wait_s)
            wait_s = self._pacer.wait_s(method, channel_id, priority)
        self._pacer.take(method, channel_id, priority)
