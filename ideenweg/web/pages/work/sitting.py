"""`/sitzungen` and `/sitzungen/{number}`: sessions of bodies, and the one form for what a session decided."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ideenweg.web.forms import Form, form_of
from ideenweg.web.pages.work.asked import seen
from ideenweg.web.pages.work.new import may_begin
from ideenweg.web.pages.work.opened import done, place_asked, represented, spoken
from ideenweg.web.record_forms.boxes import Box, Forms
from ideenweg.web.record_forms.typed import data_of, typed_of
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from states.agenda import filled
from states.blockers import Blocker
from states.lifecycle import Lifecycle
from workflow.agenda import Entry, Session, record_results, session_by_hands
from workflow.bulk import Held
from workflow.errors import BadInput, NotFound, Refused
from workflow.imports.meetings import LARGEST
from workflow.imports.sessions import Taken, import_sessions
from workflow.queries.items import ItemFilter, ItemLine, list_items
from workflow.queries.roles import newest

MOST = 100
"""Sessions of a lifecycle that are listed."""


@dataclass(frozen=True, slots=True)
class Row:
    """An agenda item as the form shows it. held: what stands against what was typed. recorded: something was before."""

    entry: Entry
    prefix: str
    state: str
    boxes: tuple[Box, ...]
    recorded: bool
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session as the visitor may record it, in the place of `in_place` (an id; None: their own).

    own: they may in their own. places: id -> name of those in whose place they may.
    """

    session: Session
    in_place: str | None
    own: bool
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A session in the list."""

    item: ItemLine
    state: str
    ended: bool


def index(request: Request) -> HTMLResponse:
    """Every session that the visitor may see, those to come and under way first."""
    return _listed(request)


def _listed(
    request: Request, status: int = 200, *, taken: Taken | None = None, wrong: str | None = None
) -> HTMLResponse:
    """The list, with what an import of sessions did or what was wrong with it."""
    site, say = site_of(request), site_of(request).wording(request)
    with site.workflow.database.reading() as connection:
        within, lifecycles = seen(request, connection), with_agenda(connection, site)
        lines = [
            Line(one, lifecycle.states[one.state].label[say.locale], lifecycle.states[one.state].final)
            for lifecycle in lifecycles
            for one in list_items(connection, ItemFilter(lifecycle=lifecycle.key), MOST, within=within).items
            if one.state in lifecycle.states
        ]
    lines.sort(key=lambda one: (one.ended, one.item.due or one.item.entered_at.date()))
    begun = [lifecycle for lifecycle in lifecycles if may_begin(request, lifecycle)]
    return site.page(
        request,
        "work/sittings.html",
        status,
        lines=lines,
        begun=begun,
        bodies=[(one.key, one.label[say.locale]) for one in site.workflow.rules.programme.bodies.values()],
        body=form_of(request).text("body"),
        taken=taken,
        wrong=wrong,
    )


def take_in(request: Request) -> Response:
    """Take in the sessions of a calendar or table that was uploaded."""
    site, form, person = site_of(request), form_of(request), visitor_of(request).person
    say, upload = site.wording(request), form.file("file")
    assert person is not None
    if upload is None:
        return _listed(request, 422, wrong=say("import_session_no_file"))
    body = form.text("body") or None
    try:
        taken = import_sessions(
            site.engine, upload.read(), upload.name, body=body, actor=person, now=site.now(),
            dry_run=form.text("go") == "check",
        )  # fmt: skip
    except BadInput as error:
        return _listed(request, 422, wrong=say("import_session_unreadable", why=error.in_locale(say.locale)))
    if taken.dry_run or taken.faults or taken.cancelled:
        return _listed(request, 422 if taken.faults else 200, taken=taken)
    return site.redirect("/sitzungen", "import_session_done", new=len(taken.made), changed=len(taken.changed))


def page(request: Request) -> Response:
    """The agenda with one form for all of it; who may not record is led to the session's own page."""
    try:
        return _shown(request, _sitting(request))
    except NotFound:
        return RedirectResponse(f"/ideen/{request.path_params['number']}", 303)


def submit(request: Request) -> Response:
    """Record what was typed, all or nothing; items about which nothing was typed are left as they are."""
    site, sitting, form = site_of(request), _sitting(request), form_of(request)
    session = sitting.session
    say = site.wording(request)
    given = {
        one.number: data
        for place, one in enumerate(session.entries)
        if (data := _typed_data(form, session, place, one, spoken(form, say))) is not None
    }
    person = visitor_of(request).person
    assert person is not None
    try:
        recorded = record_results(
            site.engine, session.number, given, person, site.now(), on_behalf_of=sitting.in_place,
            batch=form.text("command_id") or None,
        )  # fmt: skip
    except BadInput as error:
        return _shown(request, sitting, form, wrong=error.in_locale(say.locale))
    if recorded.bulk.held:
        return _shown(request, sitting, form, held=recorded.bulk.held)
    odd = [one for found in recorded.odd.values() for one in found]
    return done(site, say, f"/sitzungen/{session.number}", odd, "sitting_done", n=len(given))


