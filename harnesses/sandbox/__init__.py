"""What confines a harness process, one file per kind.

none.py        no confinement, only an environment built from nothing and a tree that dies as one
supervisor.py  the small program between the service and the harness that sees to it
"""
