"""`/aufgaben`: what the visitor has to do, the most urgent first; what they wait for; what they are reminded of.

A task is taken up, passed on or put back for a day in its own row.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.filters import one_of
from ideenweg.web.forms import form_of
from ideenweg.web.pages.work.days import Days
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording
from states.lifecycle import Lifecycle
from states.sentences import Text
from states.snapshot import local_day
from states.tasks import Act
from workflow import reminders
from workflow.commands import Assign, Unassign
from workflow.errors import BadInput, Conflict, NotFound, Refused
from workflow.queries.colleagues import Colleague, colleagues
from workflow.queries.people import names
from workflow.queries.worklist import Section, View, WorkRow, cursor_of, place_of, sections
from workflow.transaction import Transaction

A_SECTION = 20
"""Rows of a section that are shown at first."""

A_PAGE = 50
"""Rows of a page that shows one section."""


@dataclass(frozen=True, slots=True)
class Line:
    """A task as the list shows it. verb: what is to be done; turn: whose turn it is, where one waits.

    others: whom it may be passed on to. free: it may be taken up.
    """

    row: WorkRow
    address: str
    verb: Text
    state: Text
    turn: Text | None
    office: Text | None
    cities: tuple[Text, ...]
    due: str | None
    late: bool
    claimed_by: str | None
    in_place_of: str | None
    free: bool
    others: tuple[Colleague, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the list; next: the cursor of what is not shown of it."""

    section: Section
    lines: tuple[Line, ...]
    next: str | None


def page(request: Request) -> HTMLResponse:
    """The list, or one section of it from a place on. Raises WrongFilter."""
    site, query = site_of(request), request.query_params
    say = site.wording(request)
    view = View(one_of(query, "view", {one: say(f"list_view_{one}") for one in View}) or View.TODO)
    section = one_of(query, "section", {one: say(f"list_section_{one}") for one in Section})
    only = Section(section) if section else None
    person, now = visitor_of(request).person or "", site.now()
    limit = A_PAGE if only else A_SECTION
    with site.workflow.database.reading() as connection:
        try:
            place = place_of(query.get("after")) if only else None
        except BadInput:
            place = None  # the mark of a list as it was: it begins anew
        found = sections(
            connection,
            site.workflow.rules,
            person,
            now,
            [only] if only else list(Section),
            view=view,
            limit=limit,
            after=place,
        )
        lines = _Lines(connection, site, say, person, found)
        parts = [lines.part(section, limit) for section in ([only] if only else Section)]
        own = reminders.open_reminders(connection, person, local_day(now, site.workflow.rules.programme))
    return site.page(
        request,
        "work/worklist.html",
        parts=parts,
        view=view,
        views=View,
        only=only,
        after=query.get("after") if only else None,
        reminders=own if only is None else (),
        today=local_day(now, site.workflow.rules.programme),
        command_id=secrets.token_hex(8),
        email=visitor_of(request).email,
    )


class _Lines:
    """Makes lines of the rows that were found, with the names and people that these need."""

    def __init__(
        self,
        connection: Connection,
        site: Site,
        say: Wording,
        person: str,
        found: Mapping[Section, tuple[WorkRow, ...]],
    ) -> None:
        self.rules, self.connection, self.say, self.person, self.found = (
            site.workflow.rules,
            connection,
            say,
            person,
            found,
        )
        rows = [row for some in found.values() for row in some]
        self.days = Days(self.rules, say, local_day(site.now(), self.rules.programme))
        self.names = names(connection, {one for row in rows for one in (row.claimed_by, row.in_place_of) if one})
        self.others = colleagues(connection, {(row.role, row.scope) for row in rows if row.scope}, self.days.today)

    def part(self, section: Section, limit: int) -> Part:
        rows = self.found.get(section, ())
        shown = rows[:limit]
        return Part(section, tuple(map(self._line, shown)), cursor_of(shown[-1]) if len(rows) > limit else None)

    def _line(self, row: WorkRow) -> Line:
        lifecycle = self.rules.lifecycle(Transaction(self.connection), row.lifecycle, row.version)
        programme = self.rules.programme
        place = programme.bodies.get(row.key) or programme.offices.get(row.key) or programme.cities.get(row.key)
        granted = bool(row.scope) and row.key == "" and row.section is not Section.WAITING
        others = [
            one for one in self.others.get((row.role, row.scope), ()) if one.person != (row.claimed_by or self.person)
        ]
        role = lifecycle.roles.get(row.by)
        return Line(
            row=row,
            address=_address(row),
            verb=verb(lifecycle, row),
            state=lifecycle.states[row.state].label,
            turn=role.label if role and row.section is Section.WAITING else None,
            office=place.label if place else None,
            cities=tuple(programme.cities[key].label for key in row.cities if key in programme.cities),
            due=self.days.left(row.due, lifecycle) if row.due else None,
            late=row.section is Section.OVERDUE,
            claimed_by=self._name(row.claimed_by),
            in_place_of=self._name(row.in_place_of),
            free=granted and row.claimed_by is None,
            others=tuple(others) if granted else (),
        )

    def _name(self, person: str | None) -> str | None:
        return self.names.get(person, ("",))[0] if person and person != self.person else None


