"""Whatever a message says of its files, it is heard, and what is kept of them is bounded."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.gesture import Message, SlackFile
from bot.slack.intake.parse import MOST_FILES, parse

FILE = {
    "id": "F1",
    "name": "shot.png",
    "mimetype": "image/png",
    "size": 108,
    "url_private": "https://files.slack.com/files-pri/T1-F1/shot.png",
    "url_private_download": "https://files.slack.com/files-pri/T1-F1/download/shot.png",
}


def files_in(files: Any) -> tuple[SlackFile, ...]:
    event = {"type": "message", "subtype": "file_share", "user": "U1", "text": "", "ts": "1.2", "channel": "D1"}
    message = parse(
        {"type": "event_callback", "team_id": "T1", "event_id": "E", "event": {**event, "files": files}}, "B"
    )
    assert isinstance(message, Message)
    assert Message.model_validate_json(message.model_dump_json()) == message
    return message.files


def test_a_file_is_kept_with_the_address_to_download_it_from() -> None:
    [file] = files_in([FILE])
    assert file == SlackFile(
        id="F1", name="shot.png", mimetype="image/png", size=108, url=str(FILE["url_private_download"])
    )


def test_a_deleted_file_has_no_address() -> None:
    [file] = files_in([{"id": "F1", "mode": "tombstone"}])
    assert (file.name, file.url, file.size) == ("file", "", 0)


@pytest.mark.parametrize("files", [None, [], {}, "x", 3, [None], ["F1"]])
def test_what_is_no_list_of_files_is_none(files: Any) -> None:
    assert files_in(files) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": -1},
        {"size": "108"},
        {"size": 2**80},
        {"size": None},
        {"name": ["a"]},
        {"mimetype": {"a": 1}},
        {"name": "\ud83d.png"},
        {"url_private_download": "https://files.slack.com/" + "a" * 10_000},
        {"name": "n" * 100_000},
    ],
)
def test_wrong_fields_cost_neither_the_message_nor_memory(wrong: dict[str, Any]) -> None:
    [file] = files_in([{**FILE, **wrong}])
    assert len(file.model_dump_json()) < 5_000


def test_more_files_than_a_message_can_have_are_cut() -> None:
    assert len(files_in([FILE] * 1000)) == MOST_FILES
