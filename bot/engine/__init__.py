"""Carries out what the core decides. One actor per busy thread; nothing is kept that storage does not have.

outlet.py      the port through which the engine says that something changed
agent.py       an agent's definition: the snapshot a session keeps, and the stricter of snapshot and now
dispatcher.py  wakes the actor of a thread that has something to do
actor.py       one thread: takes its gestures in order, runs its turns one at a time
journal.py     from facts to event rows
handling.py    what the core decides about a thread's gestures, carried out in one transaction
request.py     what a turn sends to its harness
files.py       files between a thread and its session's workspace
turn_run.py    one prompt, from the harness being ready to the turn's end
recorder.py    what the harness reports, as events: merged, scrubbed, at most ten appends a second
pool.py        harness processes: warm between turns, bounded in number, reaped when idle
recovery.py    what a crash left: turns whose prompt was sent end as interrupted
"""
