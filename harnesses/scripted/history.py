"""What the scripted harness remembers: one file of JSON lines per session in HOME."""

import json
import os

_FOLDER = ".scripted"


class History:
    """``prompts`` and ``answers`` in order. A prompt is on disk before it is answered, so a kill loses none."""

    def __init__(self, session_id: str, *, exists: bool) -> None:
        """Raises FileNotFoundError for a session that ``exists`` but has no file."""
        if not session_id.isalnum():
            raise FileNotFoundError(session_id)
        folder = os.path.join(os.environ["HOME"], _FOLDER)  # noqa: PTH118 (pathlib doubles the start-up time)
        self._path = os.path.join(folder, session_id)  # noqa: PTH118
        self.entries: list[tuple[str, str]] = []
        if exists:
            self._load()
        else:
            os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
            self._append(None)

    @property
    def prompts(self) -> list[str]:
        return [text for role, text in self.entries if role == "user"]

    def add(self, role: str, text: str) -> None:
        self.entries.append((role, text))
        self._append([role, text])

    def _load(self) -> None:
        with open(self._path, encoding="utf-8") as file:  # noqa: PTH123
            for line in file:
                if not line.endswith("\n"):
                    break  # killed while writing it
                if (entry := json.loads(line)) is not None:
                    self.entries.append((entry[0], entry[1]))

    def _append(self, entry: list[str] | None) -> None:
        with open(self._path, "a", encoding="utf-8") as file:  # noqa: PTH123
            file.write(json.dumps(entry) + "\n")
