"""The whole service as a real process on a local Slack that lives in the test, killed with SIGKILL.

service.py        the service as a process of its own; it can be told to die at one fault point
bolt_listener.py  a plain Bolt app that does the same work per message, for comparison
subprocess_of.py  starting, killing and reaping such a process
people.py         several people in several channels who talk, whether anybody listens or not
ledger.py         what the database and the harness's own journals say afterwards
settled.py        what must be true once a service that was killed has had time to recover
phases.py         in which phase of its life a kill caught a gesture, and the table of that
"""
