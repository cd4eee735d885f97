"""Files between a thread and its session's workspace: what came with a message, and what the harness left to send."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.core.events import Fact, FileOffered, FileRefused, FileTaken, TurnQueued
from bot.core.gesture import SlackFile
from bot.engine.outlet import FileNotTaken, Files
from bot.redaction import Redactor
from bot.settings import Limits
from harnesses.workspace import files as workspace_files
from harnesses.workspace.files import OUT, Outbox
from harnesses.workspace.names import unique_name
from storage.outgoing import Outgoing
from storage.turns import StoredTurn

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Collected:
    """What a turn left: the facts to commit with its end, and what to do once they are."""

    facts: tuple[Fact, ...]
    outbox: Outbox = field(default_factory=Outbox)


class SessionFiles:
    def __init__(self, slack: Files, outgoing: Outgoing, limits: Limits, redactor: Redactor) -> None:
        self._slack = slack
        self._outgoing = outgoing
        self._limits = limits
        self._redactor = redactor

    async def take(self, queued: TurnQueued, workspace: Path) -> list[FileTaken | FileRefused]:
        """Download what came with a prompt into the workspace, one after the other. May be repeated: the same names
        are written again."""
        taken: list[FileTaken | FileRefused] = []
        names: list[str] = []
        most = self._limits.files_per_message
        for place, file in enumerate(queued.files):
            name = unique_name(file.name, names)
            names.append(name)
            if place >= most:
                reason = f"a message may bring {most} files (limits.files_per_message)"
                taken.append(FileRefused(name=name, reason=reason))
            else:
                taken.append(await self._take_one(queued, workspace, file, name))
        return taken

    async def collect(self, turn: StoredTurn, workspace: Path) -> Collected:
        """What lies in the workspace's outbox, copied. What cannot be read is said in the thread, not raised."""
        try:
            outbox = await asyncio.to_thread(
                workspace_files.look_out,
                workspace,
                self._outgoing.of_turn(turn.id),
                most_files=self._limits.files_per_message,
                most_bytes=self._limits.file_bytes,
                objection=self._objection,
            )
        except OSError as error:
            reason = f"it could not be looked into ({error.strerror})"
            return Collected((FileRefused(name=OUT, reason=reason, direction="out"),))
        facts: list[Fact] = [
            FileOffered(number=file.number, name=file.name, size=file.size, sha256=file.sha256)
            for file in outbox.offered
        ]
        facts += [FileRefused(name=file.name, reason=file.reason, direction="out") for file in outbox.skipped]
        if outbox.waiting:
            reason = f"{outbox.waiting} more entries of {OUT} wait for the next turn (limits.files_per_message)"
            facts.append(FileRefused(name=OUT, reason=reason, direction="out"))
        return Collected(tuple(facts), outbox)

    async def put_away(self, turn: StoredTurn, workspace: Path, collected: Collected) -> None:
        """After the commit. What cannot be moved is offered again by the next turn."""
        if not collected.outbox.offered and not collected.outbox.skipped:
            return
        try:
            await asyncio.to_thread(workspace_files.put_away, workspace, turn.ordinal, collected.outbox)
        except OSError as error:
            _log.warning("files.not_put_away", turn_id=turn.id, error=str(error))

    async def _take_one(
        self, queued: TurnQueued, workspace: Path, file: SlackFile, name: str
    ) -> FileTaken | FileRefused:
        try:
            content = await self._slack.fetch(file, self._limits.file_bytes)
            path = await asyncio.to_thread(workspace_files.put, workspace, queued.ordinal, name, content)
        except FileNotTaken as refused:
            return FileRefused(name=name, reason=str(refused))
        except OSError as error:
            _log.warning("files.not_written", session_workspace=str(workspace), error=str(error))
            return FileRefused(name=name, reason=f"it could not be written ({error.strerror})")
        return FileTaken(
            name=name,
            path=path,
            size=len(content),
            mimetype=file.mimetype,
            user_name=queued.user_name or queued.user_id,
        )

    def _objection(self, content: bytes) -> str | None:
        return "it holds a secret, or what looks like one" if self._redactor.holds_secret(content) else None
