"""Reins beside a bot that runs the CLI: ``python -m benchmarks.floor``.

The other side is `benchmarks.floor_bot`: some forty lines of Bolt that run ``claude -p`` once per mention and forget
everything when they end. Both run the same executable of Claude Code (the one its ACP adapter brings along) against
the same mock model, which has no latency of its own, on a local Slack without rate limits. Reins keeps to Slack's rates
all the same. So the figures are overhead, and Reins pays for what it does more: it commits before it acknowledges, puts
what the agent does on record, speaks through the adapter, and holds to the rates.

Each round takes both sides in turn, each in a process of its own: start, a new thread, a second turn in it, a reply
that the model takes `REPLY_S` seconds to stream, and 10 threads at once, one in each of 10 channels.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from benchmarks import claude_code, idle
from benchmarks.children import Child, child
from benchmarks.reins import address_of, variables
from benchmarks.rows import Row, markdown, row
from benchmarks.shown import Thread
from bot.localslack import LocalSlack
from bot.slack.surface.manifest import manifest
from tests.harness_cli.mock_model import MockModel

ROUNDS = 5
AT_ONCE = 10
REPLY_S = 6.0
PIECES = 60
PIECE_CHARS = 20
QUIET_S = 20.0
"""Before the threads at once: by then Reins may again burst as far as it ever does towards Slack."""
SETTLE_S = 3.0
"""After them: until what they leave behind is all that there is."""
TURN_S = 120.0
CONNECT_S = 30.0
Name = Literal["floor", "reins"]

NEW, SECOND, SLOW, MANY = "open the thread", "go on with it", "take your time", "one of many"
ANSWERS = {
    NEW: "opened and done",
    SECOND: "continued and done",
    MANY: "handled and done",
    SLOW: " ".join(f"unhurriedpiece{number:05}" for number in range(PIECES)),
}


async def measure(directory: Path, *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Everything measured, as JSON values. Raises FileNotFoundError when Claude Code is not installed."""
    runs: dict[Name, list[dict[str, Any]]] = {"floor": [], "reins": []}
    async with claude_code.mock_model() as model:
        for prompt, answer in ANSWERS.items():
            delay_ms = round(1000 * REPLY_S / PIECES) if prompt == SLOW else 0
            await model.text(prompt, answer, chunk_size=PIECE_CHARS, delay_ms=delay_ms)
        for number in range(rounds):
            for side in runs if number % 2 == 0 else reversed(runs):
                with tempfile.TemporaryDirectory(dir=directory) as home:
                    runs[side].append(await _one(side, Path(home), model))
        await model.text(idle.PROMPT, idle.ANSWER)
        kept = await idle.threads(directory, model.base_url)
    return {
        "benchmark": "floor",
        "rounds": rounds,
        "at_once": AT_ONCE,
        "reply_s": REPLY_S,
        **{side: _medians(of) for side, of in runs.items()},
        "ratios": _medians([_ratios(*pair) for pair in zip(runs["floor"], runs["reins"], strict=True)]),
        "kept_by_reins": kept,
        "runs": runs,
    }


def table(measured: dict[str, Any]) -> str:
    """Markdown: both sides, the ratio (median of the rounds' ratios), the aim for Reins, and whether it was met."""
    floor, reins, ratios, kept = (measured[name] for name in ("floor", "reins", "ratios", "kept_by_reins"))
    rows: list[Row] = [("medians, seconds", "floor", "Reins", "aim for Reins", "met")]
    for what, name, aim, met in (
        ("start → connected", "connected_s", "≤ 1.0", reins["connected_s"] <= 1.0),
        ("mention → first sign", "sign_s", "≤ 0.1", reins["sign_s"] <= 0.1),
        ("new thread → final answer", "new_s", "≤ 1.3 × floor", ratios["new_s"] <= 1.3),
        ("second turn, same thread → final", "second_s", "≤ 0.25", reins["second_s"] <= 0.25),
        (f"{REPLY_S:g}-second reply: first answer text", "reply_text_s", "≤ 0.75", reins["reply_text_s"] <= 0.75),
    ):
        ours = f"{reins[name]:.3g} ({ratios[name]:.2f} ×)"
        rows.append(row(what, f"{floor[name]:.3g}", ours, aim, met))
    cpu = [f"{side['new_cpu_s']:.3g}" for side in (floor, reins)]
    rows.append(
        row(
            "new thread: processor seconds of all processes",
            cpu[0],
            f"{cpu[1]} ({ratios['new_cpu_s']:.2f} ×)",
            "—",
            "—",
        )
    )
    calls, many, answered = "reply_calls", "at_once_final_s", "at_once_answered"
    rows += [
        row(
            f"{REPLY_S:g}-second reply: API calls",
            *(f"{side[calls]:g}" for side in (floor, reins)),
            "≤ 9",
            reins[calls] <= 9,
        ),
        row(
            f"{AT_ONCE} threads at once: answered / final",
            *(f"{side[answered]:g} / {side[many]:.3g}" for side in (floor, reins)),
            f"{AT_ONCE} / ≤ floor",
            reins[answered] == AT_ONCE and ratios[many] <= 1,
        ),
        row(
            "memory kept per idle thread (PSS)",
            f"{floor['warm_mib'] / AT_ONCE:g} MiB",
            f"{kept['reaped_mib_per_thread']:g} MiB after the reaper, {kept['warm_mib_per_thread']:g} MiB while warm",
            "0 after the reaper, warm before",
            kept["reaped_mib_per_thread"] == 0 < kept["warm_mib_per_thread"],
        ),
    ]
    return markdown(rows)


