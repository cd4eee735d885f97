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

_log = structlog.get_logger(__name__)
_REAP_EVERY_S = 5.0


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
        self._changed = asyncio.Condition()

    def session_directory(self, session_id: str) -> Path:
        """HOME and workspace of a session live here as long as the session does."""
        return self._home / "sessions" / session_id

    @asynccontextmanager
    async def lease(self, session_id: str, agent: AgentSnapshot) -> AsyncIterator[Lease]:
        """Wait for a place, then yield this session's warm process or a new one. Raises `HarnessError`.

        If the body raises, or the process is no longer usable, the process is ended.
        """
        warm = await self._take_place(session_id)
        process: HarnessProcess | None = None
        keep = False
        try:
            if warm is not None and warm.process.usable:
                process = warm.process
                yield Lease(process, opened=True)
            else:
                if warm is not None:
                    await warm.process.close()
                process = await self._start(session_id, agent)
                yield Lease(process, opened=False)
            keep = process.usable
        finally:
            if process is not None and not keep:
                await process.close()
                await self._remove_tmp(session_id)
            await self._give_place_back(session_id, process if keep else None)

    async def reap(self) -> None:
        """Run for as long as the service does: end processes that were idle too long."""
        while True:
            await asyncio.sleep(min(_REAP_EVERY_S, self._config.timeouts.idle / 2))
            deadline = asyncio.get_running_loop().time() - self._config.timeouts.idle
            for session_id in [s for s, warm in self._warm.items() if warm.idle_since <= deadline]:
                await self._end_warm(session_id)

    async def close(self) -> None:
        """End every warm process. Leased ones belong to their turns."""
        await asyncio.gather(*(self._end_warm(session_id) for session_id in list(self._warm)))

    async def _take_place(self, session_id: str) -> Warm | None:
        async with self._changed:
            while True:
                mine = self._warm.pop(session_id, None)
                if mine is not None or self._leased + len(self._warm) < self._config.limits.max_running:
                    self._leased += 1
                    return mine
                if self._warm:
                    longest_idle = min(self._warm, key=lambda s: self._warm[s].idle_since)
                    await self._end_warm(longest_idle)
                else:
                    await self._changed.wait()

    async def _give_place_back(self, session_id: str, process: HarnessProcess | None) -> None:
        async with self._changed:
            self._leased -= 1
            if process is not None:
                self._warm[session_id] = Warm(process, asyncio.get_running_loop().time())
            self._changed.notify_all()

    async def _end_warm(self, session_id: str) -> None:
        warm = self._warm.pop(session_id, None)
        if warm is not None:
            await warm.process.close()
            await self._remove_tmp(session_id)

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
            workspace=directory / "workspace",
            install_dir=install.directory(agent.harness, self._home / "harnesses"),
            model=agent.model,
            instructions=agent.instructions,
            provider=self._provider(agent, profile),
        )

    def _provider(self, agent: AgentSnapshot, profile: Profile) -> Provider | None:
        if not profile.apis:
            return None
        name = agent.provider
        current = self._config.agents.get(agent.name)
        if current is not None:
            name = current.provider
        provider = self._config.providers.get(name) if name is not None else None
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
    for directory in (spec.home, spec.tmp, spec.workspace):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
