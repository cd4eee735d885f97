"""From a view to what Slack is sent: pure, and the same for the same view.

escape.py   text from outside, made harmless in `mrkdwn` and in `markdown`
budget.py   Slack's limits that rendering must keep, and how text is counted
prose.py    a long answer cut into message-sized pieces
tasks.py    plan entries and tool calls as a `plan` block
turn.py     a turn's view as one or more message payloads
"""
