"""What the signed link shows: where the item stands, what is asked, what was decided; and the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from starlette.responses import Response

from ideenweg.web.pages.mine.opened import PATH, Mine, by_link
from ideenweg.web.record_forms.boxes import Box
from ideenweg.web.record_forms.typed import Typed, typed_of
from ideenweg.web.routes import get
from ideenweg.web.shelf import handed_over
from ideenweg.web.values import Values
from ideenweg.web.way import way
from states.blockers import Blocker
from states.lifecycle import Reason, Transition
from states.reading import open_in
from states.record_kinds import RecordKind
from states.roles import barred
from states.sentences import Text
from workflow.errors import NotFound
from workflow.events import MOVES
from workflow.submitters import unreachable


@dataclass(frozen=True, slots=True)
class Deed:
    """A step they may take. boxes: of its form; reason: whether one may or must be given."""

    move: Transition
    boxes: tuple[Box, ...]
    reason: Reason
    ends: bool


@dataclass(frozen=True, slots=True)
class Own:
    """A record of theirs that they may change."""

    kind: RecordKind
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A move of the item, as everybody may know it."""

    at: datetime
    state: Text
    text: str | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that was sent and not carried out: what was typed, and what is wrong."""

    what: str
    typed: Typed
    reason: str
    blockers: Sequence[Blocker]


def overview(mine: Mine, *, tried: Tried | None = None, status: int = 200) -> Response:
    """The page; after a form that was not carried out, with what was typed and why."""
    detail, lifecycle = mine.detail, mine.lifecycle
    values = Values(mine.say, lifecycle, detail.programme)
    sheet = lifecycle.records[lifecycle.sheet or "sheet"]
    fact = mine.record(sheet)
    return mine.page(
        "mine/page.html",
        status,
        state=lifecycle.states[detail.item.state],
        way=way(lifecycle, detail.item.state, (one.target for one in detail.history if one.kind in MOVES)),
        question=[row for kind, one in mine.question() for row in values.rows(kind, one.data)],
        due=_due(mine),
        deeds=[_deed(mine, one.transition, tried) for one in mine.steps()],
        own=[_own(mine, kind, tried) for kind in mine.own_records() if _writable(mine, kind)],
        sheet=values.rows(sheet, fact.data) if fact else [],
        stops=_stops(mine),
        tried=tried,
        wrong=_elsewhere(mine, tried),
        errors={},
    )


def receipt(mine: Mine) -> Response:
    """The number and the link, right after handing in."""
    base = mine.site.workflow.outgoing.base_url
    _, email = mine.detail.names.get(mine.own.person, ("", ""))
    return mine.page("mine/receipt.html", link=f"{base}{mine.address}", email="" if unreachable(email) else email)


def document(mine: Mine) -> Response:
    """One of the item's documents. Raises NotFound."""
    key = mine.request.path_params["id"]
    one = next((row.document for row in mine.shelf.rows if row.document.id == key), None)
    path = mine.site.workflow.files.path(one.sha256) if one else None
    if one is None or path is None or not path.is_file():
        raise NotFound("document", key)
    return handed_over(one, path, everybody=False)


def boxes_of(mine: Mine, kind: RecordKind, typed: Typed, blockers: Sequence[Blocker] = ()) -> tuple[Box, ...]:
    """The form of a kind, with what was typed and what is wrong with it."""
    return mine.forms.boxes(kind, typed, blockers)


def _deed(mine: Mine, move: Transition, tried: Tried | None) -> Deed:
    mine_tried = tried if tried and tried.what == move.key else None
    kind = mine.lifecycle.records[move.form] if move.form else None
    typed: Typed = mine_tried.typed if mine_tried else {}
    boxes = boxes_of(mine, kind, typed, mine_tried.blockers if mine_tried else ()) if kind else ()
    return Deed(move, boxes, move.reason, mine.leads_to_an_end(move))


def _own(mine: Mine, kind: RecordKind, tried: Tried | None) -> Own:
    if tried and tried.what == kind.key:
        return Own(kind, boxes_of(mine, kind, tried.typed, tried.blockers))
    fact = mine.record(kind)
    return Own(kind, boxes_of(mine, kind, typed_of(kind, fact.data if fact else {}, mine.say.locale)))


def _writable(mine: Mine, kind: RecordKind) -> bool:
    snapshot = mine.detail.snapshot
    return open_in(mine.lifecycle, kind, snapshot) and not barred(
        mine.lifecycle, snapshot, kind.writers(snapshot.state)
    )


def _due(mine: Mine) -> date | None:
    """By when they are asked to do something."""
    role = mine.lifecycle.created_by
    days = [one.due for one in mine.detail.clocks if one.status == "running" and one.responsible == role and one.due]
    return min(days, default=None)


def _stops(mine: Mine) -> list[Stop]:
    """The moves, the newest first, with the reasons that they may read."""
    states = mine.lifecycle.states
    return [
        Stop(one.at, state.label, one.text)
        for one in reversed(mine.detail.history)
        if one.kind in MOVES and (state := states.get(one.target or ""))
    ]


def _elsewhere(mine: Mine, tried: Tried | None) -> list[str]:
    """What is wrong and belongs to no box."""
    if tried is None:
        return []
    move = mine.lifecycle.transitions.get(tried.what)
    kind = mine.lifecycle.records.get((move.form or "") if move else tried.what)
    return [one.in_locale(mine.say.locale) for one in mine.forms.elsewhere(kind, tried.blockers)]


ROUTES = (
    get(f"{PATH}/{{token}}", by_link(overview)),
    get(f"{PATH}/{{token}}/eingang", by_link(receipt)),
    get(f"{PATH}/{{token}}/dokumente/{{id:name}}", by_link(document)),
)
