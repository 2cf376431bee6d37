"""/events: the whole history, for administrators and the programs that keep it elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from ideenweg.web.api.caller import Auditor, Caller
from ideenweg.web.api.items import link_next, no_cursor
from ideenweg.web.api.problems import wrong_filter
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, Document, Flag, Moment, Page, PageQuery, PersonRef, Told
from workflow import access, history
from workflow.errors import BadInput, NotFound
from workflow.events import Kind
from workflow.history import AuditEvent, AuditFilter

router = APIRouter(tags=["history"], route_class=StrictRoute)

DOORS = ("page", "api", "cli", "clock", "import")


class Event(Document):
    """An event as it was written. `hash` can be worked out anew from `prev_hash` and `payload`: docs/audit.md."""

    stream: str = Field(description="item:NUMBER, person:ID or system.", examples=["item:2026-0147"])
    seq: int = Field(examples=[4])
    number: str | None = Field(description="The item's, where it is of one.", examples=["2026-0147"])
    kind: str = Field(examples=["advanced"])
    trigger: str | None = Field(description="The transition.", examples=["start_review"])
    source: str | None = Field(alias="from", examples=["submitted"])
    to: str | None = Field(examples=["in_review"])
    actor: str = Field(description="A pseudonymous id, or system.", examples=["p-5f1c09a7d2e84b36"])
    on_behalf_of: str | None = Field(examples=[None])
    via: str = Field(description="By which door.", examples=["page"])
    account: str | None = Field(description="Of the operating system, for the command line.", examples=[None])
    at: Told = Field(description="When it happened.")
    recorded_at: Told = Field(description="When it was written: the log is in this order.")
    command_id: str | None = Field(examples=[None])
    reason: str | None = Field(description="The reason given, unless it was erased.", examples=[None])
    details: dict[str, Any] = Field(examples=[{"visit": 4}])
    prev_hash: str = Field(examples=["0" * 64])
    hash: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    payload: str = Field(description="Its exact bytes, as text.", examples=["{}"])


class Events(Page):
    """A page of events."""

    events: list[Event]


class EventQuery(PageQuery):
    """Which events; all can be combined."""

    person: PersonRef | None = Field(None, description="Who acted, or was represented: e-mail address or id.")
    item: str | None = Field(None, pattern=r"^[0-9]{4}-[0-9]{4,7}$", examples=["2026-0147"])
    kind: str | None = Field(None, max_length=64, description="What an event tells.", examples=["advanced"])
    transition: str | None = Field(None, pattern=NAME, examples=["pool"])
    via: str | None = Field(None, max_length=64, description="page, api, cli, clock or import.", examples=["page"])
    batch: str | None = Field(
        None, max_length=100, description="Of many items changed as one act.", examples=["batch-5f1c09a7"]
    )
    since: Moment | None = Field(None, description="Recorded at this moment or later.")
    until: Moment | None = Field(None, description="Recorded before this moment.")
    newest_first: Flag = Field(False, description="Absent: in the order of the log.")


@router.get("/events", summary="Read the history")
def read_history(
    caller: Auditor, request: Request, response: Response, asked: Annotated[EventQuery, Query()]
) -> Events:
    """All events, in the order of the log. A program that keeps them elsewhere asks on from its last `next`."""
    for name, value, known in (("kind", asked.kind, list(Kind)), ("via", asked.via, DOORS)):
        if value is not None and value not in known:
            raise wrong_filter(name, value, known)
    with caller.reading() as connection:
        try:
            person = access.find(connection, asked.person).id if asked.person else None
        except NotFound as error:
            raise no_cursor(BadInput(str(error))) from None
        filters = AuditFilter(
            person=person,
            item=asked.item,
            kind=asked.kind,
            transition=asked.transition,
            via=asked.via,
            batch=asked.batch,
            since=asked.since,
            until=asked.until,
        )
        try:
            page = history.page(connection, filters, asked.limit, asked.cursor, newest_first=asked.newest_first)
        except BadInput as error:
            raise no_cursor(error) from None
    link_next(request, response, page.next)
    return Events(events=[_told(one, caller) for one in page.events], next=page.next)


def _told(one: AuditEvent, caller: Caller) -> Event:
    return Event.model_validate(
        {
            "stream": one.stream,
            "seq": one.seq,
            "number": one.number,
            "kind": one.kind,
            "trigger": one.trigger,
            "from": one.source,
            "to": one.target,
            "actor": one.actor,
            "on_behalf_of": one.on_behalf_of,
            "via": one.via,
            "account": one.account,
            "at": caller.at(one.at),
            "recorded_at": caller.at(one.recorded_at),
            "command_id": one.command_id,
            "reason": one.reason,
            "details": one.details,
            "prev_hash": one.prev_hash,
            "hash": one.hash,
            "payload": one.payload.decode(),
        }
    )
