"""One handler a command: which facts it needs, what it plans with them, and how the plan is carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from states import machine, permissions, records, tasks, wording
from states.blockers import Blocker, blocker
from states.errors import UnknownName
from states.lifecycle import Lifecycle
from states.sentences import Sentence
from states.snapshot import Needs, Request, local_day
from workflow import deadlines, documents, relations
from workflow.clocks import Clock
from workflow.commands import (
    Advance,
    Assign,
    AttachDocument,
    Comment,
    Correct,
    Extend,
    ItemCommand,
    Link,
    Record,
    RemoveDocument,
    ShowDocument,
    Support,
    Unassign,
    Unlink,
)
from workflow.errors import Conflict, Invalid, Refused
from workflow.forms import write_comment, write_record, write_support
from workflow.moves import correct, move, settle, wake_neighbours
from workflow.work import Work

Planned = tuple[tuple[Blocker, ...], Any]


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind of command is handled.

    plan: (work, command) -> every blocker, and what `apply` needs. apply: writes into `work`, only without blockers.
    """

    needs: Callable[[Any, Lifecycle, str], Needs]
    plan: Callable[[Work, Any], Planned]
    apply: Callable[[Work, Any, Any], None]


def needs_of(command: ItemCommand, lifecycle: Lifecycle, state: str) -> Needs:
    """The facts that judging `command` on an item in `state` takes."""
    return (
        HANDLERS[type(command)].needs(command, lifecycle, state) | deadlines.needs(lifecycle) | tasks.needs(lifecycle)
    )


def judge(command: ItemCommand, work: Work) -> tuple[tuple[Blocker, ...], str | None]:
    """Every blocker against the command, and the state it would lead to (None: it moves nothing)."""
    blockers, planned = _plan(command, work)
    return blockers, planned.target if isinstance(planned, machine.Plan) and not blockers else None


def carry_out(command: ItemCommand, work: Work) -> None:
    """Plan and apply; then whatever follows by itself. Raises Refused, Invalid or Conflict."""
    blockers, planned = _plan(command, work)
    if blockers:
        raise refusal(blockers)
    HANDLERS[type(command)].apply(work, command, planned)
    settle(work)
    wake_neighbours(work)


def refusal(blockers: Sequence[Blocker]) -> Refused:
    """The error for these blockers: Invalid where the input itself is wrong, else Refused."""
    invalid = any(one.code.startswith(("invalid_", "unknown_")) for one in blockers)
    return Invalid(blockers) if invalid else Refused(blockers)


def _plan(command: ItemCommand, work: Work) -> Planned:
    try:
        return HANDLERS[type(command)].plan(work, command)
    except UnknownName as error:
        return (unknown(error),), None


def unknown(error: UnknownName) -> Blocker:
    """The blocker for a name that the lifecycle has not."""
    return blocker(
        f"unknown_{error.what.replace(' ', '_')}",
        "{name} gibt es hier nicht. Gemeint ist vielleicht: {near}.",
        "There is no {what} {name}. You may mean: {near}.",
        what=error.what,
        name=error.name,
        near=wording.choice(error.known, error.name),
    )


def _transition_needs(command: Advance, lifecycle: Lifecycle, state: str) -> Needs:
    return machine.needs_of(lifecycle, lifecycle.transitions.get(command.transition), state)


def _follow_on_needs(command: ItemCommand, lifecycle: Lifecycle, state: str) -> Needs:
    return machine.needs_of(lifecycle, None, state)


def _plan_advance(work: Work, command: Advance) -> Planned:
    plan = machine.plan(work.lifecycle, work.snapshot, _request(command), work.at)
    return plan.blockers, plan


def _request(command: Advance) -> Request:
    return Request(command.transition, command.reason, command.data, command.key or "")


def _apply_advance(work: Work, command: Advance, plan: machine.Plan) -> None:
    move(work, plan, _request(command))


def _record_needs(command: Record, lifecycle: Lifecycle, state: str) -> Needs:
    return records.needs_of_record(lifecycle, command.kind, state)


def _plan_record(work: Work, command: Record) -> Planned:
    plan = records.plan_record(work.lifecycle, work.snapshot, command.kind, command.data, command.key or "")
    if command.version is not None and not plan.blockers:
        place = (plan.kind.key, plan.key, plan.visit)
        version = next((one.version for one in work.snapshot.records if (one.kind, one.key, one.visit) == place), 0)
        if version != command.version:
            raise Conflict(
                Sentence(
                    f"„{command.kind}“ von {command.item} hat inzwischen Fassung {version}, nicht {command.version}.",
                    f"{command.kind} of {command.item} is at version {version} by now, not {command.version}.",
                )
            )
    return plan.blockers, plan


def _apply_record(work: Work, command: Record, plan: records.RecordPlan) -> None:
    write_record(work, plan)
    deadlines.refresh(work)


def _plan_comment(work: Work, command: Comment) -> Planned:
    return permissions.plan_comment(work.lifecycle, work.snapshot, command.text), None


def _apply_comment(work: Work, command: Comment, planned: None) -> None:
    write_comment(work, command.text, public=command.public)


def _plan_support(work: Work, command: Support) -> Planned:
    blockers = permissions.plan_support(work.lifecycle, work.snapshot)
    if work.tx.read((work.tx.sql.support, (command.item, work.snapshot.actor.id)))[0]:
        blockers += (
            blocker(
                "supported_already",
                "Sie unterstützen {item} schon.",
                "You support {item} already.",
                item=command.item,
            ),
        )
    return blockers, None


def _apply_support(work: Work, command: Support, planned: None) -> None:
    write_support(work)


def _plan_correct(work: Work, command: Correct) -> Planned:
    return permissions.plan_correct(work.lifecycle, work.snapshot, command.to, command.reason), None


def _apply_correct(work: Work, command: Correct, planned: None) -> None:
    correct(work, command.to, command.reason)


def _plan_extend(work: Work, command: Extend) -> Planned:
    clock = deadlines.running(work, command.rule, command.key)
    due = clock.day if clock else None
    today = local_day(work.now, work.programme)
    return permissions.plan_extend(work.lifecycle, work.snapshot, due, command.to, command.reason, today), clock


def _apply_extend(work: Work, command: Extend, clock: Clock) -> None:
    deadlines.extend(work, clock, command.to, command.reason)


HANDLERS: dict[type[ItemCommand], Handler] = {
    Advance: Handler(_transition_needs, _plan_advance, _apply_advance),
    Record: Handler(_record_needs, _plan_record, _apply_record),
    Link: Handler(relations.link_needs, relations.plan_link, relations.apply_link),
    Unlink: Handler(_follow_on_needs, relations.plan_unlink, relations.apply_unlink),
    Assign: Handler(_follow_on_needs, relations.plan_assign, relations.apply_assign),
    Unassign: Handler(_follow_on_needs, relations.plan_unassign, relations.apply_unassign),
    Extend: Handler(_follow_on_needs, _plan_extend, _apply_extend),
    Comment: Handler(_follow_on_needs, _plan_comment, _apply_comment),
    AttachDocument: Handler(_follow_on_needs, documents.plan_of_attaching, documents.attach),
    RemoveDocument: Handler(_follow_on_needs, documents.plan_of_removing, documents.remove),
    ShowDocument: Handler(_follow_on_needs, documents.plan_of_showing, documents.show),
    Support: Handler(_follow_on_needs, _plan_support, _apply_support),
    Correct: Handler(_follow_on_needs, _plan_correct, _apply_correct),
}
