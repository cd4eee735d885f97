"""From envelopes to committed gestures.

parse.py       one Slack payload → the gesture it holds, or nothing
middleware.py  Bolt's one global middleware: parse, commit, and only then acknowledge
row.py         a gesture as the inbox keeps it
overtaking.py  replies that reached us before the mention that made their thread ours
socket.py      the Socket Mode connection, watched and rebuilt
"""
