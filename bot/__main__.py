"""`python -m bot` is `reins`."""

from bot.cli import main

main()
