"""From envelopes to committed gestures.

parse.py       one Slack payload → the gesture it holds, or nothing
middleware.py  Bolt's one global middleware: parse, commit, and only then acknowledge
socket.py      the Socket Mode connection, watched and rebuilt
"""
