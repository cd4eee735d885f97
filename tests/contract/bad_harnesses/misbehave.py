"""An ACP agent that is well-behaved until it is prompted (or, for some manners, not even that long)."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

SESSION = "s1"


def send(**message: Any) -> None:
    os.write(1, json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def chunk(text: str) -> None:
    content = {"type": "text", "text": text}
    update = {"sessionUpdate": "agent_message_chunk", "content": content}
    send(method="session/update", params={"sessionId": SESSION, "update": update})


def write_all(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def exits() -> None:
    os._exit(3)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def forever() -> None:
    while True:
        time.sleep(3600)


def lines(line: bytes) -> None:
    while True:
        write_all(line + b"\n")


def sixty_megabytes() -> None:
    head = b'{"jsonrpc":"2.0","method":"session/update","params":{"x":"'
    write_all(head)
    for _ in range(60):
        write_all(b"x" * 1_000_000)
    write_all(b'"}}\n')
    forever()


def nested_arrays() -> None:
    for _ in range(5):
        write_all(b'{"jsonrpc":"2.0","method":"session/update","params":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n")
    os._exit(9)


def stderr() -> None:
    os.write(2, b"complaint\n" * 30_000)
    os._exit(4)


def flood() -> None:
    for number in range(40_000):
        chunk(f"{number:<2000}")
    os._exit(5)


def closed_stdout() -> None:
    os.close(1)
    forever()


def zombies() -> None:
    for number in range(40):
        pid = os.fork()
        if pid == 0:
            if number % 4 == 0:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if os.fork() == 0:
                    forever()
            os._exit(0)
    stopped = os.fork()
    if stopped == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        forever()
    chunk("children everywhere")
    os._exit(6)


def half_a_line() -> None:
    chunk("so far")
    write_all(b'{"jsonrpc":"2.0","method":"session/upd')
    os.kill(os.getpid(), signal.SIGKILL)


def wrong_types() -> None:
    values: list[Any] = [None, 1, 1e308, "x", "\ud800", True, [], {}, [[]], [None], {"type": "text", "text": 3}]
    keys = ("content", "entries", "toolCallId", "title", "kind", "status", "locations", "rawInput", "cost", "used")
    kinds = ("agent_message_chunk", "tool_call", "tool_call_update", "plan", "usage_update", "config_option_update", 7)
    for value in values:
        for kind in kinds:
            update = {"sessionUpdate": kind, **dict.fromkeys(keys, value), "configOptions": value}
            send(method="session/update", params={"sessionId": SESSION, "update": update})
        send(method="session/update", params=value)
        send(method=value, params={})
        send(id=value, error=value)
        send(id=99, method="session/request_permission", params=value)
        send(id=99, method="fs/read_text_file", params=value)
    os._exit(7)


MANNERS: dict[str, Callable[[], None]] = {
    "exits": exits,
    "killed": killed,
    "hangs": forever,
    "garbage": lambda: lines(b"Loading, please wait..."),
    "blank-lines": lambda: lines(b""),
    "bad-utf8": lambda: lines(b"\xff\xfe\x80 not text"),
    "non-object": lambda: lines(b"123"),
    "nested": nested_arrays,
    "long-line": sixty_megabytes,
    "stderr": stderr,
    "flood": flood,
    "closed-stdout": closed_stdout,
    "zombies": zombies,
    "half-a-line": half_a_line,
    "wrong-types": wrong_types,
    "made-up-reason": lambda: None,
    "slow-model": lambda: chunk("it was prompted"),
    "lingers": lambda: chunk("alone" if not predecessor_lives() else "in company"),
}
LINGERING = "lingering"
MODEL = {"id": "model", "category": "model", "currentValue": "slow", "options": [{"value": "slow"}, {"value": "other"}]}


def predecessor_lives() -> bool:
    try:
        with open(LINGERING, encoding="utf-8") as file:  # noqa: PTH123
            os.kill(int(file.read()), 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return True


def linger() -> None:
    """Take a second to notice that nobody needs it any more."""
    with open(LINGERING + ".new", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(str(os.getpid()))
    os.rename(LINGERING + ".new", LINGERING)  # noqa: PTH104
    time.sleep(1)


def main(manner: str) -> None:
    if manner == "exits-at-once":
        print("a library is missing", file=sys.stderr)
        sys.exit(3)
    if manner == "silent-initialize":
        forever()
    if manner == "garbage-initialize":
        lines(b"usage: something else")
    for line in sys.stdin:
        message = json.loads(line)
        match message.get("method"):
            case "initialize":
                if manner == "stderr":
                    os.write(2, b"complaint\n" * 30_000)
                can = {"loadSession": manner == "lingers"}
                version = 2 if manner == "other-version" else 1
                send(id=message["id"], result={"protocolVersion": version, "agentCapabilities": can})
            case "session/new" | "session/load":
                options = {"configOptions": [MODEL]} if manner == "slow-model" else {}
                send(id=message["id"], result={"sessionId": SESSION, **options})
            case "session/set_config_option":
                while not os.path.exists("go"):  # noqa: PTH110
                    time.sleep(0.01)
                send(id=message["id"], result={"configOptions": [MODEL]})
            case "session/prompt":
                MANNERS[manner]()
                ended = "end_turn" if manner in ("slow-model", "lingers") else "boredom"
                send(id=message["id"], result={"stopReason": ended})
    if manner == "lingers":
        linger()


main(sys.argv[1])
