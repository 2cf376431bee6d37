"""`/ideen/{number}` for those who work on the item: where it stands, their next step, and all there is about it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.pages.work import (
    bias,
    comments,
    correction,
    duplicates,
    links,
    missing,
    moves,
    paper,
    past,
    people,
    records,
    sections,
    steps,
    times,
    turn,
    versions,
)
from ideenweg.web.pages.work.missing import Remedy
from ideenweg.web.pages.work.opened import IN_PLACE, OWN, Opened, open_item
from ideenweg.web.routes import Page
from ideenweg.web.shelf import shelf
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from ideenweg.web.way import way
from states.lifecycle import ANYONE, Lifecycle
from states.roles import barred
from states.sentences import Text
from workflow import reminders
from workflow.errors import NotFound
from workflow.queries.detail import Clock, Tie
from workflow.transaction import Transaction

PUBLIC_VIEW = ("ansicht", "oeffentlich")
"""The parameter by which those who work on an item see what everybody sees."""


@dataclass(frozen=True, slots=True)
class Linked:
    """An item at the other end of a link, as it is called from this one."""

    kind: Text
    number: str
    title: str
    state: Text


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in whose place the visitor may act here, or (`person` None) the visitor."""

    label: str
    address: str
    chosen: bool


def shown(request: Request) -> HTMLResponse | None:
    """The working page, for a visitor who has a role on the item; None: they see what everybody sees."""
    name, value = PUBLIC_VIEW
    if not visitor_of(request).known or request.query_params.get(name) == value:
        return None
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        try:
            opened = open_item(request, connection)
        except NotFound:
            return None
        detail = opened.detail
        tasks = turn.open_tasks(opened)
        onward = missing.ahead(opened)
        next_step = steps.next_step(opened, tasks, onward)
        history = past.stops(opened)
        lifecycles = {
            (one.lifecycle, one.version): site.workflow.rules.lifecycle(
                Transaction(connection), one.lifecycle, one.version
            )
            for one in detail.ties
        }
        return opened.page(
            "work/item.html",
            item=detail.item,
            state=opened.lifecycle.states[detail.item.state],
            way=way(opened.lifecycle, detail.item.state, (one.target for one in detail.history)),
            duties=turn.duties(opened, tasks),
            shares=detail.shares,
            clocks=[_clock(opened, one) for one in detail.clocks],
            next=next_step,
            ahead=[one for one in onward if one.lacks],
            rarer=steps.rarer(opened, next_step.form if next_step else None),
            bias=bias.declaration(opened),
            sections=sections.sections(opened),
            linked=[_linked(opened, one, lifecycles[one.lifecycle, one.version]) for one in detail.ties],
            alike=duplicates.likes(opened, connection),
            remarks=past.remarks(opened),
            history=history[: past.SHOWN],
            earlier=history[past.SHOWN :],
            places=_places(opened),
            people=[
                (opened.text(opened.lifecycle.roles[one.role].label), opened.name(one.person))
                for one in detail.assigned
                if one.role in opened.lifecycle.roles
            ],
            reminders=reminders.of_item(connection, opened.number, opened.acting),
            tools=_tools(opened),
            shelf=shelf(connection, opened.lifecycle, opened.snapshot, released=bool(detail.item.released)),
            comments=not barred(opened.lifecycle, opened.snapshot, opened.lifecycle.roles or (ANYONE,)),
        )


def _clock(opened: Opened, one: Clock) -> str:
    who = " – ".join(filter(None, turn.clock_of(opened, one.rule, one.key)))
    if one.status == "running" and one.due:
        return opened.say("item_clock_running", who=who, day=opened.say.day(one.due))
    if one.status == "stopped":
        return opened.say("item_clock_stopped", who=who, n=one.left or 0)
    return opened.say("item_clock_waiting", who=who)


def _linked(opened: Opened, one: Tie, theirs: Lifecycle) -> Linked:
    """A link as either end calls it: the lifecycle that it leads from declares it."""
    kind = (opened.lifecycle if one.outgoing else theirs).links[one.kind]
    return Linked(
        kind.label if one.outgoing else kind.inverse, one.number, one.title or "", theirs.states[one.state].label
    )


def _places(opened: Opened) -> list[Place]:
    """In whose place the visitor may act here; [] where there is no choice."""
    if not opened.detail.away:
        return []
    page = f"/ideen/{opened.number}"
    others = [
        Place(opened.name(one.person.id), f"{page}?{IN_PLACE}={one.person.id}", opened.in_place == one.person.id)
        for one in opened.detail.away
    ]
    return [Place(opened.say("item_for_myself"), f"{page}?{IN_PLACE}={OWN}", opened.in_place is None), *others]


def _tools(opened: Opened) -> list[Remedy]:
    """What else the visitor may do with the item."""
    lifecycle, snapshot = opened.lifecycle, opened.snapshot
    found = []
    if opened.detail.view.works:
        found.append(Remedy(opened.path("beteiligte"), opened.say("item_people_change")))
        if any(not barred(lifecycle, snapshot, one.write) for one in lifecycle.links.values()):
            found.append(Remedy(opened.path("verknuepfungen"), opened.say("item_links_change")))
        found.append(Remedy(opened.path("wiedervorlage"), opened.say("item_reminder")))
    running = any(one.status == "running" and one.due for one in opened.detail.clocks)
    if running and not barred(lifecycle, snapshot, lifecycle.extenders(snapshot.state)):
        found.append(Remedy(opened.path("frist"), opened.say("item_extend")))
    if not barred(lifecycle, snapshot, lifecycle.correct):
        found.append(Remedy(opened.path("korrektur"), opened.say("item_correct")))
    if paper.offered(opened):
        found.append(Remedy(opened.path("vorlage"), opened.say("paper_make")))
    if opened.detail.view.works and opened.detail.ties:
        found.append(Remedy(f"/ideen/{opened.number}/paket.zip", opened.say("package_make")))
    if opened.detail.item.released:
        found.append(Remedy(f"/ideen/{opened.number}?{'='.join(PUBLIC_VIEW)}", opened.say("item_public_view")))
    return found


ROUTES: tuple[Page, ...] = (
    *moves.ROUTES,
    *records.ROUTES,
    *versions.ROUTES,
    *comments.ROUTES,
    *bias.ROUTES,
    *people.ROUTES,
    *links.ROUTES,
    *times.ROUTES,
    *correction.ROUTES,
    *paper.ROUTES,
)
"""Everything that can be done about an item; the page itself stands at the item's one address (pages/idea.py)."""
