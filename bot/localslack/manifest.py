"""What the installed app may do and hear: the parts of its manifest that Slack enforces at run time.

Source: https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.localslack.errors import ManifestError

# Which scope an event needs before Slack sends it (the "Required scopes" of each event's page). None: no scope.
EVENT_SCOPES: Mapping[str, str | None] = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "tokens_revoked": None,
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "channel_left": "channels:read",
    "group_left": "groups:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "user_change": "users:read",
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """``scopes`` the bot token carries, ``bot_events`` it subscribes to, ``commands`` people may type and what they are
    for, ``home_tab`` whether the app shows people a Home."""

    app_name: str
    bot_name: str
    scopes: frozenset[str]
    bot_events: frozenset[str]
    commands: Mapping[str, str]
    interactive: bool
    home_tab: bool

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Manifest:
        """Read a manifest as loaded from YAML or JSON.

        Raises ManifestError where the app could be installed but would then wait for what never comes: an event
        this Slack does not know, an event or a command without its scope, Socket Mode turned off.
        """
        settings = document.get("settings") or {}
        features = document.get("features") or {}
        name = (document.get("display_information") or {}).get("name", "app")
        manifest = cls(
            app_name=name,
            bot_name=(features.get("bot_user") or {}).get("display_name", name),
            scopes=frozenset(((document.get("oauth_config") or {}).get("scopes") or {}).get("bot") or ()),
            bot_events=frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or ()),
            commands={
                command["command"]: " — ".join(filter(None, (command.get("usage_hint"), command.get("description"))))
                for command in features.get("slash_commands") or ()
            },
            interactive=bool((settings.get("interactivity") or {}).get("is_enabled", False)),
            home_tab=bool((features.get("app_home") or {}).get("home_tab_enabled", False)),
        )
        if not settings.get("socket_mode_enabled"):
            raise ManifestError("set settings.socket_mode_enabled: true; this Slack delivers over Socket Mode only")
        manifest._check_scopes()
        return manifest

    def _check_scopes(self) -> None:
        for event in sorted(self.bot_events):
            if event not in EVENT_SCOPES:
                raise ManifestError(
                    f"bot event {event!r} is not one the local Slack sends; known: {sorted(EVENT_SCOPES)}"
                )
            scope = EVENT_SCOPES[event]
            if scope is not None and scope not in self.scopes:
                raise ManifestError(
                    f"bot event {event!r} needs the bot scope {scope!r}: add it to oauth_config.scopes.bot"
                )
        if self.commands and "commands" not in self.scopes:
            raise ManifestError(
                "features.slash_commands needs the bot scope 'commands': add it to oauth_config.scopes.bot"
            )