def _medians(runs: list[dict[str, Any]]) -> dict[str, float]:
    return {name: round(statistics.median(run[name] for run in runs), 3) for name in runs[0]}


async def _one(side: Name, home: Path, model: MockModel) -> dict[str, Any]:
    async with LocalSlack(manifest(), rate_limits=False) as slack:
        ann = slack.add_user("ann")
        channels = [slack.add_channel(f"channel-{number}", [ann]) for number in range(AT_ONCE)]
        async with _side(side, home, slack, model) as running:
            await slack.wait_for(lambda s: s.sockets, CONNECT_S)
            said = {"connected_s": time.perf_counter() - running.started_at}
            await asyncio.sleep(1)
            thread = Thread(slack, ann, channels[0])
            used_s = running.tree_cpu_s()
            new = await thread.turn(NEW, ANSWERS[NEW], TURN_S)
            await asyncio.sleep(1)
            used_s = running.tree_cpu_s() - used_s
            second = await thread.turn(SECOND, ANSWERS[SECOND], TURN_S)
            before = slack.call_counts.total()
            slow = await Thread(slack, ann, channels[1]).turn(SLOW, ANSWERS[SLOW], TURN_S)
            calls = slack.call_counts.total() - before
            await asyncio.sleep(QUIET_S)
            finals = await _at_once(slack, ann, channels)
            await asyncio.sleep(SETTLE_S)
            below = running.below()
    return {
        **said,
        "sign_s": new["sign_s"],
        "new_s": new["final_s"],
        "new_cpu_s": used_s,
        "second_s": second["final_s"],
        "reply_text_s": slow["text_s"],
        "reply_final_s": slow["final_s"],
        "reply_calls": calls,
        "at_once_answered": len(finals),
        "at_once_final_s": max(finals, default=float("nan")),
        "warm_processes": below.started,
        "warm_mib": round(below.pss_mb, 1),
    }


async def _at_once(slack: LocalSlack, user_id: str, channels: list[str]) -> list[float]:
    """When each that was answered was, in seconds since its mention."""
    turns = [Thread(slack, user_id, channel).turn(MANY, ANSWERS[MANY], TURN_S) for channel in channels]
    ended = await asyncio.gather(*turns, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException) and not isinstance(one, TimeoutError):
            raise one
    return [one["final_s"] for one in ended if not isinstance(one, BaseException)]


def _ratios(floor: dict[str, Any], reins: dict[str, Any]) -> dict[str, float]:
    """Of one round."""
    return {name: reins[name] / floor[name] for name in floor if name.endswith("_s")}


@asynccontextmanager
async def _side(side: Name, home: Path, slack: LocalSlack, model: MockModel) -> AsyncIterator[Child]:
    if side == "floor":
        environ = {
            "CLI": str(claude_code.cli()),
            "WORK": str(home),
            "CLAUDE_CONFIG_DIR": str(home / "config"),
            "ANTHROPIC_BASE_URL": model.base_url,
            "ANTHROPIC_API_KEY": claude_code.KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_MAX_RETRIES": "2",
        }
        async with child("benchmarks.floor_bot", {**address_of(slack), **environ}) as running:
            yield running
        return
    settings = claude_code.SETTINGS.format(base_url=model.base_url, max_running=AT_ONCE, idle_s=900)
    environ = {**variables(home, address_of(slack), settings), **claude_code.give_to(home)}
    async with child("bot", environ, "run") as running:
        yield running


async def _main(rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        return await measure(Path(directory), rounds=rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description="Reins beside a small bot.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    wanted = parser.parse_args()
    print(json.dumps(asyncio.run(_main(wanted.rounds)), indent=2))


if __name__ == "__main__":
    main()
