"""`/ideen/{number}/verknuepfungen`: link the item to another one that is searched for, or end a link."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work.answers import Trouble, attempt, send
from ideenweg.web.pages.work.opened import Opened, open_item, opened
from ideenweg.web.record_forms.boxes import Option
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from states.lifecycle import LinkKind
from states.roles import barred
from workflow.commands import Link, Unlink
from workflow.engine import Outcome
from workflow.errors import NotFound
from workflow.queries import visible
from workflow.queries.naming import Named, named
from workflow.transaction import Transaction

FOUND = 20


@dataclass(frozen=True, slots=True)
class Ended:
    """A link that the visitor may end."""

    kind: str
    label: str
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that was found, with the kinds of link that may lead there."""

    number: str
    title: str
    state: str
    kinds: tuple[Option, ...]


def page(request: Request) -> HTMLResponse:
    """The links from here, and what the search finds."""
    return _shown(request)


def begin(request: Request) -> Response:
    """Link the item to another one that the visitor may see: its title stands on this one's page from then on."""
    page, form = opened(request), form_of(request)
    command = Link(**page.said(), kind=form.text("kind"), other=form.text("other"))
    outcome = attempt(page, lambda: _linked(page, command))
    if isinstance(outcome, Trouble):
        return _shown(request, outcome)
    return page.site.redirect(page.path("verknuepfungen"), "item_done_link", other=form.text("other"))


def _linked(page: Opened, command: Link) -> Outcome:
    with page.site.workflow.database.reading() as connection:
        if visible.hides(connection, _seen(page, connection), command.other):
            raise NotFound("item", command.other)
    return page.site.engine.execute(command, now=page.now)


def _seen(page: Opened, connection: Connection) -> ColumnElement[bool]:
    person = visitor_of(page.request).person or ""
    return visible.to_person(connection, page.site.workflow.rules, person, page.today)


def end(request: Request) -> Response:
    """End a link. It stays in the history."""
    page, form = opened(request), form_of(request)
    outcome = send(page, Unlink(**page.said(), kind=form.text("kind"), other=form.text("other")))
    if isinstance(outcome, Trouble):
        return _shown(request, outcome)
    return page.site.redirect(page.path("verknuepfungen"), "item_done_unlink", other=form.text("other"))


def _shown(request: Request, trouble: Trouble | None = None) -> HTMLResponse:
    site = site_of(request)
    words = (request.query_params.get("q") or form_of(request).text("q")).strip()[:200]
    with site.workflow.database.reading() as connection:
        page = open_item(request, connection, history=False)
        kinds = [one for one in page.lifecycle.links.values() if not barred(page.lifecycle, page.snapshot, one.write)]
        if not kinds:
            raise NotFound("item", page.number)
        hits = _search(page, connection, kinds, words) if words else []
    return page.page(
        "work/item_links.html",
        trouble.status if trouble else 200,
        ended=[
            Ended(one.kind, page.text(page.lifecycle.links[one.kind].label), one.number, one.title or "")
            for one in page.detail.ties
            if one.outgoing and one.kind in {kind.key for kind in kinds}
        ],
        words=words,
        hits=hits,
        lacks=trouble.sentences() if trouble else [],
    )


def _search(page: Opened, connection: Connection, kinds: list[LinkKind], words: str) -> list[Hit]:
    """Items by number or by words, of those that the visitor may see and that a link of theirs may lead to."""
    lines = named(connection, words, _seen(page, connection), FOUND)
    return [hit for one in lines if one.number != page.number and (hit := _hit(page, connection, kinds, one)).kinds]


def _hit(page: Opened, connection: Connection, kinds: list[LinkKind], one: Named) -> Hit:
    lifecycle = page.site.workflow.rules.lifecycle(Transaction(connection), one.lifecycle, one.version)
    there = {tie.kind for tie in page.detail.ties if tie.outgoing and tie.number == one.number}
    fitting = tuple(
        Option(kind.key, page.text(kind.label))
        for kind in kinds
        if (not kind.to or one.lifecycle in kind.to) and kind.key not in there
    )
    return Hit(one.number, one.title, page.text(lifecycle.states[one.state].label), fitting)


ROUTES = (
    get("/ideen/{number:number}/verknuepfungen", page, Who.SIGNED_IN),
    post("/ideen/{number:number}/verknuepfungen", begin, Who.SIGNED_IN),
    post("/ideen/{number:number}/verknuepfungen/loesen", end, Who.SIGNED_IN),
)
