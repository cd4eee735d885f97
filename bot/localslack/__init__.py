"""An embedded Slack: Web API and Socket Mode of one team with one app, as strict as Slack. It imports nothing of the
rest of this repository, and nothing of Slack's own libraries.

__main__.py      `python -m bot.localslack`
blocks.py        what Block Kit accepts in a message or a view
block_checks.py  one check per kind of block
calls.py         the log of Web API calls
changes.py       who is told that something changed
composition.py   checks of texts, options, dialogs, rich text
deliveries.py    envelopes: queue, acknowledgement, redelivery
elements.py      what a person does to one interactive element
element_checks.py  one check per kind of element
errors.py        the error tree
events.py        which events a change makes
faults.py        Web API failures a test asked for
findings.py      what is wrong, with JSON pointers
hooks.py         answers to a response_url
interactions.py  clicks, commands and submissions, and their acknowledgements
limits.py        Slack's limits, one table
local.py         LocalSlack, which puts it together, and waiting
manifest.py      what the app may do and hear
markup.py        mentions, links and addresses in text
messages.py      one message
payloads.py      the JSON shapes Slack sends
people.py        the gestures of people
permits.py       trigger ids and response addresses
posting.py       a message appears, changes or goes
page/            the page in a browser
ratelimit.py     the rate tiers
server.py        HTTP routes
sight.py         what can be seen
sockets.py       Socket Mode connections
state.py         the team
tokens.py        the app's two tokens
transcript.py    the threads in words
weather.py       faults on request
web_api/         the methods
"""

from bot.localslack.errors import ApiError, GestureError, LocalSlackError, ManifestError
from bot.localslack.local import LocalSlack
from bot.localslack.messages import Message
from bot.localslack.page import Suggestion, Welcome
from bot.localslack.state import File, View
from bot.localslack.tokens import Tokens

__all__ = [
    "ApiError",
    "File",
    "GestureError",
    "LocalSlack",
    "LocalSlackError",
    "ManifestError",
    "Message",
    "Suggestion",
    "Tokens",
    "View",
    "Welcome",
]
