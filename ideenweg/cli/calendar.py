"""`ideenweg calendar`: what another calendar would change, and going by it."""

from __future__ import annotations

from typing import Any

import click

from ideenweg.cli.framework import Group
from ideenweg.cli.output import emit, line, table
from ideenweg.cli.session import Progress, Session, pass_session
from workflow.calendars import Change, adopt, compare

KEY = click.argument("key", default="nrw")


@click.group(cls=Group)
def calendar() -> None:
    """See what another working-day calendar would change, and go by it.

    Deadlines are counted by the calendar as it was stored. A new release of the library of holidays, or an edited
    file, changes nothing before it is adopted.
    """


@calendar.command()
@KEY
@pass_session
def diff(session: Session, key: str) -> None:
    """Show which days off and which open deadlines adopting the calendar KEY (nrw) would change.

    \b
    Examples:
      ideenweg calendar diff
    """
    with session.app() as app, app.database.reading() as connection:
        _show(session, compare(connection, app.rules, key, session.now))


@calendar.command("adopt")
@KEY
@pass_session
def adopt_command(session: Session, key: str) -> None:
    """Go by the calendar KEY (nrw) of the configuration, and count every open deadline anew. It is recorded.

    \b
    Examples:
      ideenweg calendar adopt
    """
    with session.app() as app:
        change = adopt(app.database, app.rules, key, session.origin, session.now)
        session.progress = Progress.DONE
    _show(session, change)


def _show(session: Session, change: Change) -> None:
    if session.as_json:
        emit(_json(change))
        return
    if not change.days:
        line(session.say("Der Kalender ist unverändert.", "The calendar is unchanged."))
        return
    days = [("+", day, name) for day, name in change.days.added.items()]
    days += [("−", day, name) for day, name in change.days.removed.items()]
    table(
        ("", session.say("Tag", "Day"), session.say("Name", "Name")),
        [(sign, day.isoformat(), name[session.locale]) for sign, day, name in sorted(days, key=lambda one: one[1])],
    )
    if change.days.weekend:
        line(session.say("Das Wochenende liegt auf anderen Tagen.", "The weekend is on other days."))
    table(
        (
            session.say("Nummer", "Number"),
            session.say("Frist", "Deadline"),
            session.say("Bisher", "Before"),
            session.say("Danach", "After"),
        ),
        [
            (one.number, f"{one.rule} {one.key}".rstrip(), one.before.isoformat(), one.after.isoformat())
            for one in change.moved
        ],
    )


def _json(change: Change) -> dict[str, Any]:
    return {
        "calendar": change.key,
        "version": change.version,
        "changed": bool(change.days),
        "weekend": change.days.weekend,
        "added": {day.isoformat(): {"de": name.de, "en": name.en} for day, name in change.days.added.items()},
        "removed": {day.isoformat(): {"de": name.de, "en": name.en} for day, name in change.days.removed.items()},
        "deadlines": [
            {
                "number": one.number,
                "rule": one.rule,
                "key": one.key,
                "before": one.before.isoformat(),
                "after": one.after.isoformat(),
            }
            for one in change.moved
        ],
    }
