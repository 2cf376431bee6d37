"""How a call becomes a command of the engine: only on what its person sees, only if it is what they saw, only once."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Response
from sqlalchemy import select

from ideenweg.web.api.caller import Caller
from ideenweg.web.api.item_documents import ItemState, Outcome
from ideenweg.web.api.problems import Problem, blocker_model, current_of
from ideenweg.web.api.values import label
from states.blockers import blocker
from workflow import access, engine
from workflow.commands import Command, ItemCommand, Link
from workflow.errors import Conflict, Invalid, NotFound
from workflow.models import item
from workflow.queries import visible
from workflow.transaction import Transaction


def _seen(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            pattern=r'^(\*|"[1-9][0-9]{0,8}")$',
            description="The ETag of the item as you saw it: its revision in quotes. If it has changed since, nothing "
            "happens (412).",
            examples=['"17"'],
        ),
    ] = None,
) -> int | None:
    return None if if_match in (None, "*") else int(if_match.strip('"'))


Seen = Annotated[int | None, Depends(_seen)]
"""The revision that the caller saw, by If-Match."""


def carry_out(caller: Caller, response: Response, command: Command, *, named_in_address: bool = False) -> Outcome:
    """Have the engine do it, and say what became of the item.

    named_in_address: what the command names besides the item stands in the address, too, and not in the body.
    Raises what the engine does, NotFound for an item that the caller does not see, Problem 412 where it has changed.
    """
    if isinstance(command, ItemCommand):
        must_see(caller, command.item, command.on_behalf_of)
    if isinstance(command, Link):
        with caller.reading() as connection:
            if visible.hides(connection, caller.sees(connection), command.other):
                raise nobody(NotFound("item", command.other))
    try:
        outcome = caller.execute(command)
    except Conflict as error:
        if isinstance(command, ItemCommand) and command.revision is not None:
            raise Problem("changed", error.message, current=current_of(error.current)) from None
        raise
    except NotFound as error:
        own = error.what == "item" and isinstance(command, ItemCommand) and error.name == command.item
        if own or named_in_address:
            raise
        raise nobody(error) from None
    return outcome_of(caller, response, outcome)


def outcome_of(caller: Caller, response: Response, outcome: engine.Outcome) -> Outcome:
    """The answer to a change."""
    one = outcome.item
    with caller.reading() as connection:
        lifecycle = caller.doors.workflow.rules.lifecycle(Transaction(connection), one.lifecycle, one.version)
    response.headers["ETag"] = f'"{one.revision}"'
    state = ItemState(
        number=one.number,
        title=one.title,
        lifecycle=one.lifecycle,
        version=one.version,
        state=one.state,
        label=label(lifecycle.states[one.state].label),
        stage=one.stage,
        revision=one.revision,
        entered_at=caller.at(one.entered_at),
    )
    odd = [blocker_model(one) for one in outcome.warnings]
    return Outcome(item=state, seqs=list(outcome.seqs), repeated=outcome.repeated, warnings=odd)


def must_see(caller: Caller, number: str, on_behalf_of: str | None = None) -> None:
    """Raises NotFound for an item that neither the caller sees nor whom they act for."""
    with caller.reading() as connection:
        conditions = [caller.sees(connection)]
        if on_behalf_of is not None:
            try:
                represented = access.find(connection, on_behalf_of).id
            except NotFound as error:
                raise nobody(error) from None
            conditions.append(visible.to_person(connection, caller.doors.workflow.rules, represented, caller.today))
        for condition in conditions:
            if connection.execute(select(item.c.number).where(item.c.number == number, condition)).first():
                return
    raise NotFound("item", number)


def nobody(error: NotFound) -> Invalid:
    """Something that the body names and that there is not: the address itself was right."""
    return Invalid(
        [
            blocker(
                f"unknown_{error.what.replace(' ', '_')}",
                "{name} gibt es nicht.",
                "There is no {what} {name}.",
                what=error.what,
                name=error.name,
            )
        ]
    )
