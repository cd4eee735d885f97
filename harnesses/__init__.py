"""Running coding agents as subprocesses over the Agent Client Protocol (ACP).

acp.py                 the one protocol client: JSON-RPC over a harness's stdio
at_hand.py             what a check has: directories, words, turns
catalog.py             a literal table: name → profile
checks.py              the promises that `selfcheck` checks
ending.py              how a turn ends
errors.py              what can go wrong outside a running turn
home.py                writing a profile's files into a session's HOME
install.py             installing a harness from its lock file
lines.py               newline-delimited JSON-RPC from a program that may send anything
outside.py             values from a harness made safe to keep
peer.py                a process together with the connection to it, and how it ends
places.py              where a harness might leave files although it should not
process.py             a running harness: start here
profile.py             how to start one harness and how to read what it says
profiles/              one small file per harness
prompts_for_checks.py  what `selfcheck` says to a harness
sandbox/               what confines a harness process
workspace/             files into the directory a session works in, and out of it
scripted/              a harness with no model, run as a real ACP subprocess; says so
selfcheck.py           the contract as a suite anyone can run
session_update.py      reading ACP's `session/update`
tool_calls.py          tool calls merged by id, within bounds
turn.py                one prompt while it runs
updates.py             what a harness can report
"""
