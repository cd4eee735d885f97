"""A harness with no model, run as a real ACP subprocess. It says so. Standard library only: it starts in a blink.

    python -m harnesses.scripted

__main__.py  the program
agent.py     its side of the Agent Client Protocol
history.py   what it remembers, in HOME, so that session/load works after a kill
session.py   what a script can do to a session
scripts.py   what a prompt can make it do: the table of scripts
story.py     the script that looks like a real turn
"""
