"""Everything that knows Slack.

- ``intake``   envelopes become gestures
- ``render``   views become blocks
- ``delivery`` what was rendered is sent, and remembered
- ``people``   who somebody is
- ``files``    the bytes of a file in Slack
- ``client``   the Web API client of this app
- ``surface``  the app as Slack sees it: the manifest
"""
