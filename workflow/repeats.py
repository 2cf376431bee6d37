"""What is no command of the engine happens once, too, however often it is sent under one id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select

from states.blockers import blocker
from workflow.errors import Invalid
from workflow.events import timestamp
from workflow.forms import canonical_text
from workflow.models import command


def once(
    connection: Connection,
    actor: str,
    command_id: str | None,
    request: Mapping[str, Any],
    now: datetime,
    work: Callable[[], str],
) -> str:
    """What `work` gives, or gave when the actor sent this request under this id before.

    work: writes by the caller's connection; what it gives (an id) is kept. command_id None: it is not repeatable.
    Raises Invalid where the actor sent another request under the id.
    """
    if command_id is None:
        return work()
    digest = sha256(canonical_text(dict(request)).encode()).hexdigest()
    known = (command.c.actor == actor) & (command.c.command_id == command_id)
    row = connection.execute(select(command.c.request_hash, command.c.result).where(known)).one_or_none()
    if row is not None:
        if row.request_hash != digest:
            raise reused(command_id)
        return str(row.result)
    done = work()
    connection.execute(
        insert(command).values(actor=actor, command_id=command_id, request_hash=digest, result=done, at=timestamp(now))
    )
    return done


def reused(command_id: str) -> Invalid:
    """The error where another request was sent under an id before."""
    return Invalid(
        [
            blocker(
                "invalid_command_id",
                "Unter der Kennung {id} wurde schon etwas anderes gesendet. Bitte eine neue Kennung verwenden.",
                "Another request was sent under the id {id} before. Use a new id.",
                id=command_id,
            )
        ]
    )
