"""The program. It runs by path too, isolated from the working directory, which holds somebody else's code."""

import sys

if not __package__:
    sys.path.insert(0, __file__.rpartition("/harnesses/")[0])

from harnesses.scripted.agent import Agent

sys.exit(Agent().run())
