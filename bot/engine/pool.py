"""Harness processes: kept warm between the turns of a session, bounded in number, reaped when idle.

A process belongs to one session. While a turn uses it it is leased; afterwards it stays warm until it has been idle
for ``timeouts.idle`` or its place is needed. Nothing here outlives the service: what is lost is started again and
resumed through `session/load`.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import SecretStr

from bot.engine.agent import AgentSnapshot
from bot.redaction import Redactor
from bot.settings import Config
from harnesses import install
from harnesses.errors import StartError
from harnesses.process import HarnessProcess
from harnesses.profile import Profile, Provider, Spec
from harnesses.workspace.files import OUT

_log = structlog.get_logger(__name__)
_REAP_EVERY_S = 5.0
OUTBOX_NOTE = f"To send a file to the people you talk with, put it into {OUT}/ in your workspace before you finish."


@dataclass(slots=True)
class Warm:
    process: HarnessProcess
    idle_since: float


@dataclass(slots=True)
class Lease:
    """A process that belongs to the caller until the lease ends. ``opened`` says whether its session is open yet."""

    process: HarnessProcess
    opened: bool


class HarnessPool:
    def __init__(
        self,
        config: Config,
        home: Path,
        keys: Mapping[str, SecretStr],
        redactor: Redactor,
        profiles: Callable[[str], Profile],
    ) -> None:
        self._config = config
        self._home = home
        self._keys = keys
        self._redactor = redactor
        self._profile = profiles
        self._warm: dict[str, Warm] = {}
        self._leased = 0
        self._ending: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    def session_directory(self, session_id: str) -> Path:
        """HOME and workspace of a session live here as long as the session does."""
        return self._home / "sessions" / session_id

    def workspace(self, session_id: str) -> Path:
        """Where a session works; it may not exist yet."""
        return self.session_directory(session_id) / "workspace"

    @asynccontextmanager
    async def lease(self, session_id: str, agent: AgentSnapshot) -> AsyncIterator[Lease]:
        """Wait for a place, then yield this session's warm process or a new one. Raises `HarnessError`.

        If the body raises, or the process is no longer usable, the process is ended.
        """
        process = await self._take_place(session_id)
        keep = False
        try:
            opened = process is not None
            if process is None:
                process = await self._start(session_id, agent)
            yield Lease(process, opened)
            keep = process.usable
        finally:
            self._leased -= 1
            self._changed.set()
            if process is not None and keep:
                self._warm[session_id] = Warm(process, asyncio.get_running_loop().time())
            elif process is not None:
                await asyncio.shield(self._end(session_id, process))

    async def reap(self) -> None:
        """Run for as long as the service does: end processes that were idle too long."""
        while True:
            await asyncio.sleep(min(_REAP_EVERY_S, self._config.timeouts.idle / 2))
            deadline = asyncio.get_running_loop().time() - self._config.timeouts.idle
            for session_id in [s for s, warm in self._warm.items() if warm.idle_since <= deadline]:
                self._end_warm(session_id)

    async def close(self) -> None:
        """End every warm process. Leased ones belong to their turns."""
        for session_id in list(self._warm):
            self._end_warm(session_id)
        await asyncio.gather(*self._ending.values(), return_exceptions=True)

    async def _take_place(self, session_id: str) -> HarnessProcess | None:
        """The session's warm process, if there is one. Cancelled, it has taken nothing."""
        while True:
            if session_id not in self._ending:
                mine = self._warm.get(session_id)
                if mine is not None and not mine.process.usable:
                    self._end_warm(session_id)
                elif mine is not None or self._places_taken() < self._config.limits.max_running:
                    self._warm.pop(session_id, None)
                    self._leased += 1
                    return mine.process if mine is not None else None
                elif self._warm and not self._ending:
                    self._end_warm(min(self._warm, key=lambda s: self._warm[s].idle_since))
            self._changed.clear()
            await self._changed.wait()

    def _places_taken(self) -> int:
        return self._leased + len(self._warm) + len(self._ending)

    def _end_warm(self, session_id: str) -> None:
        self._end(session_id, self._warm.pop(session_id).process)

    def _end(self, session_id: str, process: HarnessProcess) -> asyncio.Task[None]:
        """A process that ends keeps its place, and its session has to wait: it still uses the same directories. Whoever
        began it may be cancelled, so it is a task of the pool's own."""

        async def end() -> None:
            await process.close()
            await self._remove_tmp(session_id)

        ending = asyncio.create_task(end(), name=f"end of {session_id}")
        self._ending[session_id] = ending
        ending.add_done_callback(lambda _: self._ended(session_id))
        return ending

    def _ended(self, session_id: str) -> None:
        ending = self._ending.pop(session_id)
        self._changed.set()
        if not ending.cancelled() and (error := ending.exception()) is not None:
            _log.error("harness.not_ended", session_id=session_id, exc_info=error)

    async def _start(self, session_id: str, agent: AgentSnapshot) -> HarnessProcess:
        profile = self._profile(agent.harness)
        spec = self._spec(session_id, agent, profile)
        await asyncio.to_thread(_make_directories, spec)
        _log.info("harness.starting", harness=agent.harness, session_id=session_id)
        return await HarnessProcess.start(
            profile,
            spec,
            initialize_timeout=self._config.timeouts.initialize,
            silence_timeout=self._config.timeouts.silence,
            scrub=self._redactor.scrub,
        )

    def _spec(self, session_id: str, agent: AgentSnapshot, profile: Profile) -> Spec:
        directory = self.session_directory(session_id)
        return Spec(
            session_id=session_id,
            home=directory / "home",
            tmp=self._tmp(session_id),
            workspace=self.workspace(session_id),
            install_dir=install.directory(agent.harness, self._home / "harnesses"),
            model=agent.model,
            instructions=f"{agent.instructions}\n\n{OUTBOX_NOTE}".strip(),
            provider=self._provider(agent, profile),
        )

    def _provider(self, agent: AgentSnapshot, profile: Profile) -> Provider | None:
        if not profile.apis:
            return None
        current = self._config.agents.get(agent.name)
        # The agent may have another harness by now, with a provider that this session's cannot use.
        wishes = (
            current.provider if current is not None and current.harness == agent.harness else None,
            agent.provider,
        )
        name = next((wish for wish in wishes if wish in self._config.providers), None)
        provider = self._config.providers[name] if name is not None else None
        if name is None or provider is None or name not in self._keys:
            raise StartError(
                f"agent {agent.name} has no provider in the configuration any more; "
                f"add [providers.NAME] with api = {profile.apis[0]!r} and restart Reins"
            )
        return Provider(provider.api, provider.base_url, self._keys[name].get_secret_value())

    def _tmp(self, session_id: str) -> Path:
        return self._home / "tmp" / session_id

    async def _remove_tmp(self, session_id: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._tmp(session_id), ignore_errors=True)


def _make_directories(spec: Spec) -> None:
    try:
        for directory in (spec.home, spec.tmp, spec.workspace):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"The session's directories could not be made ({error.strerror}). "
            "Whoever runs Reins should check its disk and the permissions of REINS_HOME."
        ) from error