def with_agenda(connection: Connection, site: Site) -> list[Lifecycle]:
    """The newest version of every lifecycle whose items are sessions."""
    return [one for one in newest(connection, site.workflow.rules).values() if one.agenda is not None]


def _sitting(request: Request) -> Sitting:
    """The session of the address, recorded in the place asked for; else by the visitor, or the first in whose place
    they may. Raises NotFound where there is none that the visitor may record."""
    site, person, number = site_of(request), visitor_of(request).person or "", request.path_params["number"]
    rules, now = site.workflow.rules, site.now()
    with site.workflow.database.reading() as connection:
        try:
            found, own, places = session_by_hands(connection, rules, number, person, now)
        except (BadInput, Refused):
            raise NotFound("session", number) from None
    able = [*([None] if own else []), *places]
    place = represented(request) if place_asked(request) else able[0]
    if place not in able:
        raise NotFound("session", number)
    return Sitting(found, place, own, places)


def _shown(
    request: Request,
    sitting: Sitting,
    form: Form | None = None,
    *,
    held: Sequence[Held] = (),
    wrong: str | None = None,
) -> HTMLResponse:
    site, session = site_of(request), sitting.session
    against = {one.item: one for one in held}
    rows = [_row(request, session, place, one, form, against) for place, one in enumerate(session.entries)]
    besides = [text for one in held if one.item == session.number for text in _sentences(request, one)]
    faults = {box.id: box.errors[0] for row in rows for box in _all(row.boxes) if box.errors}
    return site.page(
        request,
        "work/sitting.html",
        422 if held or wrong else 200,
        session=session,
        sitting=sitting,
        state=session.lifecycle.states[session.state],
        rows=rows,
        faults=faults,
        wrong=[*besides, *([wrong] if wrong else [])],
        command_id=f"page-{secrets.token_hex(12)}",
    )


def _row(
    request: Request, session: Session, place: int, one: Entry, form: Form | None, against: Mapping[str, Held]
) -> Row:
    site = site_of(request)
    say, prefix = site.wording(request), f"i{place}"
    state = one.lifecycle.states[one.state].label[say.locale]
    if one.kind is None:
        return Row(one, prefix, state, (), False)
    forms = Forms(say, one.lifecycle, site.workflow.rules.programme)
    held = against.get(one.number)
    blockers: tuple[Blocker, ...] = held.blockers if held else ()
    if form is None:
        typed: Mapping[str, Sequence[str]] = typed_of(one.kind, one.data or _offered(session), say.locale)
    else:
        typed = _typed(form, prefix)
    boxes = tuple(_named(box, prefix) for box in forms.boxes(one.kind, typed, blockers))
    elsewhere = tuple(two.in_locale(say.locale) for two in forms.elsewhere(one.kind, blockers))
    also = (str(held.error),) if held and held.error else ()
    return Row(one, prefix, state, boxes, bool(one.data), (*elsewhere, *also))


def _offered(session: Session) -> dict[str, Any]:
    return filled(session.agenda, session.sheet, {})


def _typed(form: Form, prefix: str) -> dict[str, list[str]]:
    """What was typed for one agenda item, under the names that its record's form has."""
    return {name[len(prefix) + 1 :]: form.all(name) for name in form.fields if name.startswith(f"{prefix}.")}


def _typed_data(form: Form, session: Session, place: int, one: Entry, locale: str) -> dict[str, Any] | None:
    """The data typed for an agenda item; None where there is nothing but what the form offered."""
    if one.kind is None:
        return None
    data = data_of(one.kind, _typed(form, f"i{place}"), locale)
    untouched = one.data or _offered(session)
    return None if not data or data == untouched or data == _offered(session) else data


def _named(box: Box, prefix: str) -> Box:
    """The box under a name of its own among those of all agenda items."""
    return replace(box, name=f"{prefix}.{box.name}", parts=tuple(_named(part, prefix) for part in box.parts))


def _all(boxes: Sequence[Box]) -> list[Box]:
    return [found for box in boxes for found in (box, *_all(box.parts))]


def _sentences(request: Request, held: Held) -> list[str]:
    locale = site_of(request).wording(request).locale
    return [one.in_locale(locale) for one in held.blockers] or [str(held.error)]


ROUTES = (
    get("/sitzungen", index, Who.STAFF),
    post("/sitzungen", take_in, Who.STAFF, body=LARGEST + 10_000),
    get("/sitzungen/{number:number}", page, Who.STAFF),
    post("/sitzungen/{number:number}", submit, Who.STAFF),
)
