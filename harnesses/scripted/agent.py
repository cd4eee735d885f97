"""The scripted harness's side of the Agent Client Protocol v1: one thread, stdin polled between the steps."""

import json
import os
import select
import time
from collections.abc import Callable
from typing import Any

from harnesses.scripted.history import History
from harnesses.scripted.scripts import run
from harnesses.scripted.session import ScriptError, Session

MODELS = ("none", "none-either")  # there is no model; choosing one of two can still be exercised

Message = dict[str, Any]


class RpcError(Exception):
    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, "data": data}


class EndOfInput(Exception):
    """The client closed our stdin: time to go."""


class Agent:
    def __init__(self) -> None:
        self._input = b""
        self._waiting: list[Message] = []  # requests that came while a prompt was running
        self._answers: dict[Any, Message] = {}
        self._next_id = 0
        self._cancelled = False
        self._sessions: dict[str, Session] = {}
        self.model = os.environ.get("REINS_SCRIPTED_MODEL", MODELS[0])

    def run(self) -> int:
        try:
            while True:
                while not self._waiting:
                    self._read(None)
                self._handle(self._waiting.pop(0))
        except (EndOfInput, BrokenPipeError):
            return 0

    # -- what scripts use

    def send(self, message: Message) -> None:
        line = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")) + "\n"
        self.write(line.encode())

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]

    def complain(self, count: int) -> None:
        """Write ``count`` bytes to stderr."""
        view = memoryview((b"scripted complaint\n" * (count // 19 + 1))[:count])
        while view:
            view = view[os.write(2, view) :]

    def request(self, method: str, params: Message) -> Message:
        """The client's answer. A cancel does not end the wait: the client then answers "cancelled"."""
        self._next_id += 1
        identity = self._next_id
        self.send({"id": identity, "method": method, "params": params})
        while identity not in self._answers:
            self._read(None)
        result = self._answers.pop(identity).get("result")
        return result if isinstance(result, dict) else {}

    def pause(self, seconds: float) -> bool:
        """Wait while looking at stdin; whether the prompt has been cancelled, which ends the wait."""
        until = time.monotonic() + seconds
        while not self._cancelled:
            # select() refuses an endless wait given as a number.
            self._read(min(3600.0, max(0.0, until - time.monotonic())))
            if time.monotonic() >= until:
                break
        return self._cancelled

    # -- the wire

    def _read(self, timeout: float | None) -> None:
        """Take what is on stdin; wait for it at most ``timeout`` seconds (None: until there is something)."""
        if not select.select([0], [], [], timeout)[0]:
            return
        data = os.read(0, 65536)
        if not data:
            raise EndOfInput
        *lines, self._input = (self._input + data).split(b"\n")
        for line in lines:
            if line.strip():
                self._sort(json.loads(line))

    def _sort(self, message: Message) -> None:
        if message.get("method") == "session/cancel":
            self._cancelled = True
        elif "method" in message:
            self._waiting.append(message)
        elif "id" in message:
            self._answers[message["id"]] = message

    def _handle(self, message: Message) -> None:
        methods: dict[str, Callable[[Message], Message]] = {
            "initialize": self._initialize,
            "session/new": self._new,
            "session/load": self._load,
            "session/set_config_option": self._configure,
            "session/prompt": self._prompt,
        }
        method = methods.get(message["method"])
        try:
            if method is None:
                raise RpcError(-32601, "Method not found")
            reply: Message = {"result": method(message.get("params") or {})}
        except RpcError as error:
            reply = {"error": error.error}
        if "id" in message:
            self.send({"id": message["id"], **reply})

    # -- methods

    def _initialize(self, params: Message) -> Message:
        return {
            "protocolVersion": 1,
            "agentCapabilities": {"loadSession": True, "promptCapabilities": {}},
            "agentInfo": {"name": "scripted", "version": "1"},
            "authMethods": [],
        }

    def _new(self, params: Message) -> Message:
        identity = os.urandom(8).hex()
        self._open(identity, params, exists=False)
        return {"sessionId": identity, "configOptions": self._options()}

    def _load(self, params: Message) -> Message:
        identity = str(params.get("sessionId"))
        session = self._open(identity, params, exists=True)
        kinds = {"user": "user_message_chunk", "agent": "agent_message_chunk"}
        for role, text in session.history.entries:
            session.update(kinds[role], content={"type": "text", "text": text})
        return {"configOptions": self._options()}

    def _open(self, identity: str, params: Message, *, exists: bool) -> Session:
        try:
            history = History(identity, exists=exists)
        except FileNotFoundError:
            raise RpcError(-32002, "Resource not found", {"sessionId": identity}) from None
        instructions = (params.get("_meta") or {}).get("instructions", "")
        session = Session(self, identity, str(params.get("cwd")), instructions, history)
        self._sessions[identity] = session
        return session

    def _configure(self, params: Message) -> Message:
        if params.get("configId") != "model" or params.get("value") not in MODELS:
            raise RpcError(-32602, f"Unknown model; there are: {', '.join(MODELS)}")
        self.model = str(params["value"])
        return {"configOptions": self._options()}

    def _prompt(self, params: Message) -> Message:
        session = self._sessions.get(str(params.get("sessionId")))
        if session is None:
            raise RpcError(-32002, "Resource not found")
        self._cancelled = False
        blocks = params.get("prompt") or []
        text = "\n".join(block["text"] for block in blocks if block.get("type") == "text")
        try:
            return run(session, text)
        except ScriptError as error:
            raise RpcError(-32603, str(error), {"status": error.status}) from None

    def _options(self) -> list[Message]:
        choices = [{"value": name, "name": name} for name in MODELS]
        option = {"id": "model", "name": "Model", "category": "model", "type": "select"}
        return [{**option, "currentValue": self.model, "options": choices}]
