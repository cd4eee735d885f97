"""What Reins costs, measured beside something that shows what it costs without Reins: ``python -m benchmarks``.

__main__.py    all of them: one table, and the raw figures as JSON
machine.py     what the figures depend on: cores, memory, versions, and the directory's rate of fsync
append.py      appends per second through the writer, beside raw sqlite3
ack.py         how long Slack waits for an acknowledgement at 500 mentions a second, beside a plain Bolt app
boot.py        how long a restart takes with 10,000 sessions, with little and with much history
history.py     the databases boot.py starts on
children.py    the processes a benchmark runs, and the lines they say
slack.py       child: a local Slack that people talk in at a given rate
service.py     child: a whole Reins
plain_bolt.py  child: the smallest useful Bolt app, for comparison

docs/benchmarks.md says what was measured, how, and what came out.
"""
