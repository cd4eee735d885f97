"""The Web API of the local Slack: `dispatch` answers one call; each file below holds one family of methods.

args.py           arguments from query, form and JSON
catalog.py        every method: its handler and the token it takes
chat.py           chat.*, blocks.validate
connections.py    apps.connections.open, assistant.threads.setStatus
context.py        what a method works on
conversations.py  conversations.*
cursor.py         pagination
directory.py      auth.test, team.info, bots.info, users.*, usergroups.*
dispatch.py       token, rate limit, faults, log, answer
files.py          files.*
lookup.py         finding what a call names, and scopes
reactions.py      reactions.*
views.py          views.*
"""
