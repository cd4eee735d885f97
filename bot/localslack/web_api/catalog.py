"""Every method of the local Slack. Anything else answers `unknown_method`."""

from __future__ import annotations

from collections.abc import Mapping

from bot.localslack.web_api import chat, connections, conversations, directory, files, reactions, views
from bot.localslack.web_api.context import Handler

APP_TOKEN_METHODS = frozenset({"apps.connections.open"})

METHODS: Mapping[str, Handler] = {
    "apps.connections.open": connections.open_,
    "assistant.threads.setStatus": connections.set_status,
    "auth.test": directory.auth_test,
    "blocks.validate": chat.validate_blocks,
    "bots.info": directory.bots_info,
    "chat.delete": chat.delete,
    "chat.getPermalink": chat.get_permalink,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.join": conversations.join,
    "conversations.list": conversations.list_,
    "conversations.members": conversations.members,
    "conversations.open": conversations.open_,
    "conversations.replies": conversations.replies,
    "files.completeUploadExternal": files.complete_upload,
    "files.getUploadURLExternal": files.get_upload_url,
    "files.info": files.info,
    "reactions.add": reactions.add,
    "reactions.get": reactions.get,
    "reactions.remove": reactions.remove,
    "team.info": directory.team_info,
    "usergroups.users.list": directory.usergroup_users,
    "users.info": directory.users_info,
    "users.list": directory.users_list,
    "views.open": views.open_,
    "views.publish": views.publish,
    "views.push": views.push,
    "views.update": views.update,
}
