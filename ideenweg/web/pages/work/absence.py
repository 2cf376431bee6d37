"""`/konto/abwesenheit`: who acts in the visitor's place while they are away, and what passes to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import Form, form_of
from ideenweg.web.record_forms.numbers import day
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from states.lifecycle import Role, Scope
from states.programme import Body, City, Office, Programme
from states.sentences import Text
from states.snapshot import local_day
from workflow import absence, reminders
from workflow.absence import WrongAbsence
from workflow.errors import BadInput, NotFound
from workflow.queries.colleagues import colleagues
from workflow.queries.people import DeputyLine, GrantLine, deputies_of, grants_of
from workflow.queries.roles import granted, newest
from workflow.queries.worklist import Section, WorkRow, sections
from workflow.streams import Origin

ADDRESS = "/konto/abwesenheit"

A_PREVIEW = 8
"""Tasks of a section that the preview names."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role of the visitor, and for which city, body or unit."""

    key: str
    label: Text
    scope: Text | None


@dataclass(frozen=True, slots=True)
class Passing:
    """What passes to a deputy: roles, tasks by section (one more than is shown: there are more), reminders."""

    held: tuple[Held, ...]
    tasks: Mapping[Section, tuple[WorkRow, ...]]
    reminders: int


def page(request: Request) -> HTMLResponse:
    """The absences entered, the form for another one, and what would pass."""
    return _page(request, Form(), {})


def _page(request: Request, form: Form, errors: Mapping[str, str], status: int = 200) -> HTMLResponse:
    site, visitor = site_of(request), visitor_of(request)
    rules, now, who = site.workflow.rules, site.now(), visitor.person or ""
    today = local_day(now, rules.programme)
    with site.workflow.database.reading() as connection:
        deputies = [one for one in deputies_of(connection, who) if one.valid_to >= today]
        grants = [one for one in grants_of(connection, [who]).get(who, ()) if one.holds_on(today)]
        known = granted(newest(connection, rules))
        shared = colleagues(connection, {(one.role, one.scope or "") for one in grants if one.scope}, today)
        passing = Passing(
            tuple(_held(rules.programme, known.get(one.role), one) for one in grants),
            _own(sections(connection, rules, who, now, limit=A_PREVIEW)),
            sum(one.person == visitor.email for one in reminders.open_reminders(connection, who, today)),
        )
    others = {one.person: one.name for some in shared.values() for one in some if one.person != who}
    return site.page(
        request,
        "work/absence.html",
        status,
        form=form,
        errors=errors,
        away=[one for one in deputies if one.person == visitor.email],
        standing_in=[one for one in deputies if one.deputy == visitor.email],
        others=sorted(others.items(), key=lambda one: one[1]),
        passing=passing,
        sections=Section,
        shown=A_PREVIEW,
        today=today,
        labels=_labels(passing, deputies),
    )


def _own(tasks: Mapping[Section, tuple[WorkRow, ...]]) -> dict[Section, tuple[WorkRow, ...]]:
    """Without those that the visitor has in somebody else's place: a deputy's deputy does not get them."""
    return {section: tuple(row for row in rows if row.in_place_of is None) for section, rows in tasks.items()}


def _held(programme: Programme, role: Role | None, grant: GrantLine) -> Held:
    places: Mapping[str, Mapping[str, City | Body | Office]] = {
        Scope.CITY: programme.cities,
        Scope.BODY: programme.bodies,
        Scope.UNIT: programme.offices,
    }
    place = places.get(grant.scope_kind or "", {}).get(grant.scope or "")
    return Held(grant.role, role.label if role else Text(grant.role, grant.role), place.label if place else None)


def _labels(passing: Passing, deputies: list[DeputyLine]) -> dict[str, Text]:
    labels = {one.key: one.label for one in passing.held}
    return {one.role: labels.get(one.role, Text(one.role, one.role)) for one in deputies if one.role}


def submit(request: Request) -> Response:
    """Enter an absence; what is wrong is said at its field, and what was typed is kept."""
    site, form, say = site_of(request), form_of(request), site_of(request).wording(request)
    now, who = site.now(), visitor_of(request).person or ""
    errors: dict[str, str] = {}
    days: dict[str, date] = {}
    for name in ("valid_from", "valid_to"):
        try:
            days[name] = date.fromisoformat(day(form.text(name)))
        except ValueError:
            errors[name] = say("away_no_day")
    substitute = form.text("deputy") or form.text("email")
    if not substitute:
        errors["email"] = say("away_no_deputy")
    if not errors:
        try:
            site.workflow.database.attempt(
                lambda connection: absence.name_deputy(
                    connection,
                    who,
                    substitute,
                    local_day(now, site.workflow.rules.programme),
                    Origin(who, "page"),
                    now,
                    role=form.text("role") or None,
                    **days,
                )
            )
            return site.redirect(ADDRESS, "away_done")
        except WrongAbsence as error:
            field = "email" if error.field == "deputy" else error.field
            errors[field] = say(f"away_wrong_{error.code}")
    return _page(request, form, errors, 422)


def end(request: Request) -> Response:
    """The visitor is back."""
    site, now, who = site_of(request), site_of(request).now(), visitor_of(request).person or ""
    today = local_day(now, site.workflow.rules.programme)
    try:
        site.workflow.database.attempt(
            lambda connection: absence.end_absence(
                connection, who, form_of(request).text("id"), today, Origin(who, "page"), now
            )
        )
    except (NotFound, BadInput):
        return site.redirect(ADDRESS, "away_not_ended")
    return site.redirect(ADDRESS, "away_ended")


ROUTES = (
    get(ADDRESS, page, Who.STAFF),
    post(ADDRESS, submit, Who.STAFF),
    post(f"{ADDRESS}/beenden", end, Who.STAFF),
)
