"""What Reins costs, measured beside something that shows what it costs without Reins: ``python -m benchmarks``.

__main__.py    all of them: one table, and the raw figures as JSON
machine.py     what the figures depend on: cores, memory, versions, and the directory's rate of fsync
append.py      appends per second through the writer, beside raw sqlite3
ack.py         how long Slack waits for an acknowledgement at 500 mentions a second, beside a plain Bolt app
boot.py        how long a restart takes with 10,000 sessions, with little and with much history
chunks.py      Slack API calls, and the age of what Slack shows, while harnesses stream
idle.py        memory of idle sessions, and of threads after their turns
floor.py       Reins beside a small bot that runs the same CLI
rows.py        the tables
history.py     the databases boot.py and idle.py start on
shown.py       a thread as a person sees it, whichever bot answers
reins.py       a Reins in a directory of its own
claude_code.py the real CLI and its mock model
children.py    the processes a benchmark runs, and the lines they say
slack.py       child: a local Slack that people talk in at a given rate
service.py     child: a whole Reins
streaming.py   child: a whole Reins whose harness is metronome.py
metronome.py   harness: says chunks at a steady rate, and when it said each
floor_bot.py   child: a bot that runs the CLI once per mention
plain_bolt.py  child: the smallest useful Bolt app, for comparison

docs/benchmarks.md says what was measured, how, and what came out.
"""
