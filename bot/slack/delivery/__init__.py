"""From events to Slack: folds a changed turn, renders it, sends what Slack does not have yet, remembers what it sent.

delivery.py  which changed turn is neediest, and when
live.py      one turn being shown: its view, and the messages Slack has of it
sender.py    one Web API call, and what its failure means
pacer.py     Slack's rates per method, kept from our side with a reserve for what matters most
private.py   replies only one person sees
"""
