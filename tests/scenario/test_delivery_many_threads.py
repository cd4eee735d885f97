"""Twenty threads stream at once under Slack's rates: Slack never says 429, and every answer is whole in the end."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

from bot.localslack.calls import Call
from tests.rig import SCRIPTED, Rig, ended_turns, rig_on, shown_text

THREADS = 20
CHUNKS = 100
SETTINGS = SCRIPTED + f"\n[limits]\nmax_running = {THREADS}\n"
WHOLE = " ".join(str(n) for n in range(1, CHUNKS + 1))


async def test_twenty_streaming_threads_never_meet_a_rate_limit(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home", rate_limits=True, settings=SETTINGS) as rig:
        await rig.start()
        channels = [rig.slack.add_channel(f"team-{n}", [rig.ann]) for n in range(4)]
        threads = []
        for number in range(THREADS):
            channel = channels[number % len(channels)]
            text = f"<@{rig.slack.bot_user_id}> script: stream {CHUNKS} 80ms"
            threads.append((channel, await rig.slack.say(rig.ann, channel, text)))
        await rig.slack.wait_for(lambda _: all(ended_turns(said(rig, *thread)) for thread in threads), 50)
        assert all(WHOLE in said(rig, *thread) for thread in threads)
        calls = list(rig.slack.calls)
        assert [call for call in calls if call.error == "ratelimited"] == []
        report(calls)


def said(rig: Rig, channel: str, ts: str) -> str:
    posts = rig.slack.messages(channel, ts)
    return "\n".join(shown_text(post) for post in posts if post.user == rig.slack.bot_user_id)


def report(calls: list[Call]) -> None:
    """How many calls it took, and how old what a thread showed was when the next state replaced it."""
    shown = [call for call in calls if call.method in ("chat.postMessage", "chat.update")]
    times: dict[str, list[float]] = {}
    for call in shown:
        intent = re.findall(r"[0-9a-f]{32}", str(call.args.get("metadata")))[0]
        times.setdefault(intent, []).append(call.at)
    gaps = [later - earlier for each in times.values() for earlier, later in pairwise(each)]
    print(
        f"\n{1000 * len(shown) / (THREADS * CHUNKS):.0f} calls per 1,000 chunks; staleness when replaced: "
        f"p50 {quantiles(gaps, n=20)[9]:.1f} s, p95 {quantiles(gaps, n=20)[18]:.1f} s, worst {max(gaps):.1f} s; "
        f"first sign within {max(each[0] for each in times.values()) - calls[0].at:.1f} s"
    )
