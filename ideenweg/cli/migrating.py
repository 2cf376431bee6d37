"""`ideenweg lifecycle migrate`: running items go on under another version of their lifecycle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line, progress, table
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.wiring import read_text
from states.lifecycle import Lifecycle
from workflow.migrating import Left, Migrated, migration_to
from workflow.transaction import Transaction

SHOWN = 20
"""Items that stay, as people are shown them; --json has all."""


@click.command(cls=Command)
@click.argument("key")
@click.option("--to", "version", type=click.IntRange(min=1), required=True, help="The stored version that items go to.")
@click.option("--map", "file", type=click.Path(path_type=Path), help="What becomes of states that the version lacks.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen, and change nothing.")
@pass_session
def migrate(session: Session, key: str, version: int, file: Path | None, dry_run: bool) -> None:
    """Move the running items of lifecycle KEY to another stored version of it.

    Visits, the time spent in a state and what is left of deadlines are kept. What cannot be moved stays, and is listed
    with the reason. A run that was broken off goes on where it stopped when it is called again.

    \b
    Examples:
      ideenweg lifecycle migrate idea-to-project --to 2 --dry-run
      ideenweg lifecycle migrate idea-to-project --to 2 --map map.yaml
    """
    with session.app() as app:
        text = read_text(file) if file else None
        migration = migration_to(app.database, app.rules, key, version, text, str(file), session.origin)
        session.progress = Progress.STEPS
        with progress(session.say("Vorgänge:", "Items:")) as move:
            done = migration.run(session.now, dry_run=dry_run, progress=move)
        session.progress = Progress.NOTHING if dry_run else Progress.DONE
        with app.database.reading() as connection:
            new = app.rules.lifecycle(Transaction(connection), key, version)
    if session.as_json:
        emit(_json(done, dry_run, session))
    else:
        _show(session, done, new, dry_run)


def _show(session: Session, done: Migrated, new: Lifecycle, dry_run: bool) -> None:
    moved = sum(done.moved.values())
    if dry_run:
        line(
            session.say(
                f"{moved} Vorgänge gingen zu Version {done.version}, {len(done.left)} blieben. Nichts wurde geändert.",
                f"{moved} items would go to version {done.version}, {len(done.left)} would stay. Nothing was changed.",
            )
        )
    else:
        line(
            session.say(
                f"{moved} Vorgänge sind jetzt unter Version {done.version}, {len(done.left)} blieben, wo sie sind.",
                f"{moved} items are under version {done.version} now, {len(done.left)} stayed where they are.",
            )
        )
    if done.moved:
        table(
            (
                session.say("Von", "From"),
                session.say("Zustand", "State"),
                session.say("wird", "becomes"),
                session.say("Vorgänge", "Items"),
            ),
            [(str(old), state, target, str(n)) for (old, state, target), n in sorted(done.moved.items())],
        )
    if done.deadlines:
        table(
            (
                session.say("Frist", "Deadline"),
                session.say("weiter", "kept"),
                session.say("beendet", "closed"),
                session.say("neu", "opened"),
            ),
            [
                (rule, *(str(counts[what]) for what in ("kept", "closed", "opened")))
                for rule, counts in sorted(done.deadlines.items())
            ],
        )
    for kind, count in sorted(done.records.items()):
        label = new.records[kind].label[session.locale]
        line(
            session.say(
                f"{count} × „{label}“ bleiben, wie sie unter dem früheren Formular geschrieben wurden.",
                f"{count} × “{label}” stay as they were written under the earlier form.",
            )
        )
    _show_left(session, done.left)


def _show_left(session: Session, left: list[Left]) -> None:
    for one in left[:SHOWN]:
        line(f"{one.number}  {one.state}: {' '.join(blocker.text[session.locale] for blocker in one.blockers)}")
    if len(left) > SHOWN:
        more = len(left) - SHOWN
        line(session.say(f"… und {more} weitere; --json nennt alle.", f"… and {more} more; --json has all."))


def _json(done: Migrated, dry_run: bool, session: Session) -> dict[str, Any]:
    return {
        "lifecycle": done.key,
        "version": done.version,
        "dry_run": dry_run,
        "moved": [
            {"version": old, "from": state, "to": target, "items": n}
            for (old, state, target), n in sorted(done.moved.items())
        ],
        "left": [
            {
                "number": one.number,
                "version": one.version,
                "state": one.state,
                "blockers": [{"code": two.code, "message": two.text[session.locale]} for two in one.blockers],
            }
            for one in done.left
        ],
        "records": dict(sorted(done.records.items())),
        "deadlines": {rule: dict(counts) for rule, counts in sorted(done.deadlines.items())},
    }
