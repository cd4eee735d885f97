"""What Reins keeps: one SQLite database in WAL mode, written by one thread. Files:

tables.py           the schema, the one authority for it
database.py         `Storage`: opening and closing a home directory
schema.py           which schema a file has; migrating it
migrations/         one file per revision
connections.py      how SQLite is opened, for writing and for reading
service_lock.py     one service per directory
writer.py           `Writer`: what callers await
jobs.py             what waits for the writer, and who may take it back
writer_thread.py    batches, savepoints, group commits
reader.py           `Reader`: read-only connections for the event loop
chain.py            what is hashed, and in which form
event_log.py        appending events; reading a turn or a session
audit.py            the chain's head, erasing bodies
verification.py     verifying the chain
backup.py           copies while a service runs
outgoing.py         copies of files on their way into a thread
inbox.py            gestures, committed before they are acknowledged
sessions.py         sessions
turns.py            turns
messages.py         the messages Reins has, or means to have, in Slack
clock.py            the one clock
faults.py           named points where a test can make things go wrong
errors.py           what can go wrong
"""
