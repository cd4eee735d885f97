"""The app people create from `manifest.yml` works: what Slack's own schema does not catch is caught here."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from bot.slack.surface.manifest import EVENTS, SCOPES, create_app_link, manifest, render

ROOT = Path(__file__).parents[2]

# https://docs.slack.dev/reference/scopes, the bot scopes this app could have a use for.
BOT_SCOPES = {
    "app_mentions:read", "assistant:write", "bookmarks:read", "bookmarks:write", "canvases:read", "canvases:write",
    "channels:history", "channels:join", "channels:manage", "channels:read", "chat:write", "chat:write.customize",
    "chat:write.public", "commands", "emoji:read", "files:read", "files:write", "groups:history", "groups:read",
    "groups:write", "im:history", "im:read", "im:write", "links:read", "links:write", "metadata.message:read",
    "mpim:history", "mpim:read", "mpim:write", "pins:read", "pins:write", "reactions:read", "reactions:write",
    "team:read", "usergroups:read", "users.profile:read", "users:read", "users:read.email", "users:write",
}  # fmt: skip

# The "Required scopes" of each event's page under https://docs.slack.dev/reference/events
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "member_joined_channel": "channels:read",
}


def test_the_file_in_the_repository_is_what_the_code_says() -> None:
    written = (ROOT / "manifest.yml").read_text(encoding="utf-8")
    assert written == render(), "write render() of bot.slack.surface.manifest to manifest.yml"
    assert yaml.safe_load(written) == manifest()


def test_every_scope_exists_and_says_what_for() -> None:
    scopes = manifest()["oauth_config"]["scopes"]
    assert set(scopes) == {"bot"}, "no token acts as a person"
    assert set(scopes["bot"]) <= BOT_SCOPES
    assert len(scopes["bot"]) == len(set(scopes["bot"]))
    assert all(SCOPES[scope] for scope in scopes["bot"])


def test_every_event_exists_and_its_scope_is_asked_for() -> None:
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    for event in events:
        assert EVENTS[event] == EVENT_SCOPES[event]
        assert EVENT_SCOPES[event] in manifest()["oauth_config"]["scopes"]["bot"]


def test_messages_are_heard_wherever_a_thread_can_be() -> None:
    heard = set(manifest()["settings"]["event_subscriptions"]["bot_events"])
    assert {"app_mention", "message.channels", "message.groups", "message.im", "message.mpim"} <= heard


def test_people_can_write_to_it_and_it_needs_no_public_address() -> None:
    document = manifest()
    home = document["features"]["app_home"]
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False
    assert document["settings"]["socket_mode_enabled"] is True
    assert document["settings"]["interactivity"]["is_enabled"] is True
    assert document["settings"]["org_deploy_enabled"] is False
    assert document["settings"]["token_rotation_enabled"] is False
    assert not any("url" in key for key in keys(document))


def test_names_fit_and_features_come_with_their_scopes() -> None:
    document = manifest()
    scopes, features = document["oauth_config"]["scopes"]["bot"], document["features"]
    assert 0 < len(document["display_information"]["name"]) <= 35
    assert 0 < len(document["display_information"]["description"]) <= 140
    assert 0 < len(features["bot_user"]["display_name"]) <= 80
    assert not {"agent_view", "assistant_view"} <= set(features), "Slack refuses an app with both views"
    assert ("commands" in scopes) is bool(features.get("slash_commands") or features.get("shortcuts"))
    assert ("assistant:write" in scopes) is bool({"agent_view", "assistant_view"} & set(features))


def test_the_link_carries_the_whole_manifest() -> None:
    link = urlsplit(create_app_link())
    query = parse_qs(link.query)
    assert (link.scheme, link.netloc, link.path, query["new_app"]) == ("https", "api.slack.com", "/apps", ["1"])
    assert yaml.safe_load(query["manifest_yaml"][0]) == manifest()
    assert "+" not in link.query
    assert len(create_app_link()) < 8000


def keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for member in value.values() for key in keys(member))]
    return []
