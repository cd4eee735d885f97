"""The page in a browser: what one person of the team sees, and what they can do. A chat that anyone recognises.

gate.py      who may talk to the page: this machine, this page, the person who started it
routes.py    the addresses: `/`, `/_ui/state`, `/_ui/do`, `/_ui/ws`, `/_ui/files/…`, `/_ui/static/…`
sightings.py what one person sees, as JSON
feed.py      the same, live, over one WebSocket
gestures.py  what a person can do, as JSON
typed.py     what is typed, in Slack's form, and back
prose.py     `markdown` blocks as HTML
welcome.py   what a newcomer is told and can try
static/      ES modules and styles; main.js is where the browser begins

The modules in static/: main.js (regions), store.js (what the server said), link.js (socket and gestures),
dom.js and patch.js (build and change elements), timeline.js, message.js, thread.js, composer.js, menu.js, sidebar.js,
channel.js, welcome.js, home.js, modal.js, confirm.js, toast.js, theme.js, place.js (where one is), read.js (what was
read), files.js, and for Block Kit blocks.js, elements.js, inputs.js, plan.js, richtext.js, mrkdwn.js, emoji.js.
"""

from bot.localslack.page.routes import Page
from bot.localslack.page.welcome import Suggestion, Welcome

__all__ = ["Page", "Suggestion", "Welcome"]
