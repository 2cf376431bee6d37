"""Several commands as one act: looked at beforehand, then all of them or those that can be, under one batch id.

The id of every command is the batch's and the item's, `<batch>:<number>`: it stands on each event, and the same batch
sent again does nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from states.blockers import Blocker
from states.sentences import Sentence
from workflow.commands import Create, ItemCommand, Link
from workflow.engine import Engine, Outcome
from workflow.errors import BadInput, Conflict, NotFound, Refused, WorkflowError
from workflow.models import item
from workflow.progress import Progress, silent

MOST = 2000
"""Commands in one batch: more of them in one transaction would keep other writers waiting for too long."""


@dataclass(frozen=True, slots=True)
class Held:
    """A command that cannot be carried out, and every reason why."""

    item: str
    blockers: tuple[Blocker, ...] = ()
    error: WorkflowError | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """What a batch did, or (from `preview`) would do. With `whole` and anything held, nothing is done."""

    batch: str
    allowed: tuple[str, ...]
    held: tuple[Held, ...]
    done: tuple[Outcome, ...] = ()


def batch_id() -> str:
    """A new id for a batch."""
    return f"batch-{uuid4()}"


def preview(engine: Engine, commands: Sequence[ItemCommand], now: datetime, *, batch: str = "") -> Bulk:
    """What would become of each command now. Raises BadInput for none, too many, or two on one item."""
    _checked(commands)
    allowed, held = [], []
    for command in commands:
        try:
            judged = engine.plan(command, now=now)
        except NotFound as error:
            held.append(Held(command.item, error=error))
            continue
        if judged.allowed:
            allowed.append(command.item)
        else:
            held.append(Held(command.item, judged.blockers))
    return Bulk(batch, tuple(allowed), tuple(held))


def carry_out(
    engine: Engine,
    commands: Sequence[ItemCommand],
    now: datetime,
    *,
    whole: bool,
    batch: str | None = None,
    progress: Progress = silent,
) -> Bulk:
    """Carry the batch out. whole: all commands in one transaction, or none of them; else one by one what can be.

    batch: its id, to repeat a call that was cut off. Raises BadInput as `preview` does, and StorageError.
    """
    _checked(commands)
    name = batch or batch_id()
    named = [
        replace(one, command_id=f"{name}:{one.item}") for one in sorted(commands, key=lambda command: command.item)
    ]
    if whole:
        return _whole(engine, named, now, name)
    done, held = [], []
    for place, command in enumerate(named, start=1):
        try:
            done.append(engine.execute(command, now=now))
        except Refused as error:
            held.append(Held(command.item, tuple(error.blockers)))
        except (Conflict, NotFound) as error:
            held.append(Held(command.item, error=error))
        progress("items", place, len(named))
    return Bulk(name, tuple(one.item.number for one in done), tuple(held), tuple(done))


def _whole(engine: Engine, commands: Sequence[ItemCommand], now: datetime, batch: str) -> Bulk:
    try:
        done = engine.execute_all(commands, now=now)
    except (Refused, Conflict, NotFound):
        seen = preview(engine, commands, now, batch=batch)
        if seen.held:
            return replace(seen, allowed=())
        raise  # it was something between the commands: the one that failed says what
    return Bulk(batch, tuple(one.item.number for one in done), (), done)


def _checked(commands: Sequence[ItemCommand]) -> None:
    if not commands:
        raise BadInput(
            Sentence("Es ist nichts gewählt.", "No item was chosen."),
            remedy=Sentence("Wählen Sie mindestens einen Vorgang.", "Choose at least one."),
        )
    if len(commands) > MOST:
        many = len(commands)
        raise BadInput(
            Sentence(
                f"Das sind {many} Vorgänge; zusammen gehen höchstens {MOST}.",
                f"These are {many} items; a batch has at most {MOST}.",
            ),
            remedy=Sentence("Nehmen Sie sie in Teilen.", "Take them in parts."),
        )
    number, times = Counter(one.item for one in commands).most_common(1)[0]
    if times > 1:
        raise BadInput(
            Sentence(f"{number} ist {times}-mal gewählt.", f"{number} was chosen {times} times."),
            remedy=Sentence("Wählen Sie jeden Vorgang einmal.", "Choose each item once."),
        )


def split_off(
    engine: Engine,
    number: str,
    kind: str,
    data: Mapping[str, Any],
    actor: str,
    now: datetime,
    *,
    on_behalf_of: str | None = None,
    command_id: str | None = None,
) -> tuple[Outcome, tuple[Blocker, ...]]:
    """Make a part of item `number` an item of its own, with `data` as its sheet, and link it by `kind` to where it came
    from; with what stands against the link, where the new item is there without one.

    The item that it came from stays as it is, with its support, its documents and its history. on_behalf_of: in whose
    place. Raises NotFound, and Refused where the new item cannot be made.
    """
    with engine.database.reading() as connection:
        key = connection.scalar(select(item.c.lifecycle).where(item.c.number == number))
    if key is None:
        raise NotFound("item", number)
    create = Create(actor=actor, on_behalf_of=on_behalf_of, lifecycle=key, data=data, command_id=command_id)
    made = engine.execute(create, now=now)
    link = Link(
        actor=actor, on_behalf_of=on_behalf_of, item=made.item.number, kind=kind, other=number,
        command_id=command_id and f"{command_id}:link",
    )  # fmt: skip
    try:
        return replace(made, item=engine.execute(link, now=now).item), ()
    except Refused as error:
        return made, error.blockers
