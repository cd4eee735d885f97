"""The directory a session works in.

names.py  a name for a file that came from outside
files.py  putting files into a workspace, and taking out what the harness left for the thread
"""
