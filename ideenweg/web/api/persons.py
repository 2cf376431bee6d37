"""/persons: who is known, what they may do, who stands in for them. For administrators."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from ideenweg.web.api.caller import Administrator, Caller, IdempotencyKey
from ideenweg.web.api.items import link_next
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, Day, Document, Page, PageQuery, PersonRef, Sent
from workflow import access
from workflow.errors import BadInput, NotFound
from workflow.queries import people
from workflow.queries.people import DeputyLine, GrantLine, PersonLine
from workflow.queries.roles import role_of

router = APIRouter(prefix="/persons", tags=["persons"], route_class=StrictRoute)

Id = Annotated[
    str, Path(pattern=r"^p-[0-9a-f]{16}$", description="The id of a person.", examples=["p-5f1c09a7d2e84b36"])
]
GrantId = Annotated[
    str, Path(pattern=r"^g-[0-9a-f]{16}$", description="The id of a grant.", examples=["g-0f3a5b7c9d1e2f40"])
]


class Grant(Document):
    """A role that somebody has, had or will have."""

    id: str = Field(examples=["g-0f3a5b7c9d1e2f40"])
    role: str = Field(examples=["coordinator"])
    scope_kind: str | None = Field(description="city, body or unit; null: everything.", examples=["city"])
    scope: str | None = Field(examples=["dortmund"])
    valid_from: date = Field(examples=["2026-01-01"])
    valid_to: date | None = Field(description="The last day; null: without an end.", examples=[None])


class Deputy(Document):
    """`deputy` acts in the place of `person`; both e-mail addresses, both days included."""

    id: str = Field(examples=["d-0f3a5b7c9d1e2f40"])
    person: str = Field(examples=["leitung@dortmund.example"])
    deputy: str = Field(examples=["vertretung@dortmund.example"])
    role: str | None = Field(description="Null: in all roles.", examples=[None])
    valid_from: date = Field(examples=["2026-07-01"])
    valid_to: date = Field(examples=["2026-07-21"])


class KnownPerson(Document):
    """Somebody known."""

    id: str = Field(examples=["p-5f1c09a7d2e84b36"])
    email: str = Field(examples=["koordination@dortmund.example"])
    name: str = Field(examples=["Koordination Dortmund"])
    locale: str = Field(examples=["de"])
    grants: list[Grant]


class PersonWithDeputies(KnownPerson):
    """Somebody known, with who stands in for whom."""

    deputies: list[Deputy] = Field(description="Either way round, the latest first.")


class Persons(Page):
    """A page of persons, by e-mail address."""

    persons: list[KnownPerson]


class PersonQuery(PageQuery):
    """Which persons."""

    role: str | None = Field(
        None, pattern=NAME, description="Who has been granted this role.", examples=["coordinator"]
    )


class NewPerson(Sent):
    """Somebody to make known."""

    email: str = Field(min_length=3, max_length=254, examples=["umweltamt@dortmund.example"])
    name: str = Field(min_length=1, max_length=200, examples=["Umweltamt Dortmund"])
    locale: Literal["de", "en"] = "de"


class NewGrant(Sent):
    """A role to grant."""

    role: str = Field(pattern=NAME, examples=["coordinator"])
    scope: str | None = Field(None, pattern=NAME, description="The city, body or unit.", examples=["dortmund"])
    valid_from: Day | None = Field(None, description="The first day; absent: today.")
    valid_to: Day | None = Field(None, description="The last day; absent: without an end.")
    lifecycle: str | None = Field(
        None, pattern=NAME, description="Where lifecycles mean different roles by one name.", examples=[None]
    )


class NewDeputy(Sent):
    """Who stands in, and when."""

    deputy: PersonRef
    valid_from: Day = Field(examples=["2026-07-01"])
    valid_to: Day = Field(examples=["2026-07-21"])
    role: str | None = Field(None, pattern=NAME, description="In this role only; absent: in all.")


@router.get("", summary="List persons")
def list_persons(
    caller: Administrator, request: Request, response: Response, asked: Annotated[PersonQuery, Query()]
) -> Persons:
    """Everybody known, by e-mail address, with their roles."""
    with caller.reading() as connection:
        found = people.list_people(connection, role=asked.role, limit=asked.limit, cursor=asked.cursor)
    link_next(request, response, found.next)
    return Persons(persons=[KnownPerson(**_told(one)) for one in found.people], next=found.next)


@router.post("", status_code=201, summary="Make somebody known")
def add_person(
    caller: Administrator, request: Request, response: Response, sent: NewPerson, idempotency_key: IdempotencyKey = None
) -> PersonWithDeputies:
    """Makes a person known under an e-mail address that nobody has yet."""

    def work(connection: Connection) -> str:
        return access.add(connection, sent.email, sent.name, caller.origin, caller.now, locale=sent.locale)

    key = caller.once(idempotency_key, {"person": sent.model_dump()}, work)
    response.headers["Location"] = f"{request.url.path}/{key}"
    return _shown(caller, key)


@router.get("/{person}", summary="Read a person")
def read_person(caller: Administrator, person: Id) -> PersonWithDeputies:
    """Somebody known, with their roles and who stands in for whom."""
    return _shown(caller, person)


@router.post("/{person}/grants", status_code=201, summary="Grant a role")
def grant_role(
    caller: Administrator, person: Id, sent: NewGrant, idempotency_key: IdempotencyKey = None
) -> PersonWithDeputies:
    """Gives a person a role, for the city, body or unit that the role is granted for."""
    rules = caller.doors.workflow.rules

    def work(connection: Connection) -> str:
        return access.grant(
            connection,
            person,
            role_of(connection, rules, sent.role, sent.lifecycle),
            sent.scope,
            rules.programme,
            caller.origin,
            caller.now,
            valid_from=sent.valid_from or caller.today,
            valid_to=sent.valid_to,
        )

    caller.once(idempotency_key, {"grant": person, **sent.model_dump(mode="json")}, work)
    return _shown(caller, person)


@router.delete("/{person}/grants/{grant_id}", summary="Take a role back")
def revoke_role(caller: Administrator, person: Id, grant_id: GrantId) -> PersonWithDeputies:
    """Ends a grant now. It stays in the history."""

    def work(connection: Connection) -> None:
        if all(one.id != grant_id for one in people.grants_of(connection, [person]).get(person, ())):
            raise NotFound("role grant", grant_id)
        access.revoke(connection, grant_id, caller.origin, caller.now)

    caller.doors.workflow.database.attempt(work)
    return _shown(caller, person)


@router.post("/{person}/deputies", status_code=201, summary="Enter a deputy")
def add_deputy(
    caller: Administrator, person: Id, sent: NewDeputy, idempotency_key: IdempotencyKey = None
) -> PersonWithDeputies:
    """Lets somebody act in a person's place from one day to another, both included."""

    def work(connection: Connection) -> str:
        access.find(connection, person)
        try:
            access.find(connection, sent.deputy)
        except NotFound as error:
            raise BadInput(str(error)) from None
        if sent.role is not None:
            role_of(connection, caller.doors.workflow.rules, sent.role, None)
        return access.deputise(
            connection,
            person,
            sent.deputy,
            caller.origin,
            caller.now,
            valid_from=sent.valid_from,
            valid_to=sent.valid_to,
            role=sent.role,
        )

    caller.once(idempotency_key, {"deputise": person, **sent.model_dump(mode="json")}, work)
    return _shown(caller, person)


def _shown(caller: Caller, person: str) -> PersonWithDeputies:
    """Raises NotFound for somebody unknown or erased."""
    with caller.reading() as connection:
        who = access.find(connection, person)
        grants = people.grants_of(connection, [person]).get(person, ())
        deputies = people.deputies_of(connection, person)
    line = PersonLine(who.id, who.email, who.name, who.locale, grants)
    return PersonWithDeputies(**_told(line), deputies=[_deputy(one) for one in deputies])


def _told(one: PersonLine) -> dict[str, Any]:
    return {
        "id": one.id,
        "email": one.email,
        "name": one.name,
        "locale": one.locale,
        "grants": [_grant(grant) for grant in one.grants],
    }


def _grant(one: GrantLine) -> Grant:
    return Grant(
        id=one.id,
        role=one.role,
        scope_kind=one.scope_kind,
        scope=one.scope,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
    )


def _deputy(one: DeputyLine) -> Deputy:
    return Deputy(
        id=one.id,
        person=one.person,
        deputy=one.deputy,
        role=one.role,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
    )
