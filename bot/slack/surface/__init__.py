"""The app as Slack and its people see it.

- ``manifest`` scopes, events and features, and `manifest.yml` made from them
"""
