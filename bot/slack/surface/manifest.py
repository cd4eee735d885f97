"""The app as Slack is told about it: one table of what Reins hears and may do, and the manifest made from it.

`manifest.yml` at the top of the repository is `render` written down; a test keeps them equal.
Source: https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import yaml

SCOPES = {
    "app_mentions:read": "hear when it is mentioned",
    "channels:history": "read the threads it works in, in public channels",
    "channels:read": "know a public channel's name and whether it was archived",
    "chat:write": "answer",
    "files:read": "read the files people attach for it",
    "files:write": "attach what is too long for a message",
    "groups:history": "read the threads it works in, in private channels",
    "groups:read": "know a private channel's name and whether it was archived",
    "im:history": "read what people write to it directly",
    "im:read": "know its direct messages",
    "im:write": "open a direct message",
    "mpim:history": "read the group messages it is part of",
    "mpim:read": "know the group messages it is part of",
    "reactions:read": "see a reaction that stops a turn",
    "reactions:write": "show at once that a message was taken up",
    "users:read": "know who is a guest or a bot",
}
"""Every bot scope, and what Reins uses it for."""

EVENTS = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
}
"""Every event Reins subscribes to, and the scope Slack wants before it sends it."""

_HEADER = """\
# The Slack app Reins runs as, made from bot/slack/surface/manifest.py; change it there.
# Use it at https://api.slack.com/apps: Create New App, From a manifest.
"""


def manifest() -> dict[str, Any]:
    """The manifest as Slack's schema has it."""
    return {
        "display_information": {
            "name": "Reins",
            "description": "Runs coding agents in your threads, and shows what they do",
            "background_color": "#1f2933",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "reins", "always_online": True},
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }


def render() -> str:
    """The manifest as YAML, with a comment that says where it comes from."""
    return _HEADER + _yaml()


def create_app_link() -> str:
    """The page on which Slack offers to create this app, everything filled in.

    Source: https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests#sharing
    """
    return "https://api.slack.com/apps?" + urlencode({"new_app": 1, "manifest_yaml": _yaml()}, quote_via=quote)


def _yaml() -> str:
    return yaml.safe_dump(manifest(), sort_keys=False, allow_unicode=True)
