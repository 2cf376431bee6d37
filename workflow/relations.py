"""Ties an item to others and to people: links and assignments, begun and ended, each an event."""

from __future__ import annotations

from dataclasses import replace

from states import machine, permissions
from states.blockers import Blocker, blocker
from states.lifecycle import Lifecycle, Scope
from states.snapshot import AssignmentFact, LinkFact, Needs, Person, local_day
from workflow import deadlines
from workflow.commands import Assign, Link, Unassign, Unlink
from workflow.errors import NotFound
from workflow.events import Kind
from workflow.facts import ItemRow, Neighbour, person, who
from workflow.work import Work

Blockers = tuple[Blocker, ...]


def link_needs(command: Link, lifecycle: Lifecycle, state: str) -> Needs:
    return machine.needs_of(lifecycle, None, state)


def plan_link(work: Work, command: Link) -> tuple[Blockers, ItemRow]:
    rows = work.tx.read((work.tx.sql.item_unlocked, (command.other,)))[0]
    if not rows:
        raise NotFound("item", command.other)
    other = ItemRow(*rows[0])
    blockers = permissions.plan_link(work.lifecycle, work.snapshot, command.kind, other.number, other.lifecycle)
    if _linked(work, command.kind, command.other):
        blockers += (
            blocker(
                "linked_already",
                "{item} ist mit {other} schon so verknüpft.",
                "{item} is linked to {other} in this way already.",
                item=command.item,
                other=command.other,
            ),
        )
    return blockers, other


def apply_link(work: Work, command: Link, other: ItemRow) -> None:
    seq = work.event(Kind.LINKED, details={"link": command.kind, "other": command.other})
    work.write(work.tx.sql.insert_link, work.item.number, seq, command.kind, command.other, None)
    lifecycle = work.rules.lifecycle(work.tx, other.lifecycle, other.version)
    fact = LinkFact(command.kind, True, other.number, other.lifecycle, other.state, lifecycle.states[other.state].tags)
    work.snapshot = replace(work.snapshot, links=(*work.snapshot.links, fact))
    work.neighbours += (Neighbour(command.kind, True, other.number, other.lifecycle, other.version, other.state),)


def plan_unlink(work: Work, command: Unlink) -> tuple[Blockers, None]:
    blockers = permissions.plan_unlink(work.lifecycle, work.snapshot, command.kind)
    if not _linked(work, command.kind, command.other):
        raise NotFound("link", f"{command.kind} {command.other}")
    return blockers, None


def apply_unlink(work: Work, command: Unlink, planned: None) -> None:
    seq = work.event(Kind.UNLINKED, details={"link": command.kind, "other": command.other})
    work.write(work.tx.sql.end_link, seq, work.item.number, command.kind, command.other)
    place = (command.kind, True, command.other)
    links = tuple(one for one in work.snapshot.links if (one.kind, one.outgoing, one.other) != place)
    work.snapshot = replace(work.snapshot, links=links)


def plan_assign(work: Work, command: Assign) -> tuple[Blockers, Person]:
    assigned = _person(work, command.person)
    blockers = permissions.plan_assign(work.lifecycle, work.snapshot, command.role, assigned)
    if any(one.role == command.role and one.person == assigned.id for one in work.snapshot.assignments):
        blockers += (
            blocker(
                "assigned_already",
                "Diese Person hat die Rolle bei {item} schon.",
                "This person has the role on {item} already.",
                item=command.item,
            ),
        )
    return blockers, assigned


def apply_assign(work: Work, command: Assign, assigned: Person) -> None:
    assign(work, command.role, assigned)


def assign(work: Work, role: str, assigned: Person) -> int:
    """Write the assignment; the seq of its event. Its unit is the one the person holds the role for, if any."""
    unit = None
    if work.lifecycle.roles[role].scope is Scope.UNIT:
        unit = next((grant.scope for grant in assigned.grants if grant.role == role), None)
    seq = work.event(Kind.ASSIGNED, details={"role": role, "person": assigned.id, "unit": unit})
    work.write(work.tx.sql.insert_assignment, work.item.number, seq, role, assigned.id, unit, None)
    fact = AssignmentFact(role, assigned.id, unit)
    work.snapshot = replace(work.snapshot, assignments=(*work.snapshot.assignments, fact))
    return seq


def plan_unassign(work: Work, command: Unassign) -> tuple[Blockers, Person]:
    assigned = _person(work, command.person)
    blockers = permissions.plan_unassign(work.lifecycle, work.snapshot, command.role, assigned)
    if not any(one.role == command.role and one.person == assigned.id for one in work.snapshot.assignments):
        raise NotFound("assignment", f"{command.role} {command.person}")
    return blockers, assigned


def apply_unassign(work: Work, command: Unassign, assigned: Person) -> None:
    seq = work.event(Kind.UNASSIGNED, details={"role": command.role, "person": assigned.id})
    work.write(work.tx.sql.end_assignment, seq, work.item.number, command.role, assigned.id)
    left = tuple(one for one in work.snapshot.assignments if (one.role, one.person) != (command.role, assigned.id))
    work.snapshot = replace(work.snapshot, assignments=left)
    deadlines.refresh(work)  # it may have been the last one that others waited for


def _person(work: Work, asked: str) -> Person:
    today = local_day(work.now, work.rules.programme).isoformat()
    return person(work.tx.read(who(work.tx, asked, today))[0], asked)


def _linked(work: Work, kind: str, other: str) -> bool:
    return any(one.outgoing and (one.kind, one.number) == (kind, other) for one in work.neighbours)
