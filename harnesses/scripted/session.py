"""One session of the scripted harness: what a script can do to it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harnesses.scripted.agent import Agent
    from harnesses.scripted.history import History


class ScriptError(Exception):
    """The turn ends with an error answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Cancelled(Exception):
    """The client cancelled the prompt."""


class Session:
    def __init__(self, agent: "Agent", identity: str, cwd: str, instructions: str, history: "History") -> None:
        self.agent = agent
        self.cwd = cwd
        self.instructions = instructions
        self.history = history
        self.prompt = ""
        self.said: list[str] = []
        self.usage: tuple[int, int] | None = None
        self.cost = 0.0
        self._identity = identity
        self._calls = 0

    def update(self, kind: str, /, **fields: Any) -> None:
        params = {"sessionId": self._identity, "update": {"sessionUpdate": kind, **fields}}
        self.agent.send({"method": "session/update", "params": params})

    def say(self, text: str) -> None:
        self.said.append(text)
        self.update("agent_message_chunk", content={"type": "text", "text": text})

    def pause(self, seconds: float) -> None:
        if self.agent.pause(seconds):
            raise Cancelled

    def call_id(self) -> str:
        self._calls += 1
        return f"{self._identity}-{len(self.history.entries)}-{self._calls}"

    def ask(self, tool_call: dict[str, Any]) -> str:
        """The option that was chosen. Raises Cancelled."""
        options = [
            {"optionId": "allow", "name": "Allow", "kind": "allow_once"},
            {"optionId": "allow-always", "name": "Allow always", "kind": "allow_always"},
            {"optionId": "reject", "name": "Reject", "kind": "reject_once"},
        ]
        params = {"sessionId": self._identity, "toolCall": tool_call, "options": options}
        outcome = self.agent.request("session/request_permission", params).get("outcome", {})
        if outcome.get("outcome") != "selected":
            raise Cancelled
        return str(outcome["optionId"])
