"""`reins audit`, `reins backup` and `reins session`: what is on record, read with or without a running service."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot import control
from bot.cli import places
from bot.cli.transcript import transcript
from storage import backup as backups
from storage import event_log, sessions, turns, verification
from storage.audit import OfSession
from storage.chain import Head
from storage.database import Storage
from storage.errors import StorageLocked
from storage.sessions import StoredSession

audit = typer.Typer(help="The chain of events: what it proves, and erasing from it.", no_args_is_help=True)
session = typer.Typer(help="Sessions and what was said and done in them.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(audit, name="audit")
    app.add_typer(session, name="session")
    app.command("backup")(backup)


@audit.command("verify")
def verify(
    head: str | None = typer.Option(None, help="a head kept elsewhere, n:digest; finds a log that was cut"),
) -> None:
    """Check every event against the chain. Exit code 1 when one is not what was recorded."""
    try:
        expected = Head.parse(head) if head else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    report = verification.verify(places.environment().REINS_HOME / "reins.db", expected)
    for erased in report.erased:
        typer.echo(f"erased   event {erased.n}, recorded in event {erased.recorded_n}: {erased.reason}")
    if report.fault is not None:
        typer.echo(f"BAD      event {report.fault.n} ({report.fault.kind}): {report.fault.what}")
        raise typer.Exit(1)
    typer.echo(f"sound    {report.events:,} events, head {report.head}")


@audit.command("head")
def head() -> None:
    """The chain's head, to be kept elsewhere and given to `reins audit verify --head`."""

    async def read() -> Head:
        reader = await Storage.open_read_only(places.environment().REINS_HOME)
        try:
            async with reader.connect() as conn:
                return await conn.run_sync(event_log.head)
        finally:
            await reader.close()

    typer.echo(str(asyncio.run(read())))


@audit.command("erase")
def erase(
    session_id: str = typer.Argument(help="the session, or the beginning of its id"),
    reason: str = typer.Option(..., help="why; stays on record"),
) -> None:
    """Erase what was said and done in a session. That it happened stays in the chain, with the reason."""
    home = places.environment().REINS_HOME

    async def do() -> int:
        chosen = await _one_session(session_id)
        answer = await control.ask(home, {"do": "erase", "session_id": chosen.id, "reason": reason})
        if answer is not None:
            return int(answer["recorded_n"])
        storage = await Storage.open(home)
        try:
            return await storage.erase(OfSession(chosen.id), reason)
        finally:
            await storage.close()

    try:
        recorded_n = asyncio.run(do())
    except StorageLocked as error:
        raise control.ControlFailed(f"{error} It does not answer on its control socket.") from error
    typer.echo(f"Erased; event {recorded_n} records it. Backups made before still hold what was erased.")


def backup(target: Path) -> None:
    """Copy the database to PATH while the service goes on, and check the copy."""
    report = backups.backup(places.environment().REINS_HOME, target)
    typer.echo(f"{target}: {report.events:,} events, head {report.head}")


@session.command("list")
def list_sessions(limit: int = typer.Option(20, min=1, max=10_000)) -> None:
    """The newest sessions."""

    async def read() -> list[StoredSession]:
        reader = await Storage.open_read_only(places.environment().REINS_HOME)
        try:
            async with reader.connect() as conn:
                return list(await conn.run_sync(lambda sync: sessions.recent(sync, limit)))
        finally:
            await reader.close()

    for found in asyncio.run(read()):
        opened = datetime.fromtimestamp(found.opened_at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
        where = f"{found.thread.channel_id}/{found.thread.thread_ts}"
        typer.echo(f"{found.id[:12]}  {opened}  {found.state:<6}  {found.agent:<16} {found.harness:<14} {where}")


@session.command("show")
def show_session(session_id: str = typer.Argument(help="the session, or the beginning of its id")) -> None:
    """A session from its first prompt to now."""

    async def read() -> str:
        chosen = await _one_session(session_id)
        reader = await Storage.open_read_only(places.environment().REINS_HOME)
        try:
            async with reader.connect() as conn:
                its_turns = await conn.run_sync(lambda sync: turns.of_session(sync, chosen.id))
                return transcript(chosen, its_turns, await event_log.read_session(conn, chosen.id))
        finally:
            await reader.close()

    typer.echo(asyncio.run(read()))


async def _one_session(prefix: str) -> StoredSession:
    reader = await Storage.open_read_only(places.environment().REINS_HOME)
    try:
        async with reader.connect() as conn:
            found = await conn.run_sync(lambda sync: sessions.with_prefix(sync, prefix))
    finally:
        await reader.close()
    if len(found) != 1:
        count = "no session" if not found else f"{len(found)} sessions"
        raise typer.BadParameter(f"{count} whose id starts with {prefix!r}; `reins session list` shows the ids")
    return found[0]
