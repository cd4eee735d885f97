"""What a prompt can make the scripted harness do.

A prompt without a script gets the default answer: the prompt and the session's first prompt quoted, and how many
prompts the session has had. Each ``script: …`` in a prompt, up to the end of its line, is one step, in order:

    say TEXT                  answer TEXT
    echo                      answer the whole prompt as it arrived
    think TEXT                a thought
    stream N DELAY            N pieces "1 ", "2 ", ... with DELAY (20ms, 1.5s) between them
    flood N                   N pieces of 1,000 characters as fast as they can be written
    long N                    N characters of numbered lines
    plan                      a plan of three entries, completed one after the other
    tool [N]                  a tool call with N (default 20) characters of output
    write NAME TEXT           write a file into the workspace without asking
    permission [NAME] [TEXT]  ask before writing it; says what was decided
    permission-late           the same, but what it is about is sent 50 ms after the question
    permission-bare           ask without ever saying what for
    story [PACE]              a turn like a real agent's; PACE (default 1) is how much slower
    wait-for FILE             go on once FILE exists in the workspace
    spawn SECONDS             leave a process in a session of its own that ignores SIGTERM; answers its pid
    usage IN OUT [COST]       report these tokens for the turn, and COST more US dollars
    stderr N                  write N bytes to stderr
    env                       answer the names of its environment variables
    instructions              answer the instructions it was given
    provider-error STATUS     end the turn with that HTTP status of a provider that does not exist
    garbage [N]               N (default 3) lines that are not JSON
    hang                      say nothing until cancelled
    deaf                      say nothing, not even when cancelled
    exit STATUS               end the process in the middle of the turn
"""

import os
import re
import signal
import time
from collections.abc import Callable
from typing import Any

from harnesses.scripted.session import Cancelled, ScriptError, Session
from harnesses.scripted.story import story

DISCLAIMER = "(Scripted harness: no model is behind these words.)"
_SCRIPT = re.compile(r"script:[ \t]*([a-z-]+)[ \t]*([^\n]*)")
_QUOTED = 2_000  # characters of a prompt that the default answer quotes


def run(session: Session, prompt: str) -> dict[str, Any]:
    """One turn; the PromptResponse. Raises ScriptError."""
    session.history.add("user", prompt)
    session.prompt, session.said, session.usage = prompt, [], None
    reason = "end_turn"
    session.update("usage_update", used=0, size=0, _meta={"scripted/model": session.agent.model})
    try:
        if len(session.history.prompts) == 1:
            session.say(DISCLAIMER + "\n\n")
        steps = _SCRIPT.findall(prompt)
        for name, arguments in steps:
            _step(session, name, arguments.strip())
        if not steps:
            _default(session)
        session.pause(0)
    except Cancelled:
        reason = "cancelled"
    answer = "".join(session.said)
    session.history.add("agent", answer)
    session.update("usage_update", used=0, size=0, cost={"amount": session.cost, "currency": "USD"})
    sent, made = session.usage or (len(prompt.split()), len(answer.split()))
    usage = {"inputTokens": sent, "outputTokens": made, "totalTokens": sent + made}
    return {"stopReason": reason, "usage": usage}


def _default(session: Session) -> None:
    prompts = session.history.prompts
    session.say(f"This is prompt {len(prompts)} of this session. You wrote:\n\n> {_quoted(prompts[-1])}\n\n")
    session.say(f"The first prompt of this session was:\n\n> {_quoted(prompts[0])}\n")


def _quoted(text: str) -> str:
    return text[:_QUOTED].replace("\n", "\n> ")


def _step(session: Session, name: str, arguments: str) -> None:
    script = SCRIPTS.get(name)
    if script is None:
        session.say(f"There is no script “{name}”. There are: {', '.join(SCRIPTS)}.\n")
        return
    try:
        script(session, arguments)
    except (ValueError, IndexError):
        session.say(f"The script “{name}” does not understand “{arguments}”.\n")


def _seconds(text: str) -> float:
    return float(text[:-2]) / 1000 if text.endswith("ms") else float(text.removesuffix("s"))


def _stream(session: Session, arguments: str) -> None:
    count, delay = arguments.split()
    for number in range(1, int(count) + 1):
        session.say(f"{number} ")
        session.pause(_seconds(delay))


def _flood(session: Session, arguments: str) -> None:
    for number in range(int(arguments)):
        session.say(f"{number:<999}\n")


def _long(session: Session, arguments: str) -> None:
    left = int(arguments)
    number = 0
    while left > 0:
        lines = "".join(f"{number + i:06} the quick brown fox jumps over the lazy dog\n" for i in range(20))[:left]
        number += 20
        left -= len(lines)
        session.say(lines)


def _plan(session: Session, arguments: str) -> None:
    steps = ("Read the code", "Change it", "Run the tests")
    for done in range(len(steps) + 1):
        states = ["completed" if i < done else "in_progress" if i == done else "pending" for i in range(len(steps))]
        entries = [
            {"content": step, "priority": "medium", "status": state} for step, state in zip(steps, states, strict=True)
        ]
        session.update("plan", entries=entries)
        session.pause(0.01)


