"""Plays the demonstration into a database, once: a second call finds everything there, a broken-off one goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from ideenweg.demo.plot import Scene, read, scenes
from ideenweg.wiring import SHIPPED, App
from states.lifecycle import Role
from states.snapshot import local_day
from workflow import access
from workflow.commands import Advance, Assign, Command, Comment, Create, Link, Record
from workflow.engine import Engine
from workflow.errors import BadInput
from workflow.events import moment
from workflow.models import contact, event, item, person
from workflow.progress import Progress, silent
from workflow.streams import Origin

MARK = "vorfuehrung@ideenweg.example"
"""An account without any role. Where it is, the data are invented, and made on the day it was added."""

LONG_AGO = timedelta(days=1300)
"""Since when the offices have their roles: before the first step."""


@dataclass(frozen=True, slots=True)
class Played:
    """What a call did: how many steps it took, 0 where all was there already; and how many items there are."""

    steps: int
    items: int


def is_demonstration(connection: Connection) -> bool:
    """Whether the data of this database are invented."""
    return _made_at(connection) is not None


def play(app: App, now: datetime, account: str | None = None, progress: Progress = silent) -> Played:
    """Bring the demonstration of the shipped programme to the database of `app`, as of the day of its first call.

    account: the operating system's, for the history. Raises BadInput where other items are there, or the programme is
    not the shipped one.
    """
    if app.config_dir != SHIPPED:
        raise BadInput(
            f"The demonstration is one of the shipped programme, and {app.config_dir} holds another.",
            remedy="Unset IDEENWEG_CONFIG_DIR for it.",
        )
    with app.database.reading() as connection:
        begun = _made_at(connection)
        if begun is None and connection.execute(select(item.c.number).limit(1)).first():
            raise BadInput(
                "This database holds items that are not invented.",
                remedy="Give the demonstration one of its own: --database sqlite:///demo.db",
            )
    if begun is None:
        begun = now
        _set_up(app, begun, account)
    plot = scenes(local_day(begun, app.rules.programme), app.rules.programme.zone)
    items = sum("create" in scene.step for scene in plot)
    with app.database.reading() as connection:
        if connection.execute(select(event.c.seq).where(event.c.command_id == _id(plot[-1]))).first():
            return Played(0, items)
    engine = Engine(app.database, app.rules, via="cli", account=account)
    numbers: dict[str, str] = {}
    for done, scene in enumerate(plot, 1):
        if "sweep" in scene.step:
            app.sweep(now=scene.moment)
        else:
            numbers[scene.idea] = engine.execute(_command(scene, numbers), now=scene.moment).item.number
        progress("steps", done, len(plot))
    return Played(len(plot), items)


def _set_up(app: App, now: datetime, account: str | None) -> None:
    """Load the shipped lifecycles; then, in one transaction, add the accounts and the mark."""
    begin = now - LONG_AGO
    lifecycles = [app.load(file, now=begin)[0] for file in sorted(SHIPPED.glob("lifecycles/*.yaml"))]
    roles = {role.key: role for lifecycle in lifecycles for role in lifecycle.roles.values()}
    origin = Origin(account or "operator", "cli", account)

    def add(connection: Connection) -> None:
        for email, told in read("people.yaml").items():
            access.add(connection, email, told["name"], origin, begin)
            for role, scope in ((role, scope) for one in told.get("roles", ()) for role, scope in one.items()):
                _grant(app, connection, email, roles[role], scope, origin, begin)
        access.add(connection, MARK, "Vorführung", origin, now)

    app.database.attempt(add)


def _grant(
    app: App, connection: Connection, email: str, role: Role, scope: str | None, origin: Origin, begin: datetime
) -> None:
    since: date = local_day(begin, app.rules.programme)
    access.grant(connection, email, role, scope, app.rules.programme, origin, begin, valid_from=since)


def _made_at(connection: Connection) -> datetime | None:
    made = connection.execute(
        select(person.c.created_at).join(contact, contact.c.person == person.c.id).where(contact.c.email == MARK)
    ).scalar_one_or_none()
    return moment(made) if made else None


def _id(scene: Scene) -> str:
    return f"demo/{scene.idea}/{scene.n}"


def _command(scene: Scene, numbers: dict[str, str]) -> Command:
    """The command of a scene. `numbers`: the item of each idea that was created so far."""
    step, by, id_ = scene.step, scene.step["by"], _id(scene)
    data: Any = step.get("data")
    if "create" in step:
        return Create(actor=by, lifecycle=step["create"], data=data, command_id=id_)
    own = numbers[scene.idea]
    if "advance" in step:
        move, reason = step["advance"], step.get("reason")
        return Advance(actor=by, item=own, transition=move, data=data, reason=reason, command_id=id_)
    if "record" in step:
        return Record(actor=by, item=own, kind=step["record"], key=step.get("key"), data=data, command_id=id_)
    if "assign" in step:
        return Assign(actor=by, item=own, role=step["assign"], person=step["person"], command_id=id_)
    if "link" in step:
        return Link(actor=by, item=own, kind=step["link"], other=numbers[step["to"]], command_id=id_)
    return Comment(actor=by, item=own, text=step["comment"], public=True, command_id=id_)
