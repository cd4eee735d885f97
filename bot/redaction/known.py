"""Known secrets, found in a stream of text by the first eight characters of each form.

One dictionary look-up per character of text, however many secrets there are.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.redaction.forms import MIN_SECRET_CHARS

MARK = "[redacted]"

_ANCHOR = MIN_SECRET_CHARS


class KnownForms:
    """What to look for, prepared once. Its repr shows no form."""

    __slots__ = ("beginnings", "by_anchor", "longest")

    def __init__(self, forms: Iterable[str]) -> None:
        by_anchor: dict[str, list[str]] = {}
        for form in sorted(set(forms), key=len, reverse=True):
            by_anchor.setdefault(form[:_ANCHOR], []).append(form)
        self.by_anchor = {anchor: tuple(longest_first) for anchor, longest_first in by_anchor.items()}
        self.longest = max((len(form) for longest_first in by_anchor.values() for form in longest_first), default=0)
        self.beginnings = frozenset(anchor[:length] for anchor in by_anchor for length in range(1, _ANCHOR))

    def stand_in(self, content: bytes) -> bool:
        """Whether any form stands in ``content``, in UTF-8. Some 10 ms per MiB and secret."""
        return any(
            form.encode(errors="surrogatepass") in content for forms in self.by_anchor.values() for form in forms
        )

    def candidates(self, text: str) -> list[int]:
        """Where a form may begin: the places of all anchors."""
        anchors = self.by_anchor
        if not anchors:
            return []
        return [at for at in range(len(text) - _ANCHOR + 1) if text[at : at + _ANCHOR] in anchors]

    def length_at(self, text: str, at: int) -> int:
        """The length of the longest form that stands whole at the candidate ``at``; 0 if none does."""
        return next((len(form) for form in self.by_anchor[text[at : at + _ANCHOR]] if text.startswith(form, at)), 0)

    def undecided(self, text: str, candidates: list[int]) -> int:
        """Where the first form that may go on past the end of ``text`` begins; ``len(text)`` if none does."""
        for at in candidates:
            rest = text[at:] if len(text) - at < self.longest else ""
            if rest and any(len(form) > len(rest) and form.startswith(rest) for form in self.by_anchor[rest[:_ANCHOR]]):
                return at
        for at in range(max(0, len(text) - _ANCHOR + 1), len(text)):
            if text[at:] in self.beginnings:
                return at
        return len(text)


class KnownScrubber:
    """Replaces every character that belongs to a form, where forms overlap as well, by one mark per run."""

    __slots__ = ("_forms", "_held", "_hidden")

    def __init__(self, forms: KnownForms) -> None:
        self._forms = forms
        self._held = ""
        self._hidden = 0  # how much of what is held already stands behind a mark that went out

    def feed(self, text: str) -> str:
        return self._pass_on(self._held + text, final=False)

    def flush(self) -> str:
        return self._pass_on(self._held, final=True)

    def _pass_on(self, text: str, *, final: bool) -> str:
        candidates = self._forms.candidates(text)
        decided = len(text) if final else self._forms.undecided(text, candidates)
        out: list[str] = []
        hidden = self._hidden
        for start in candidates:
            if start >= decided:
                break
            length = self._forms.length_at(text, start)
            if length and start >= hidden:
                out += (text[hidden:start], MARK)
            hidden = max(hidden, start + length if length else 0)
        if hidden < decided:
            out.append(text[hidden:decided])
        self._held = text[decided:]
        self._hidden = max(0, hidden - decided)
        return "".join(out)
