"""Wakes the actor of a thread that has something to do. An idle thread costs nothing: it has no actor."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.engine import Connection

from bot.engine.actor import ThreadActor
from bot.engine.outlet import BacklogUnknown, PersonUnknown
from bot.engine.turn_run import Runtime
from bot.engine.turnstile import Turnstile
from storage import inbox, turns
from storage.errors import StorageError
from storage.inbox import ThreadKey

_log = structlog.get_logger(__name__)
_RETRY_S = (1.0, 2.0, 5.0, 10.0)
"""Seconds after which a thread that could not go on tries again."""
_INTERRUPT_S = 15.0
"""What an interrupted turn is given to end: longer than a harness that does not answer a cancel is waited for."""


class Dispatcher:
    def __init__(self, runtime: Runtime, bot_user_id: str) -> None:
        self._runtime = runtime
        self._bot_user_id = bot_user_id
        self._actors: dict[ThreadKey, ThreadActor] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self._turnstile = Turnstile()

    async def start(self) -> None:
        """Take up what an earlier run of the service left: gestures not handled and turns not started."""
        for thread in await self._runtime.storage.writer.run(_threads_with_work):
            self.notify(thread)

    def notify(self, thread: ThreadKey) -> None:
        """A gesture of this thread was committed."""
        if self._draining:
            return
        actor = self._actors.get(thread)
        if actor is not None:
            actor.wake()
            return
        actor = ThreadActor(self._runtime, thread, self._bot_user_id, self._turnstile)
        self._actors[thread] = actor
        task = asyncio.create_task(self._run(thread, actor), name=f"actor {thread.channel_id}/{thread.thread_ts}")
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    async def drain(self, grace_s: float, reason: str) -> None:
        """Start nothing more, let running turns go on for ``grace_s`` seconds, then interrupt them visibly. A turn
        whose end cannot be recorded even then is left to the next start."""
        self._draining = True
        for actor in self._actors.values():
            actor.drain()
        tasks = list(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for actor in self._actors.values():
                actor.interrupt(reason)
            stuck = (await asyncio.wait(late, timeout=_INTERRUPT_S))[1] if late else set()
            for task in stuck:
                _log.error("actor.abandoned", task=task.get_name())
                task.cancel()
            if stuck:
                await asyncio.wait(stuck)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("actor.failed", task=task.get_name(), exc_info=task.exception())

    async def _run(self, thread: ThreadKey, actor: ThreadActor) -> None:
        failures = 0
        try:
            while True:
                try:
                    await actor.run()
                    failures = 0
                except Exception as error:  # noqa: BLE001 - logged, and tried again: a thread never falls silent
                    known = isinstance(error, StorageError | PersonUnknown | BacklogUnknown)
                    _log.error("actor.waits", error=str(error), exc_info=None if known else error)
                    await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
                    failures += 1
                    actor.wake()
                    continue
                if not actor.has_news:
                    return
        except asyncio.CancelledError:
            await actor.abandon()
            raise
        finally:
            # In the same step as the decision to end: from here on `notify` makes a new actor.
            del self._actors[thread]


def _threads_with_work(conn: Connection) -> list[ThreadKey]:
    return list(dict.fromkeys([*inbox.pending_threads(conn), *turns.threads_with_queued(conn)]))
