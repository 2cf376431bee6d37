"""`ideenweg audit checkpoint` and `prove`: the history in one line to be kept elsewhere, and proof of single events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line, progress
from ideenweg.cli.session import Session, pass_session
from workflow.errors import BadInput


@click.command(cls=Command)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@pass_session
def checkpoint(session: Session, file: Path | None) -> None:
    """Seal the history up to now: write the root over all events to the new file FILE, or to the screen.

    Keep it where nobody who can write to the database reaches it. `audit verify FILE` then says whether the history of
    that day is still a part of the present one. Where nothing happened since the last one, it is that one again.

    \b
    Examples:
      ideenweg audit checkpoint 2026-06-09.json
      ideenweg audit checkpoint | mail -s Prüfpunkt revision@dortmund.example
    """
    with session.app() as app, progress(session.say("Versiegle", "Sealing")) as move:
        made = app.audit.checkpoint(session.now, move)
        told = made.told(app.rules.programme.key)
    if file is not None:
        _write(file, told)
    if file is None or session.as_json:
        emit(told)
        return
    line(
        session.say(
            f"Prüfpunkt über {made.size} Ereignisse in {file}, Wurzel {made.root}.",
            f"Checkpoint of {made.size} events in {file}, root {made.root}.",
        )
    )


@click.command(cls=Command)
@click.argument("number")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--last", is_flag=True, help="Of its last event alone.")
@pass_session
def prove(session: Session, number: str, file: Path | None, last: bool) -> None:
    """Prove that the events of an item are in the latest checkpoint: to the new file FILE, or to the screen.

    Whoever has the checkpoint can check the proof with any SHA-256; docs/audit.md has a program of a few lines.

    \b
    Examples:
      ideenweg audit prove 2026-0147 proof.json
      ideenweg audit prove 2026-0147 --last
    """
    with session.app() as app:
        told = app.audit.prove(number, last=last)
    if file is not None:
        _write(file, told)
    if file is None or session.as_json:
        emit(told)
        return
    events, size = len(told["events"]), told["checkpoint"]["size"]
    line(
        session.say(
            f"Nachweis über {events} Ereignisse von {number} in {file}, gegen den Prüfpunkt über {size} Ereignisse.",
            f"Proof of {events} events of {number} in {file}, against the checkpoint of {size} events.",
        )
    )
    if told["newer"]:
        line(
            session.say(
                f"{told['newer']} neuere sind noch in keinem Prüfpunkt: ideenweg audit checkpoint",
                f"{told['newer']} newer ones are in no checkpoint yet: ideenweg audit checkpoint",
            )
        )


def _write(file: Path, told: dict[str, Any]) -> None:
    """Write a document to a new file: what was kept is never overwritten."""
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    except FileExistsError:
        raise BadInput(f"{file} exists already.", remedy="Name a new file.") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror or error}.") from None