def _tool(session: Session, arguments: str) -> None:
    call = session.call_id()
    command = "echo scripted"
    session.update(
        "tool_call", toolCallId=call, title=command, kind="execute", status="pending", rawInput={"command": command}
    )
    session.update("tool_call_update", toolCallId=call, status="in_progress")
    session.pause(0.01)
    output = ("scripted output\n" * (int(arguments or 20) // 16 + 1))[: int(arguments or 20)]
    content = [{"type": "content", "content": {"type": "text", "text": output}}]
    session.update("tool_call_update", toolCallId=call, status="completed", content=content)


def _put(session: Session, name: str, text: str) -> None:
    if not name or "/" in name or name.startswith("."):
        raise ValueError(name)
    with open(os.path.join(session.cwd, name), "w", encoding="utf-8") as file:  # noqa: PTH118, PTH123
        file.write(text)


def _edit(call: str, name: str, text: str) -> dict[str, Any]:
    return {
        "toolCallId": call,
        "title": f"Write {name}",
        "kind": "edit",
        "status": "pending",
        "rawInput": {"path": name, "content": text},
        "content": [{"type": "diff", "path": name, "oldText": None, "newText": text}],
        "locations": [{"path": name}],
    }


def _write(session: Session, arguments: str) -> None:
    name, _, text = arguments.partition(" ")
    call = session.call_id()
    session.update("tool_call", **_edit(call, name, text))
    _put(session, name, text)
    session.update("tool_call_update", toolCallId=call, status="completed")


def _permission(session: Session, arguments: str) -> None:
    name, _, text = (arguments or "permitted.txt").partition(" ")
    edit = _edit(session.call_id(), name, text)
    session.update("tool_call", **edit)
    _decided(session, session.ask(edit), edit)


def _permission_late(session: Session, arguments: str) -> None:
    name, _, text = (arguments or "permitted.txt").partition(" ")
    edit = _edit(session.call_id(), name, text)
    # Two processes, because this one waits for the answer before it could send what the question is about.
    if os.fork() == 0:
        time.sleep(0.05)
        session.update("tool_call_update", **edit)
        os._exit(0)
    decision = session.ask({"toolCallId": edit["toolCallId"], "title": edit["title"]})
    os.wait()
    _decided(session, decision, edit)


def _permission_bare(session: Session, arguments: str) -> None:
    edit = _edit(session.call_id(), "permitted.txt", "")
    decision = session.ask({"toolCallId": edit["toolCallId"], "title": "Do something"})
    _decided(session, decision, edit)


def _decided(session: Session, option: str, edit: dict[str, Any]) -> None:
    allowed = option == "allow"
    if allowed:
        _put(session, edit["rawInput"]["path"], edit["rawInput"]["content"])
    status = "completed" if allowed else "failed"
    session.update("tool_call_update", toolCallId=edit["toolCallId"], status=status)
    session.say(f"Permission for {edit['title']}: {'allowed' if allowed else 'denied'}.\n")


def _wait_for(session: Session, arguments: str) -> None:
    while not os.path.exists(os.path.join(session.cwd, arguments)):  # noqa: PTH110, PTH118
        session.pause(0.01)


def _spawn(session: Session, arguments: str) -> None:
    seconds = float(arguments)
    away, escaped = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        os.write(escaped, b".")
        time.sleep(seconds)
        os._exit(0)
    os.read(away, 1)
    os.close(away)
    os.close(escaped)
    session.say(f"pid {pid}\n")


def _usage(session: Session, arguments: str) -> None:
    sent, made, *cost = arguments.split()
    session.usage = (int(sent), int(made))
    session.cost += float(cost[0]) if cost else 0.0


def _provider_error(session: Session, arguments: str) -> None:
    raise ScriptError(f"the provider answered {arguments}", int(arguments))


def _garbage(session: Session, arguments: str) -> None:
    session.agent.write(b"this is not JSON\n" * int(arguments or 3))


def _deaf(session: Session, arguments: str) -> None:
    while True:
        time.sleep(3600)


SCRIPTS: dict[str, Callable[[Session, str], None]] = {
    "say": lambda session, text: session.say(text + "\n"),
    "echo": lambda session, _: session.say(session.prompt),
    "think": lambda session, text: session.update("agent_thought_chunk", content={"type": "text", "text": text}),
    "stream": _stream,
    "flood": _flood,
    "long": _long,
    "plan": _plan,
    "tool": _tool,
    "write": _write,
    "permission": _permission,
    "permission-late": _permission_late,
    "permission-bare": _permission_bare,
    "story": story,
    "wait-for": _wait_for,
    "spawn": _spawn,
    "usage": _usage,
    "stderr": lambda session, count: session.agent.complain(int(count)),
    "env": lambda session, _: session.say(" ".join(sorted(os.environ)) + "\n"),
    "instructions": lambda session, _: session.say(session.instructions + "\n"),
    "provider-error": _provider_error,
    "garbage": _garbage,
    "hang": lambda session, _: session.pause(float("inf")),
    "deaf": _deaf,
    "exit": lambda session, status: os._exit(int(status)),
}
