"""`reins`, also `python -m bot`. Each command is thin: it asks a package for a result and prints it.

demo.py       demo: the service on a Slack of its own, in a browser
service.py    run: the service, until SIGTERM or SIGINT
setup.py      init, manifest, doctor
records.py    audit verify|head|erase, backup, session list|show
harness.py    harness list|install|check
transcript.py a session as a person reads it
places.py     where this installation's settings and data are
"""

from __future__ import annotations

import sys

import typer

from bot.cli import demo, harness, records, service, setup
from bot.cli.places import OPERATOR_ERRORS

app = typer.Typer(
    name="reins",
    help="A Slack-first control plane for coding agents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
demo.add_to(app)
service.add_to(app)
setup.add_to(app)
records.add_to(app)
harness.add_to(app)


def main() -> None:
    """Errors an operator can do something about are one sentence and exit code 1; anything else is a traceback."""
    try:
        app()
    except OPERATOR_ERRORS as error:
        typer.echo(f"reins: {error}", err=True)
        sys.exit(1)
