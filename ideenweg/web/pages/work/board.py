"""`/board`: the items by stage and state, the overdue ones first; each can be moved from its card.

Which moves are open to the visitor is judged when a card's menu is opened, not for every card. A card that is dropped
on a state leads to the form of the move there; nothing is moved without its form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.pages.work.asked import Asked, asked
from ideenweg.web.pages.work.days import Days
from ideenweg.web.pages.work.new import may_begin
from ideenweg.web.routes import Who, get
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from states.lifecycle import State, Transition
from states.sentences import Text
from states.snapshot import local_day
from workflow.queries.board import COUNTED, Pile, board
from workflow.queries.detail import find
from workflow.queries.items import ItemLine

A_STATE = 6
"""Cards of a state that are shown at first."""

A_PAGE = 50
"""Cards of a page that shows one state."""


@dataclass(frozen=True, slots=True)
class Card:
    """An item on the board. due: how long there is, or since when it is late."""

    line: ItemLine
    due: str | None
    late: bool
    cities: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Heap:
    """A state with its first cards; more: the address of the page with all."""

    state: State
    cards: tuple[Card, ...]
    number: int
    uncounted: bool
    more: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with its states."""

    key: str
    label: Text
    heaps: tuple[Heap, ...]


def page(request: Request) -> HTMLResponse:
    """The board, or one state of it."""
    site, now = site_of(request), site_of(request).now()
    with site.workflow.database.reading() as connection:
        question = asked(request, site, connection)
        if question is None:
            return site.page(request, "unloaded.html", key=site.workflow.engine.default)
        lifecycle, only = question.lifecycle, question.values.get("state")
        piles = board(
            connection,
            lifecycle,
            question.filter,
            now,
            limit=A_PAGE if only else A_STATE,
            states=[only] if only else None,
            person=visitor_of(request).person if question.mine else None,
            overdue=question.overdue,
            within=question.sees,
        )
        days = Days(site.workflow.rules, site.wording(request), local_day(now, site.workflow.rules.programme))
        columns = _columns(site, question, piles, days)
    return site.page(
        request,
        "work/board.html",
        asked=question,
        begun=[lifecycle] if may_begin(request, lifecycle) else [],
        columns=columns,
        only=lifecycle.states[only] if only else None,
        ended=[
            (lifecycle.states[key], pile) for key, pile in piles.items() if lifecycle.states[key].final and not only
        ],
        counted=COUNTED,
        shown=sum(len(heap.cards) for column in columns for heap in column.heaps),
    )


def _columns(site: Site, question: Asked, piles: dict[str, Pile], days: Days) -> list[Column]:
    lifecycle, only = question.lifecycle, question.values.get("state")
    left = cache(partial(days.left, lifecycle=lifecycle))  # many are due on the same day
    stages: dict[str, tuple[Text, list[Heap]]] = {key: (stage.label, []) for key, stage in lifecycle.stages.items()}
    for key, state in lifecycle.states.items():
        if (state.final and not only) or only not in (None, key):
            continue
        pile = piles.get(key, Pile())
        more = question.address(state=key) if not only and (pile.more or pile.number > len(pile.items)) else None
        heap = Heap(
            state,
            tuple(_card(site, line, left, days.today) for line in pile.items),
            pile.number,
            pile.more,
            more,
        )
        stages.setdefault(state.stage or "", (state.label, []))[1].append(heap)
    return [Column(key, label, tuple(heaps)) for key, (label, heaps) in stages.items() if heaps]


def _card(site: Site, line: ItemLine, left: Callable[[date], str], today: date) -> Card:
    known = site.workflow.rules.programme.cities
    cities = tuple(known[key].label for key in line.facets.get("cities", ()) if key in known)
    return Card(line, left(line.due) if line.due else None, line.due is not None and line.due < today, cities)


@dataclass(frozen=True, slots=True)
class Move:
    """A move that is open to the visitor, and the states it leads to."""

    transition: Transition
    targets: tuple[Text, ...]


def moves(request: Request) -> HTMLResponse:
    """The moves of one item that are open to the visitor: the menu of a card, or (without JavaScript) a page."""
    number, open_now, title = _moves(request)
    fragment = "hx-request" in request.headers
    template = "work/board_menu.html" if fragment else "work/board_moves.html"
    return site_of(request).page(request, template, number=number, moves=open_now, title=title, target=None)


def drop(request: Request) -> Response:
    """A card was dropped on a state: on to the form of the move that leads there, or what is possible instead."""
    site, target = site_of(request), request.path_params["state"]
    number, open_now, title = _moves(request)
    for move in open_now:
        if any(way.state == target for way in move.transition.ways):
            return site.redirect(f"/ideen/{number}/schritt/{move.transition.key}")
    return site.page(request, "work/board_moves.html", number=number, moves=open_now, title=title, target=target)


def _moves(request: Request) -> tuple[str, list[Move], str]:
    site, number = site_of(request), request.path_params["number"]
    with site.workflow.database.reading() as connection:
        found = find(connection, site.workflow.rules, number, visitor_of(request).person, site.now(), stand_in=True)
    states = found.lifecycle.states
    return (
        number,
        [
            Move(step.transition, tuple(states[way.state].label for way in step.transition.ways if way.state in states))
            for step in found.steps
            if step.plan is not None and step.open
        ],
        found.item.title,
    )


ROUTES = (
    get("/board", page, Who.STAFF),
    get("/board/{number:number}", moves, Who.STAFF),
    get("/board/{number:number}/{state:name}", drop, Who.STAFF),
)
