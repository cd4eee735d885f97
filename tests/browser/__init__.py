"""The local Slack's page in a real Chromium, driven by mouse and keyboard.

chromium.py       where Chromium is, how it is started
axe.py            axe-core, installed from its lock file
conftest.py       a browser, a demo, a page on it
first_minute.py   from a clone to an answer, in seconds (a program, not a test)
"""
