"""Event logs as each released version wrote them, and what they look like in Slack.

VERSION/NAME.jsonl       one event per line, as it was stored; never changed afterwards
VERSION/NAME.shown.json  the messages of each of its turns, as this version renders them
logs.py                  reading, folding and rendering them
record.py                `python -m tests.golden.record`: the logs of this version
"""
