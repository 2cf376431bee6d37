"""Who may do what is neither a move nor a record: create, link, assign, comment, support, correct. Plans only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from states import wording
from states.blockers import Blocker, blocker
from states.errors import UnknownName
from states.lifecycle import ANYONE, Lifecycle, LinkKind, Role, Scope
from states.programme import Programme
from states.record_kinds import Column
from states.records import RecordPlan, kind_of, planned
from states.roles import acting, barred, reaches, usable
from states.snapshot import Person, Snapshot
from states.validation import LONGEST_TEXT, checked, storable

Blockers = tuple[Blocker, ...]


def plan_create(
    lifecycle: Lifecycle,
    programme: Programme,
    actor: Person,
    represented: Person | None,
    data: Mapping[str, Any],
    now: datetime,
    deputy_for: frozenset[str] | None = None,
) -> RecordPlan:
    """The sheet of a new item, with every blocker against creating it.

    Roles are judged as if the item were there: a coordinator of one city creates no item of another alone. Those with a
    role of this lifecycle may hand in for somebody else, from paper or on the phone; a deputy may create what the
    person could whose place they take. deputy_for: the roles to which that is limited, empty: all; None: no deputy.
    """
    kind = kind_of(lifecycle, lifecycle.sheet or "sheet")
    right, faults = checked(lifecycle, programme, kind, data)
    sheet = planned(kind, (), "", int(lifecycle.initial in kind.visit), right)
    named = sheet.columns.get(Column.CITIES) or ()
    snapshot = Snapshot(
        number="",
        state=lifecycle.initial,
        visit=1,
        revision=0,
        entered_at=now,
        actor=actor,
        cities=tuple(one for one in named if one in programme.cities),
        programme=programme,
    )
    blockers = barred(lifecycle, snapshot, lifecycle.create)
    if represented is not None and not usable(lifecycle, snapshot):
        blockers.append(
            blocker(
                "not_for_others",
                "Für eine andere Person reicht nur ein, wer hier eine Aufgabe hat: {who}.",
                "To hand in for somebody else takes a role here: {who}.",
                who=[role.label for role in lifecycle.roles.values() if role.scope is not Scope.ITEM]
                or [wording.NOBODY],
            )
        )
    if blockers and deputy_for is not None:
        there = replace(snapshot, represented=represented, deputy=True, deputy_for=deputy_for)
        blockers = barred(lifecycle, there, lifecycle.create)
    return replace(sheet, blockers=(*blockers, *faults))


def plan_link(lifecycle: Lifecycle, snapshot: Snapshot, kind: str, other: str, other_lifecycle: str) -> Blockers:
    """What stands against a link of `kind` to the item `other`. Raises UnknownName for an unknown kind."""
    link = _link(lifecycle, kind)
    return (*barred(lifecycle, snapshot, link.write), *_misled(link, snapshot, other, other_lifecycle))


def plan_unlink(lifecycle: Lifecycle, snapshot: Snapshot, kind: str) -> Blockers:
    """What stands against ending a link of `kind`: who may set one may end one. Raises UnknownName."""
    return tuple(barred(lifecycle, snapshot, _link(lifecycle, kind).write))


def plan_assign(lifecycle: Lifecycle, snapshot: Snapshot, role: str, person: Person) -> Blockers:
    """What stands against giving `person` the role on this item. Raises UnknownName for an unknown role.

    A role that is granted for a city, a body or a unit goes to those alone who have it there: an assignment says who of
    them, it does not make one. So those who share a place may take an item up and pass it on among themselves.
    """
    declared = _role(lifecycle, role)
    blockers = (
        [] if _of_one_place(lifecycle, snapshot, role, person) else list(_assignable(lifecycle, snapshot, declared))
    )
    scoped = declared.scope in (Scope.CITY, Scope.BODY, Scope.UNIT)
    if scoped and not any(grant.role == role for grant in person.grants):
        blockers.append(
            blocker(
                "role_not_granted",
                "Diese Person hat die Rolle „{role}“ nicht. Die Administration kann sie ihr geben.",
                "This person does not hold the role “{role}”. The administration can grant it.",
                role=declared.label,
            )
        )
    return tuple(blockers)


def plan_unassign(lifecycle: Lifecycle, snapshot: Snapshot, role: str, person: Person) -> Blockers:
    """What stands against taking the role on this item back. Raises UnknownName for an unknown role.

    Who may assign may, and so may `person`, and those who hold the role for the same place.
    """
    declared = _role(lifecycle, role)
    if person.id == acting(snapshot).id or _of_one_place(lifecycle, snapshot, role, person):
        return ()
    return tuple(_assignable(lifecycle, snapshot, declared))


def plan_comment(lifecycle: Lifecycle, snapshot: Snapshot, text: str) -> Blockers:
    """What stands against a comment: it takes a role on the item, and a text."""
    return (*barred(lifecycle, snapshot, lifecycle.roles or (ANYONE,)), *_text(text, "text"))


def plan_support(lifecycle: Lifecycle, snapshot: Snapshot) -> Blockers:
    """What stands against supporting the item. That a person does so once is for the writer to see to."""
    blockers = []
    if not lifecycle.support or lifecycle.states[snapshot.state].final:
        blockers.append(
            blocker(
                "no_support",
                "Unterstützen ist hier nicht möglich.",
                "Support is not possible here.",
            )
        )
    if snapshot.represented is not None:
        blockers.append(
            blocker(
                "own_support_only",
                "Unterstützen kann jede Person nur für sich selbst.",
                "Each person can give support for themselves only.",
            )
        )
    return tuple(blockers)


def plan_correct(lifecycle: Lifecycle, snapshot: Snapshot, to: str, reason: str) -> Blockers:
    """What stands against putting the item into state `to` by force. Raises UnknownName for an unknown state."""
    if to not in lifecycle.states:
        raise UnknownName("state", to, list(lifecycle.states))
    state = lifecycle.states[to]
    blockers = barred(lifecycle, snapshot, lifecycle.correct)
    if to == snapshot.state:
        blockers.append(
            blocker(
                "already_there",
                "Der Vorgang ist schon im Zustand „{state}“.",
                "The item is in the state “{state}” already.",
                state=state.label,
            )
        )
    if state.pauses:
        blockers.append(
            blocker(
                "no_origin",
                "„{state}“ führt in den Zustand davor zurück; dorthin kommt man nur durch einen Schritt.",
                "“{state}” leads back to the state before; a transition alone leads there.",
                state=state.label,
            )
        )
    return (*blockers, *_text(reason, "reason"))


def plan_extend(
    lifecycle: Lifecycle, snapshot: Snapshot, due: date | None, to: date, reason: str, today: date
) -> Blockers:
    """What stands against giving a deadline that is due on `due` (None: it does not run) until `to`."""
    blockers = barred(lifecycle, snapshot, lifecycle.extenders(snapshot.state))
    if due is None:
        blockers.append(
            blocker(
                "not_running",
                "Diese Frist läuft zurzeit nicht.",
                "This deadline does not run at present.",
            )
        )
    elif to <= max(due, today - timedelta(days=1)):
        blockers.append(
            blocker(
                "invalid_day",
                "Die Frist läuft bis {due_de}. Bitte einen späteren Tag angeben, der noch nicht vorbei ist.",
                "The deadline runs until {due}. Give a later day that has not passed.",
                due=due.isoformat(),
                due_de=wording.german_day(due.isoformat()),
                path="to",
            )
        )
    return (*blockers, *_text(reason, "reason"))


def _link(lifecycle: Lifecycle, kind: str) -> LinkKind:
    if kind not in lifecycle.links:
        raise UnknownName("link kind", kind, list(lifecycle.links))
    return lifecycle.links[kind]


def _role(lifecycle: Lifecycle, role: str) -> Role:
    if role not in lifecycle.roles:
        raise UnknownName("role", role, list(lifecycle.roles))
    return lifecycle.roles[role]


def _misled(link: LinkKind, snapshot: Snapshot, other: str, other_lifecycle: str) -> Iterator[Blocker]:
    if other == snapshot.number:
        yield blocker(
            "invalid_link",
            "Ein Vorgang kann nicht mit sich selbst verknüpft werden.",
            "An item cannot be linked to itself.",
            path="other",
        )
    if link.to and other_lifecycle not in link.to:
        yield blocker(
            "invalid_link",
            "„{label}“ führt zu {to}; {other} ist {lifecycle}.",
            "“{label}” leads to {to}; {other} is {lifecycle}.",
            label=link.label,
            to=list(link.to),
            other=other,
            lifecycle=other_lifecycle,
            path="other",
        )


def _of_one_place(lifecycle: Lifecycle, snapshot: Snapshot, role: str, person: Person) -> bool:
    """Whether `person` and the actor hold the role here for one and the same city, body or unit, or without any."""
    if role not in usable(lifecycle, snapshot) or barred(lifecycle, snapshot, (role,)):
        return False
    own = {one for one in acting(snapshot).grants if one.role == role and reaches(lifecycle, snapshot, one)}
    return not own.isdisjoint(person.grants)


def _assignable(lifecycle: Lifecycle, snapshot: Snapshot, role: Role) -> Iterator[Blocker]:
    if not role.assign:
        yield blocker(
            "not_assignable",
            "„{role}“ wird nicht für einzelne Vorgänge vergeben.",
            "“{role}” is not given on single items.",
            role=role.label,
        )
    else:
        yield from barred(lifecycle, snapshot, role.assign)


def _text(text: str, path: str) -> Iterator[Blocker]:
    if not text.strip():
        yield blocker(
            "reason_missing" if path == "reason" else "invalid_text",
            "Schreiben Sie einen oder zwei Sätze dazu.",
            "Add a sentence or two.",
            path=path,
        )
    elif len(text) > LONGEST_TEXT or not storable(text):
        yield blocker(
            f"invalid_{path}",
            "Der Text ist länger als {limit} Zeichen oder enthält eines, das kein Text ist.",
            "The text is longer than {limit} characters or has one that is no text.",
            limit=LONGEST_TEXT,
            path=path,
        )
