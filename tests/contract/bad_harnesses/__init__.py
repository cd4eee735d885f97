"""Harnesses that misbehave, and what the tests need to run them.

client.py     a service-like process that runs one turn and prints what it cost
misbehave.py  the harness: one program, its manner is its argument
profile.py    its profile, and a Spec in a temporary directory
processes.py  which processes of a test are alive, and waiting
"""
