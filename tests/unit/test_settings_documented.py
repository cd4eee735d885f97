"""The table in the documentation says everything that can be set, in words."""

from __future__ import annotations

from pathlib import Path

from bot.settings import Config, load_config, settings_table


def test_every_setting_stands_in_the_table_with_its_default_and_meaning() -> None:
    rows = [line.strip("| ").split(" | ") for line in settings_table().splitlines() if line.startswith("| `")]
    described = {row[0].strip("`"): row for row in rows}
    assert all(len(row) == 3 and len(row[2]) > 10 for row in rows)
    assert described["[limits] max_running"][1] == "`8`"
    assert described["[agents.NAME] sandbox"][1] == "required"
    assert '`"deny-all"` or `"allow-all"`' in described["[agents.NAME] policy"][2]
    assert "SLACK_API_URL" in described
    assert "[channels.ID] agent" in described


def test_the_table_names_exactly_what_a_file_may_say(tmp_path: Path) -> None:
    example = {
        "defaults": {"agent": '"a"'},
        "agents": {
            "harness": '"h"',
            "sandbox": '"none"',
            "model": '"m"',
            "instructions": '"i"',
            "policy": '"deny-all"',
        },
        "providers": {"api": '"openai"', "base_url": '"https://x.example"', "key": '"env:K"'},
        "channels": {"agent": '"a"'},
    }
    example["agents"] |= {"provider": '"p"', "drive": '"owner"'}
    names = {"agents": ".a", "providers": ".p", "channels": ".C0123ABCD"}
    text = ""
    for line in settings_table().splitlines():
        if not line.startswith("| `["):
            continue
        table, setting = line.split("`")[1].split("] ")
        section = table.strip("[").split(".")[0]
        header = f"[{section}{names.get(section, '')}]\n"
        value = example[section][setting] if section in example else line.split(" | ")[1].strip("`")
        text += ("" if header in text else header) + f"{setting} = {value}\n"
    path = tmp_path / "reins.toml"
    path.write_text(text, encoding="utf-8")
    config = load_config(path, harness_apis={"h": ("openai",)})
    assert isinstance(config, Config)
    dumped = config.model_dump()
    assert sum(len(dumped[section]) for section in ("defaults", "limits", "timeouts")) + sum(
        len(next(iter(dumped[section].values()))) for section in names
    ) == text.count(" = ")