def verb(lifecycle: Lifecycle, row: WorkRow) -> Text:
    """What is to be done, as the lifecycle calls it."""
    match row.act:
        case Act.MOVE:
            return lifecycle.transitions[row.what].label
        case Act.RECORD:
            return lifecycle.records[row.what].label
        case Act.ASSIGN:
            return lifecycle.roles[row.what].label
        case _:
            return lifecycle.states[row.state].label


def _address(row: WorkRow) -> str:
    """Where the task is done: its step or form on the item, else the item's page."""
    place = f"?in_place={row.in_place_of}" if row.in_place_of else ""
    if row.section is Section.WAITING:
        return f"/ideen/{row.number}{place}"
    if row.act is Act.MOVE:
        return f"/ideen/{row.number}/schritt/{row.what}{place}"
    if row.act is Act.RECORD:
        key = f"{'&' if place else '?'}key={row.key}" if row.key else ""
        return f"/ideen/{row.number}/eintrag/{row.what}{place}{key}"
    return f"/ideen/{row.number}{'/beteiligte' if row.act is Act.ASSIGN else ''}{place}"


def claim(request: Request) -> Response:
    """Take a task up: the visitor has its role on the item from now on, or whom they have the task for."""
    return _carry_out(request, form_of(request).text("in_place") or visitor_of(request).person or "")


def pass_on(request: Request) -> Response:
    """Give a task to somebody who holds its role for the same place; whoever had it has it no more."""
    return _carry_out(request, form_of(request).text("person"))


def _carry_out(request: Request, to: str) -> Response:
    site, form, number = site_of(request), form_of(request), request.path_params["number"]
    place, before = form.text("in_place") or None, form.text("claimed_by") or None
    said = {"actor": visitor_of(request).person or "", "on_behalf_of": place, "item": number, "role": form.text("role")}
    mark = form.text("command_id") or secrets.token_hex(8)
    try:
        site.engine.execute(Assign(**said, person=to, command_id=f"{mark}/{number}/to"), now=site.now())
        if before and before != to:
            site.engine.execute(Unassign(**said, person=before, command_id=f"{mark}/{number}/from"), now=site.now())
    except (Refused, Conflict, NotFound):
        return site.redirect(back(form.text("view")), "list_not_passed", number=number)
    own = to in (said["actor"], place)
    return site.redirect(back(form.text("view")), "list_claimed" if own else "list_passed", number=number)


def remind(request: Request) -> Response:
    """Wiedervorlage: remind the visitor, or whom they have the task for, of the item on a day."""
    site, form, number = site_of(request), form_of(request), request.path_params["number"]
    try:
        reminders.add(
            site.workflow.database,
            site.workflow.rules,
            actor=visitor_of(request).person or "",
            on_behalf_of=form.text("in_place") or None,
            item=number,
            on=date.fromisoformat(form.text("on")),
            note=form.text("note"),
            now=site.now(),
        )
    except (ValueError, Refused):
        return site.redirect(back(form.text("view")), "list_no_day", number=number)
    return site.redirect(back(form.text("view")), "list_reminded", number=number)


def back(view: str) -> str:
    """The address of the list that a form was sent from."""
    return f"/aufgaben?view={view}" if view in [*View] and view != View.TODO else "/aufgaben"


ROUTES = (
    get("/aufgaben", page, Who.SIGNED_IN),
    post("/aufgaben/{number:number}/uebernehmen", claim, Who.SIGNED_IN),
    post("/aufgaben/{number:number}/weitergeben", pass_on, Who.SIGNED_IN),
    post("/aufgaben/{number:number}/wiedervorlage", remind, Who.SIGNED_IN),
)
