"""What can go wrong with a harness outside a running turn. Inside a turn it is an update, `updates.Failed`.

HarnessError              .failure is the class a turn's record keeps; the message is a sentence for a person
├── StartError            the program could not be started, or did not get as far as being ready
├── ProtocolError         what it sent is not the Agent Client Protocol
├── SessionError          it is running, and refused to open a session
│   └── SessionLost       ... because it does not know the one to resume
└── PermissionGone        the permission request to answer is not waiting any more
UnknownHarness            no profile has that name
InstallError              a harness could not be installed
AgentError                a JSON-RPC error answer    } only between the modules of this package,
WireClosed                there will be no answer    } never seen by a person
"""

from __future__ import annotations

from typing import Any

from harnesses.updates import FailureClass


class HarnessError(Exception):
    """``failure`` and one sentence that says what a person can do next."""

    failure: FailureClass = "internal"

    def __init__(self, message: str, *, failure: FailureClass | None = None) -> None:
        super().__init__(message)
        if failure is not None:
            self.failure = failure


class StartError(HarnessError):
    failure: FailureClass = "start"


class ProtocolError(HarnessError):
    failure: FailureClass = "protocol"


class SessionError(HarnessError):
    failure: FailureClass = "provider_error"


class SessionLost(SessionError):
    failure: FailureClass = "session_lost"


class PermissionGone(HarnessError):
    failure: FailureClass = "exited"


class UnknownHarness(LookupError):
    def __init__(self, name: str, choices: list[str]) -> None:
        super().__init__(f"There is no harness named {name!r}. Choose one of: {', '.join(choices)}.")

    def __str__(self) -> str:
        return str(self.args[0])


class InstallError(Exception):
    """The message says what was tried and what to do about it."""


class AgentError(Exception):
    """The harness answered a request with a JSON-RPC error object."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class WireClosed(Exception):
    """The connection has ended. ``cause`` is set when we hung up because of what the harness sent."""

    def __init__(self, cause: ProtocolError | None = None) -> None:
        super().__init__("the connection to the harness has ended")
        self.cause = cause
