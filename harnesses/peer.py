"""A harness process together with the connection to it: requests outside of a turn, how it ends, and sentences."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harnesses.errors import AgentError, ProtocolError, SessionError, SessionLost, StartError, WireClosed
from harnesses.outside import mapping, sentence
from harnesses.profile import Profile, Spec
from harnesses.sandbox import none
from harnesses.updates import FailureClass

if TYPE_CHECKING:
    from harnesses.acp import Asked, Notified, Wire

STDERR_TAIL = 16 * 1024  # characters
_SIGNALLED = 128  # a status of 128 + n says that signal n ended the process
_EXIT_TIMEOUT = 1.0  # seconds for a harness that closed its output to exit by itself, for the sake of its status


class Peer:
    def __init__(
        self,
        profile: Profile,
        spec: Spec,
        child: none.Child,
        setup_timeout: float,
        scrub: Callable[[str], str],
        notified: Notified,
        asked: Asked,
    ) -> None:
        from harnesses.acp import Wire  # slow to import; `HarnessProcess.start` has done it on a thread

        self.profile = profile
        self._spec = spec
        self._child = child
        self._setup_timeout = setup_timeout
        self._scrub = scrub
        self._closing = False
        self.wire: Wire = Wire(child.stdin, child.stdout, notified, asked)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def usable(self) -> bool:
        return not self.wire.ended and not self._closing and self._child.status is None

    @property
    def stderr_tail(self) -> str:
        # Scrubbed before it is cut: half a secret is not recognised any more.
        return self._scrub(self._child.stderr)[-STDERR_TAIL:]

    async def setup(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """A request outside of a turn. Raises HarnessError."""
        try:
            async with asyncio.timeout(self._setup_timeout):
                return mapping(await self.wire.request(method, params))
        except TimeoutError:
            raise StartError(
                f"{self.profile.name} did not answer {method} within {self._setup_timeout:g} s. "
                "Try again; if it keeps happening, look at its stderr in the log."
            ) from None
        except WireClosed as closed:
            message = await self.how_it_ended(closed)
            if closed.cause is not None:
                raise ProtocolError(message) from closed
            raise StartError(message) from closed
        except AgentError as error:
            failure, message = await self.classify(error)
            if method == "session/load" and failure not in ("provider_auth", "provider_rate"):
                message = f"does not know the session to resume ({sentence(error.message).rstrip('.')})"
                raise SessionLost(self.say(message)) from error
            raise SessionError(self.say(message), failure=failure) from error

    async def classify(self, error: AgentError) -> tuple[FailureClass, str]:
        """See `Profile.classify`."""
        return await asyncio.to_thread(self.profile.classify, error, self._spec)

    async def how_it_ended(self, closed: WireClosed) -> str:
        """A sentence, once the whole tree is gone."""
        closing, self._closing = self._closing, True
        await self.wire.close()
        by_itself = not closing and closed.cause is None and await self._child.ended(_EXIT_TIMEOUT)
        if not by_itself:
            await self._child.kill()
        if closed.cause is not None:
            return self.sentence(f"{self.profile.name} was stopped. {closed.cause}")
        if closing:
            return self.say("was stopped")
        if not by_itself:
            return self.say("closed its output, so nothing more could be heard, and was stopped")
        status = self._child.status
        if status is not None and status > _SIGNALLED:
            return self.say(f"was ended by signal {status - _SIGNALLED}; 9 often means that memory ran out")
        lines = self.stderr_tail.strip().splitlines()
        said = f": {lines[-1]}" if lines else ""
        return self.say(f"ended by itself with status {status}{said}")

    def abandon(self) -> None:
        """Stop listening and have the tree killed; returns at once. `close` has to follow some time."""
        self.wire.hang_up()
        self._child.signal_kill()

    async def close(self, grace: float) -> None:
        self._closing = True
        await self.wire.close()
        if grace > 0:
            await self._child.stop(grace)
        else:
            await self._child.kill()

    def say(self, message: str) -> str:
        """A sentence about the harness, without the secrets that an error may quote."""
        return self.sentence(f"{self.profile.name} {message.rstrip('.')}.")

    def sentence(self, text: str) -> str:
        return sentence(self._scrub(text))
