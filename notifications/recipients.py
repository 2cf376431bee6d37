"""Who is told: from the roles of an intent to persons, as they stand now. Who is left out is noted with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from notifications.matter import Matter, Running
from notifications.preferences import Mode, mode, wishes
from notifications.render import Templates
from states.record_kinds import Per
from states.snapshot import local_day
from workflow import followers
from workflow.models import contact, deputy, person, role_grant
from workflow.queries.people import holders
from workflow.work import FOLLOWERS

STAND_IN = ".invalid"
"""Where the addresses of people end whom nobody can reach (workflow/access.py)."""


class LeftOut(StrEnum):
    """Why somebody is not told."""

    NOBODY = "nobody_has_the_role"
    OWN_DOING = "own_doing"
    AWAY = "away_deputy_told"
    SWITCHED_OFF = "switched_off"
    MOVED_ON = "item_moved_on"
    SETTLED = "deadline_settled"
    DONE = "own_part_done"
    NO_ADDRESS = "no_address"
    NOTHING_LEFT = "nothing_left_to_do"
    NOT_PUBLIC = "item_not_public"


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody whom an intent concerns; `role:…` where nobody holds the role. `left_out`: why they get no mail.
    `zone`: by whose clocks they live; None: the programme's."""

    person: str
    role: str | None
    stands_for: str | None = None
    mode: Mode = Mode.AT_ONCE
    left_out: LeftOut | None = None
    zone: str | None = None


def told(connection: Connection, matter: Matter, templates: Templates, now: datetime) -> tuple[Told, ...]:
    """Everybody whom the intent concerns, each once, at the aware moment `now`."""
    day = local_day(now, matter.programme)
    concerned = list(_concerned(connection, matter, day))
    deputies = _deputies(connection, [one for one in concerned if one.role != FOLLOWERS], day)
    away = {(one.stands_for, one.role) for one in deputies}
    concerned += deputies
    reachable = _reachable(connection, [one.person for one in concerned])
    wanted = wishes(connection, reachable)
    found: dict[str, Told] = {}
    for one in concerned:
        handed_in = one.role is not None and one.role == matter.lifecycle.created_by
        how = mode(wanted, templates, one.person, matter.intent.notice, handed_in=handed_in)
        why = one.left_out or _left_out(matter, one, handed_in=handed_in)
        if why is None and (one.person, one.role) in away:
            why = LeftOut.AWAY
        if why is None and one.person not in reachable:
            why = LeftOut.NO_ADDRESS
        if why is None and how is Mode.OFF:
            why = LeftOut.SWITCHED_OFF
        before = found.get(one.person)
        if before is None or (before.left_out and not why):
            found[one.person] = replace(one, mode=how, left_out=why, zone=reachable.get(one.person))
    return tuple(found.values())


def _left_out(matter: Matter, one: Told, *, handed_in: bool) -> LeftOut | None:
    """Why somebody need not be told, whoever they are. Who handed the item in or follows it is told of every step."""
    if matter.settled:
        return LeftOut.SETTLED
    if handed_in or one.role == FOLLOWERS:
        return None
    if matter.step and one.person in matter.step.actors:
        return LeftOut.OWN_DOING
    return LeftOut.MOVED_ON if matter.moved_on else None


def _concerned(connection: Connection, matter: Matter, day: date) -> Iterator[Told]:
    """Persons by the roles, first those who handed the item in."""
    params = matter.intent.params
    if "person" in params:
        yield Told(str(params["person"]), None)
        return
    if matter.intent.roles == (FOLLOWERS,):
        told_anyway = {one.person for one in matter.snapshot.assignments if one.role == matter.lifecycle.created_by}
        for one in followers.of(connection, matter.item.number):
            if one not in told_anyway:
                yield Told(one, FOLLOWERS, left_out=None if matter.item.released else LeftOut.NOT_PUBLIC)
        return
    for role in sorted(matter.intent.roles, key=lambda one: one != matter.lifecycle.created_by):
        people = holders(connection, matter.lifecycle, matter.snapshot, role, day)
        if key := params.get("key"):
            people = tuple(_for_key(connection, matter, role, people, str(key)))
        if not people:
            yield Told(f"role:{role}", role, left_out=LeftOut.NOBODY)
        for one in people:
            done = matter.occasion is not None and has_done(connection, matter, matter.occasion, role, one)
            yield Told(one, role, left_out=LeftOut.DONE if done else None)


def _for_key(connection: Connection, matter: Matter, role: str, people: Iterable[str], key: str) -> Iterator[str]:
    """Those of `people` whose the deadline of that body, unit, city or person is; all, where `key` is another thing."""
    programme = matter.programme
    for one in people:
        if key in (*programme.offices, *programme.bodies, *programme.cities):
            if key in _scopes(connection, matter, role, one):
                yield one
        elif not key.startswith("p-") or key == one:
            yield one


def _scopes(connection: Connection, matter: Matter, role: str, who: str) -> set[str]:
    """The units, bodies and cities for which somebody holds a role on the item."""
    assigned = {one.unit for one in matter.snapshot.assignments if one.person == who and one.role == role and one.unit}
    granted = connection.scalars(
        select(role_grant.c.scope).where(
            role_grant.c.person == who,
            role_grant.c.role == role,
            role_grant.c.revoked_at.is_(None),
            role_grant.c.scope.is_not(None),
        )
    )
    return assigned | {scope for scope in granted if scope}


def has_done(connection: Connection, matter: Matter, due: Running, role: str, who: str) -> bool:
    """Whether the record that would end the deadline is there, as far as it is this person's or their unit's."""
    kind = matter.lifecycle.records.get(due.rule.until or "")
    if kind is None or kind.per not in (Per.PERSON, Per.UNIT, Per.BODY, Per.CITY):
        return False
    written = {
        fact.key
        for fact in matter.snapshot.records
        if fact.kind == kind.key and fact.visit in (0, matter.snapshot.visit)
    }
    own = {who} if kind.per is Per.PERSON else _scopes(connection, matter, role, who)
    return bool(own) and own <= written


def _deputies(connection: Connection, concerned: Iterable[Told], day: date) -> list[Told]:
    rows = connection.execute(
        select(deputy).where(
            deputy.c.person.in_([one.person for one in concerned]),
            deputy.c.valid_from <= day.isoformat(),
            deputy.c.valid_to >= day.isoformat(),
        )
    ).all()
    return [
        replace(one, person=row.deputy, stands_for=one.person)
        for one in concerned
        for row in rows
        if row.person == one.person and row.role in (None, one.role)
    ]


def _reachable(connection: Connection, people: Iterable[str]) -> dict[str, str | None]:
    """Those who have an address, with their time zone."""
    rows = connection.execute(
        select(person.c.id, person.c.zone)
        .join(contact, contact.c.person == person.c.id)
        .where(
            person.c.id.in_(sorted(set(people))),
            person.c.erased_at.is_(None),
            contact.c.email.not_like(f"%{STAND_IN}"),
        )
    )
    return {row.id: row.zone for row in rows}
