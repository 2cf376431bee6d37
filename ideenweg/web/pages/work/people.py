"""`/ideen/{number}/beteiligte`: who has which role on the item; give one, take one up, pass it on, take it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work.answers import Trouble, send
from ideenweg.web.pages.work.opened import Opened, open_item, opened
from ideenweg.web.record_forms.boxes import Option
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from states import permissions
from states.lifecycle import Role, Scope
from states.roles import barred, concerns
from states.snapshot import Grant
from workflow.commands import Assign, Unassign
from workflow.errors import NotFound
from workflow.queries.sight import names_and_holders

SEPARATED = re.compile(r"[\s,;]+")
MOST = 20
"""People that one form gives a role to."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody has on the item. `ends`: whether the visitor may take it back."""

    role: str
    key: str
    person: str
    name: str
    ends: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A role that the visitor may give. `typed`: to anybody who is known, by address, and not only to `people`."""

    key: str
    label: str
    people: tuple[Option, ...]
    typed: bool
    passes: bool


def page(request: Request) -> HTMLResponse:
    """Who has which role, and the roles that the visitor may give."""
    return _shown(request)


def give(request: Request) -> Response:
    """Give a role to everybody chosen, one after the other; who passes theirs on gives it up in the end."""
    page, form = opened(request), form_of(request)
    role = page.lifecycle.roles.get(form.text("role"))
    if role is None:
        raise NotFound("role", form.text("role"))
    chosen = [*form.all("person"), *SEPARATED.split(form.text("people"))]
    people = list(dict.fromkeys(one for one in chosen if one))[:MOST]
    said = page.said()
    for place, person in enumerate(people):
        mark = f"{said['command_id']}-{place}" if said["command_id"] else None
        outcome = send(page, Assign(**{**said, "command_id": mark}, role=role.key, person=person))
        if isinstance(outcome, Trouble):
            return _shown(request, outcome, role.key)
    if not people:
        return _shown(request, Trouble(page), role.key)
    if form.text("pass_on"):
        mark = f"{said['command_id']}-pass" if said["command_id"] else None
        outcome = send(page, Unassign(**{**said, "command_id": mark}, role=role.key, person=page.acting))
        if isinstance(outcome, Trouble):
            return _shown(request, outcome, role.key)
        return _left(page)
    return page.site.redirect(page.path("beteiligte"), "item_done_assign", n=len(people), role=page.text(role.label))


def take_back(request: Request) -> Response:
    """End a role that somebody has on the item."""
    page, form = opened(request), form_of(request)
    outcome = send(page, Unassign(**page.said(), role=form.text("role"), person=form.text("person")))
    if isinstance(outcome, Trouble):
        return _shown(request, outcome, form.text("role"))
    if form.text("person") == page.acting:
        return _left(page)
    return page.site.redirect(page.path("beteiligte"), "item_done_unassign")


def _left(page: Opened) -> Response:
    """To the list of tasks: the item may be none of the visitor's any more."""
    address = "/aufgaben" if visitor_of(page.request).staff else "/"
    return page.site.redirect(address, "item_done_passed_on", number=page.number)


def _shown(request: Request, trouble: Trouble | None = None, role: str = "") -> HTMLResponse:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        page = open_item(request, connection)
        if not page.detail.view.works:
            raise NotFound("item", page.number)
        given = _given(page, connection)
    form = form_of(request)
    return page.page(
        "work/item_people.html",
        trouble.status if trouble else 200,
        held=list(_held(page)),
        given=given,
        role=role or request.query_params.get("role", ""),
        typed=form.text("people"),
        chosen=form.all("person"),
        lacks=(trouble.sentences() or [page.say("item_nobody_chosen")]) if trouble else [],
    )


def _held(page: Opened) -> Iterator[Held]:
    lifecycle, snapshot = page.lifecycle, page.snapshot
    for one in page.detail.assigned:
        role = lifecycle.roles.get(one.role)
        if role is None:
            continue
        own = one.person == page.acting
        ends = own or (bool(role.assign) and not barred(lifecycle, snapshot, role.assign))
        name = page.name(one.person)
        if one.unit:
            name = f"{name} ({page.values.term('office', one.unit)})"
        yield Held(page.text(role.label), role.key, one.person, name, ends, own)


def _given(page: Opened, connection: Connection) -> list[Given]:
    lifecycle, snapshot = page.lifecycle, page.snapshot
    roles = [one for one in lifecycle.roles.values() if one.assign and not barred(lifecycle, snapshot, one.assign)]
    if not roles:
        return []
    names, grants = names_and_holders(connection, (), (one.key for one in roles), page.today)
    return [_role(page, one, names, grants) for one in roles]


def _role(page: Opened, role: Role, names: dict[str, tuple[str, str]], grants: list[tuple[str, Grant]]) -> Given:
    there = {one.person for one in page.snapshot.assignments if one.role == role.key}
    people = dict.fromkeys(
        person for person, grant in grants if grant.role == role.key and person not in there and _near(page, grant)
    )
    options = tuple(Option(person, f"{names[person][0]} · {names[person][1]}") for person in people)
    # To give it up one must have it, and it must be given again by the one who has it.
    passes = page.acting in there and not permissions.plan_assign(
        page.lifecycle, page.snapshot, role.key, page.snapshot.actor
    )
    return Given(role.key, page.text(role.label), options, role.scope in (None, Scope.ITEM), passes)


def _near(page: Opened, grant: Grant) -> bool:
    """Whether somebody who holds the role for that place is asked first for this item: a matter of its cities."""
    programme = page.detail.programme
    if grant.scope_kind == Scope.CITY:
        return not page.snapshot.cities or grant.scope in page.snapshot.cities
    if grant.scope_kind == Scope.UNIT:
        return concerns(page.snapshot, programme.offices, grant.scope or "")
    if grant.scope_kind == Scope.BODY:
        return concerns(page.snapshot, programme.bodies, grant.scope or "")
    return True


ROUTES = (
    get("/ideen/{number:number}/beteiligte", page, Who.SIGNED_IN),
    post("/ideen/{number:number}/beteiligte", give, Who.SIGNED_IN),
    post("/ideen/{number:number}/beteiligte/zurueck", take_back, Who.SIGNED_IN),
)
