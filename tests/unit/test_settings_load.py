"""A settings file either becomes settings, or says everything that is wrong with it, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Config, ConfigError, load_config

APIS = {"claude-code": ("anthropic",), "opencode": ("anthropic", "openai"), "scripted": ()}

MINIMAL = """\
[defaults]
agent = "coder"

[agents.coder]
harness = "scripted"
sandbox = "none"
"""

WITH_PROVIDER = """\
[defaults]
agent = "coder"

[agents.coder]
harness = "claude-code"
sandbox = "none"

[providers.main]
api = "anthropic"
base_url = "https://api.anthropic.com"
key = "env:ANTHROPIC_API_KEY"
"""


@pytest.fixture
def write(tmp_path: Path) -> Path:
    return tmp_path / "reins.toml"


def load(path: Path, text: str) -> Config:
    path.write_text(text, encoding="utf-8")
    return load_config(path, harness_apis=APIS)


def problems(path: Path, text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(ConfigError) as error:
        load(path, text)
    for problem in error.value.problems:
        assert problem.file == path
        assert problem.found
        assert problem.expected
        assert str(problem) in str(error.value)
    return [(problem.line, str(problem)) for problem in error.value.problems]


def only(path: Path, text: str) -> tuple[int | None, str]:
    found = problems(path, text)
    assert len(found) == 1, found
    return found[0]


def test_the_least_that_works(write: Path) -> None:
    config = load(write, MINIMAL)
    assert config.agents["coder"].policy == "deny-all"
    assert config.agents["coder"].provider is None
    assert (config.limits.max_running, config.limits.max_queued_per_thread) == (8, 50)
    assert (config.timeouts.silence, config.timeouts.wall) == (600, 7200)


def test_everything_that_can_be_said(write: Path) -> None:
    config = load(
        write,
        WITH_PROVIDER.replace('sandbox = "none"', 'sandbox = "none"\nmodel = "sonnet"\npolicy = "allow-all"')
        + '[channels.C0123ABCD]\nagent = "coder"\n[limits]\nmax_running = 2\n[timeouts]\nsilence = 0.5\nwall = 10\n',
    )
    assert config.agents["coder"].policy == "allow-all"
    assert config.agents["coder"].provider == "main"
    assert config.channels["C0123ABCD"].agent == "coder"
    assert config.timeouts.silence == 0.5


def test_all_problems_are_told_at_once_in_the_order_of_the_file(write: Path) -> None:
    found = problems(
        write,
        """\
[defaults]
agent = "codr"

[agents.coder]
harness = "claude-cod"
modle = "x"

[agents."bad name"]
harness = "scripted"
sandbox = "bwrap"

[limits]
max_running = 0
message_chars = "many"

[channels.general]
agent = "coder"

[timeout]
wall = 1
""",
    )
    assert [line for line, _ in found] == [2, 4, 5, 6, 8, 10, 13, 14, 16, 19]
    said = dict(found)
    assert "did you mean `coder`?" in said[2]
    assert "no key `sandbox`" in said[4]
    assert "did you mean `claude-code`?" in said[5]
    assert "did you mean `model`?" in said[6]
    assert "bad name" in said[8]
    assert "bwrap" in said[10]
    assert "max_running = 0" in said[13]
    assert "greater than or equal to 1" in said[13]
    assert "'many'" in said[14]
    assert "C0123ABCD" in said[16]
    assert "did you mean `timeouts`?" in said[19]


def test_a_sandbox_has_to_be_chosen_and_none_is_explained(write: Path) -> None:
    for text in (MINIMAL.replace('sandbox = "none"\n', ""), MINIMAL.replace('"none"', '"docker"')):
        _, said = only(write, text)
        assert 'sandbox = "none", written out' in said
        assert "rights of the account" in said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[defaults]\nagent = \n", 2),
        ("[defaults]\nagent = 'a'\nagent = 'b'\n", 3),
        ("[defaults\n", 1),
        ("[defaults]\nagent = '''open\n\n", 4),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(write: Path, text: str, line: int) -> None:
    told, said = only(write, text)
    assert told == line
    assert "expected valid TOML" in said


def test_a_file_that_is_not_there_or_not_text_is_told(write: Path) -> None:
    with pytest.raises(ConfigError, match="reins init"):
        load_config(write, harness_apis=APIS)
    write.write_bytes(b"[defaults]\nagent = '\xff'\n")
    with pytest.raises(ConfigError, match=r"reins\.toml:2: found bytes that are not UTF-8"):
        load_config(write, harness_apis=APIS)


def test_an_empty_file_says_which_tables_are_wanted(write: Path) -> None:
    said = "\n".join(text for _, text in problems(write, ""))
    assert "no table `defaults`" in said
    assert "no table `agents`" in said
    assert "[agents.NAME] with harness, sandbox" in said


def test_a_table_of_the_wrong_kind_hides_no_other_problem(write: Path) -> None:
    found = problems(write, 'agents = "all"\nproviders = []\n[defaults]\nagent = 3\n[channels]\nC0123ABCD = "coder"\n')
    assert [line for line, _ in found] == [1, 2, 4, 6]


def test_a_value_too_long_to_show_is_cut(write: Path) -> None:
    _, said = only(write, MINIMAL.replace('"none"', '"' + "x" * 5000 + '"'))
    assert len(said) < 600
