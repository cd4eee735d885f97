"""What Reins decides, as pure functions and values: no I/O, no clock, no Slack, no database.

gesture.py  what a person did in Slack, and the key under which it counts once
prompt.py   the words of a message that are meant for the harness
attachments.py  which files are refused, and why
words.py    the words that steer a thread: !stop, !status, !model, !new, !queue
choices.py  which agent, harness and model a message asks for
standing.py who somebody is, and who may drive a thread
effects.py  what a gesture can do to its thread
thread.py   what a gesture does to its thread: open a session, queue a turn, stop one, or nothing
policy.py   how a permission request is answered
events.py   the closed union of facts about a session
view.py     the fold: what a turn looks like to a person
"""
