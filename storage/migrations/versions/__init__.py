"""The revisions, oldest first. A released one never changes.

0001_first_schema.py    inbox, sessions, turns, the event chain, Slack messages
"""
