"""The composition root: settings in, a running service out. Nothing else wires things together."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Mapping
from importlib import import_module

import structlog
from pydantic import SecretStr

from bot import control
from bot.control import ControlFailed
from bot.engine.dispatcher import Dispatcher
from bot.engine.files import SessionFiles
from bot.engine.journal import Journal
from bot.engine.pool import HarnessPool
from bot.engine.recovery import end_interrupted_turns
from bot.engine.turn_run import Runtime
from bot.redaction import Redactor
from bot.settings import Config, Environment
from bot.slack.client import identify, make_client
from bot.slack.delivery.delivery import Delivery
from bot.slack.delivery.paced import PacedSender
from bot.slack.delivery.pacer import Pacer
from bot.slack.delivery.private import PrivateReplies
from bot.slack.delivery.sender import Sender
from bot.slack.files import SlackFiles
from bot.slack.intake.middleware import Intake
from bot.slack.intake.overtaking import Overtaking
from bot.slack.intake.socket import SocketWatch
from bot.slack.people import SlackPeople
from bot.slack.render.turn import Bounds
from harnesses import catalog
from harnesses.profile import Profile
from storage import event_log
from storage.audit import OfSession
from storage.database import Storage
from storage.errors import StorageError
from storage.inbox import ThreadKey
from storage.outgoing import Outgoing

_log = structlog.get_logger(__name__)
_HEAD_EVERY_S = 60.0
_FLUSH_S = 10.0
SHUTDOWN_REASON = "Reins was stopped while this was running."


def spare_the_collector() -> None:
    """For a process that serves and does nothing else: call it before the loop starts.

    What is imported by then stays for good. A full collection that walks it takes some 0.3 s under load, and nothing is
    acknowledged meanwhile; so it is left out of collections, and they come less often.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


class Outlets:
    """The engine's outlet: durable turns to delivery, passing remarks to private replies."""

    def __init__(self, delivery: Delivery, private: PrivateReplies) -> None:
        self._delivery = delivery
        self._private = private

    def turn_changed(self, thread: ThreadKey, turn_id: str) -> None:
        self._delivery.turn_changed(thread, turn_id)

    def tell_privately(self, channel_id: str, thread_ts: str | None, user_id: str, text: str) -> None:
        self._private.tell(channel_id, thread_ts, user_id, text)


class Operator:
    """What the control socket can be asked: ``health`` and ``erase``."""

    def __init__(self, storage: Storage, socket: SocketWatch) -> None:
        self._storage = storage
        self._socket = socket

    async def answer(self, request: control.Request) -> control.Answer:
        match request:
            case {"do": "health"}:
                return {"unwell": self._unwell()}
            case {"do": "erase", "session_id": str(session_id), "reason": str(reason)}:
                return {"recorded_n": await self._erase(session_id, reason)}
            case _:
                raise ControlFailed(
                    "This service does not know that request; is it of the same version as the command?"
                )

    async def _erase(self, session_id: str, reason: str) -> int:
        try:
            return await self._storage.erase(OfSession(session_id), reason)
        except StorageError as error:
            raise ControlFailed(str(error)) from error

    def _unwell(self) -> list[str]:
        """A sentence for each thing that is wrong now."""
        slack = [] if self._socket.connected.is_set() else ["it is not connected to Slack; its log says why"]
        return slack if self._storage.writer.health is None else [*slack, self._storage.writer.health]


class Service:
    """One running Reins. `run` returns after `stop` was called and everything is wound down."""

    def __init__(
        self,
        environment: Environment,
        config: Config,
        keys: Mapping[str, SecretStr],
        redactor: Redactor,
        profiles: Callable[[str], Profile] = catalog.get,
    ) -> None:
        self._environment = environment
        self._config = config
        self._keys = keys
        self._redactor = redactor
        self._profiles = profiles
        self._stopping = asyncio.Event()
        self.ready = asyncio.Event()
        """Set once gestures can arrive."""

    def stop(self) -> None:
        """Begin an orderly end: stop listening, let turns finish for a while, interrupt the rest visibly."""
        self._stopping.set()

    async def run(self) -> None:
        """Raises `SlackRefused` or one of `storage.errors.StorageRefused` when it cannot start."""
        storage = await Storage.open(self._environment.REINS_HOME)
        try:
            await self._run_with(storage)
        finally:
            await storage.close()

    async def _run_with(self, storage: Storage) -> None:
        bot_token, app_token = self._environment.slack_tokens()
        client = make_client(bot_token, self._environment.SLACK_API_URL)
        bot_user_id = (await identify(client)).user_id
        now = asyncio.get_running_loop().time
        sender = PacedSender(Sender(client), Pacer(now))
        limits = self._config.limits
        outgoing = Outgoing(self._environment.REINS_HOME)
        delivery = Delivery(storage, sender, Bounds(limits.message_chars, limits.turn_messages), outgoing)
        private = PrivateReplies(sender)
        pool = HarnessPool(self._config, self._environment.REINS_HOME, self._keys, self._redactor, self._profiles)
        overtaking = Overtaking(sender, self._redactor, bot_user_id, started_at=time.time())
        slack_files = SlackFiles(bot_token, self._environment.SLACK_API_URL)
        runtime = Runtime(
            storage,
            self._config,
            Journal(self._redactor),
            pool,
            Outlets(delivery, private),
            SlackPeople(sender, now),
            overtaking,
            SessionFiles(slack_files, outgoing, limits, self._redactor),
        )
        dispatcher = Dispatcher(runtime, bot_user_id)
        intake = Intake(storage, self._redactor, bot_user_id, dispatcher.notify, private.tell, overtaking.leave_aside)
        socket = SocketWatch(client, intake, app_token)
        operator = Operator(storage, socket)

        await end_interrupted_turns(runtime)
        await delivery.start()
        await dispatcher.start()
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(socket.run(), name="socket")
            others = [
                tasks.create_task(delivery.run(), name="delivery"),
                tasks.create_task(private.run(), name="private replies"),
                tasks.create_task(pool.reap(), name="harness reaper"),
                tasks.create_task(_emit_head(storage), name="audit head"),
                tasks.create_task(control.serve(self._environment.REINS_HOME, operator.answer), name="control socket"),
            ]
            others.append(tasks.create_task(self._greet(socket, bot_user_id), name="greeting"))
            await self._stopping.wait()
            _log.info("service.stopping", grace_s=self._config.timeouts.drain)
            listening.cancel()
            await dispatcher.drain(self._config.timeouts.drain, SHUTDOWN_REASON)
            await pool.close()
            await delivery.flush(_FLUSH_S)
            for task in others:
                task.cancel()
        _log.info("service.stopped")

    async def _greet(self, socket: SocketWatch, bot_user_id: str) -> None:
        await socket.connected.wait()
        self.ready.set()
        _log.info("service.ready", bot_user_id=bot_user_id)
        await _preload()


async def _emit_head(storage: Storage) -> None:
    """The chain's head, outside the database: kept elsewhere, it shows whether the log was cut or rewritten."""
    said = ""
    while True:
        try:
            head = str(await storage.writer.run(event_log.head))
        except StorageError as error:
            _log.error("audit.head_unknown", error=str(error))
        else:
            if head != said:
                said = head
                _log.info("audit.head", head=said)
        await asyncio.sleep(_HEAD_EVERY_S)


async def _preload() -> None:
    """Half a second of imports that the first turn would otherwise wait for."""
    await asyncio.to_thread(import_module, "harnesses.acp")
