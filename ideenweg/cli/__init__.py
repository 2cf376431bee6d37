"""The command line. One module a subject; each command makes a command of the engine, or asks a query, and shows it.

It may not decide anything, and nothing of the other rooms is imported before a command needs it: `--help` stays fast.

Exit codes: 0 done · 1 refused, with every blocker · 2 usage or bad input, with the place · 3 conflict · 4 not found ·
5 integrity broken · 130 interrupted. errors.py is the one place that gives them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from ideenweg.cli.framework import LazyGroup
from ideenweg.cli.session import Session

SUBJECTS = {
    "audit": ("audit", "Read, check and export the history: who did what, when and why."),
    "calendar": ("calendar", "See what another working-day calendar would change, and go by it."),
    "completion": ("completion", "Print the shell completion."),
    "db": ("db", "Make, upgrade, save and restore the database."),
    "deadline": ("deadline", "See what is due and what is late, and extend it."),
    "export": ("exporting", "Write the portfolio as open data, sheets for other cities, papers for bodies."),
    "import": ("importing", "Take in tables of ideas, and the logs of earlier tools."),
    "dispatch": ("dispatch", "Send what is to be told: mails, calls, digests."),
    "item": ("item", "Ideas, projects and whatever else lives through a lifecycle."),
    "lifecycle": ("lifecycle", "Check, load, draw and compare lifecycle files."),
    "notice": ("notice", "The words of mails: list, check, preview, send one to try."),
    "outbox": ("outbox", "See what was sent and what was not, and send it again."),
    "person": ("person", "People, their roles and their deputies."),
    "run": ("serve", "Show the pages and run the clock; --demo fills them with invented ideas."),
    "reminder": ("reminder", "Be reminded of an item on a day, with a note of your own."),
    "session": ("account", "Who is signed in to the pages, and ending that."),
    "sweep": ("sweep", "Carry out what time brings about: reminders, expiries and follow-ups."),
    "token": ("token", "Let other programs use the API in somebody's name."),
    "web": ("serve", "Show the pages alone."),
    "webhook": ("webhook", "Other programs that are called with each notice."),
    "worker": ("serve", "Run the clock alone."),
}
"""Command -> the module here that has it, and what `ideenweg --help` says of it."""


@click.command(cls=LazyGroup, subjects=SUBJECTS)
@click.version_option(package_name="ideenweg", prog_name="ideenweg")
def root() -> None:
    """Ideenweg takes ideas from their submission to their integration into the structures of a city.

    \b
    First steps:
      ideenweg db upgrade
      ideenweg lifecycle load idea-to-project
      ideenweg person add buergerin@dortmund.example --name "Eine Bürgerin"
      ideenweg item create --as buergerin@dortmund.example --data idea.json

    Every command takes --json: one JSON document on stdout, also for errors.

    \b
    Exit codes:
      0  done
      1  refused by the rules, with every reason
      2  usage or bad input, with its place; a database that cannot be used
      3  conflict: somebody was faster, or others held the database for too long
      4  not found; there is no database yet
      5  integrity broken: the history was changed by other hands
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """The exit code of one call."""
    session = Session.of(arguments, os.environ)
    try:
        code = root.main(list(arguments), prog_name="ideenweg", standalone_mode=False, obj=session)
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - this is where every error becomes an exit code
        from ideenweg.cli.errors import report

        return report(error, session)
    return code if isinstance(code, int) else 0
