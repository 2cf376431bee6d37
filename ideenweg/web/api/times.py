"""/deadlines, /items/{number}/deadlines, /reminders: what is due, more time for it, and what one asks to be told of."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from ideenweg.web.api import shown
from ideenweg.web.api.caller import IdempotencyKey, Reader, Writer
from ideenweg.web.api.changes import Seen, carry_out, must_see, nobody
from ideenweg.web.api.item_documents import Clocks, Outcome
from ideenweg.web.api.item_requests import Extension
from ideenweg.web.api.items import link_next, no_cursor, seen_item
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import Day, Document, Flag, InPlace, Number, Page, PageQuery, Told
from workflow import commands, reminders
from workflow.errors import BadInput, NotFound
from workflow.queries.deadlines import list_deadlines

router = APIRouter(tags=["deadlines"], route_class=StrictRoute)


class DeadlineLine(Document):
    """A deadline that runs."""

    number: str = Field(examples=["2026-0147"])
    title: str = Field(examples=["Sensoren für Straßenbäume"])
    lifecycle: str = Field(examples=["idea-to-project"])
    state: str = Field(examples=["in_review"])
    rule: str = Field(examples=["in_review"])
    key: str = Field(examples=[""])
    due: date = Field(description="The last day.", examples=["2026-06-30"])
    ends_at: Told = Field(description="The moment after it.", examples=["2026-07-01T00:00:00+02:00"])
    overdue: bool


class Deadlines(Page):
    """A page of deadlines, the earliest first."""

    deadlines: list[DeadlineLine]


class DeadlineQuery(PageQuery):
    """Which deadlines."""

    overdue: Flag = Field(False, description="Only those that have run out.")


class Reminder(Document):
    """A Wiedervorlage: what somebody asks to be told of on a day. Nobody else sees it but a deputy."""

    id: str = Field(examples=["r-5f1c09a7d2e84b36"])
    number: str = Field(examples=["2026-0147"])
    title: str = Field(examples=["Sensoren für Straßenbäume"])
    on: date = Field(examples=["2026-06-09"])
    note: str = Field(examples=["Angebot nachfragen"])
    person: str = Field(description="Whose it is: the e-mail address.", examples=["koordination@dortmund.example"])


class Reminders(Document):
    """The reminders still to come: one's own, and those of whom one is the deputy today."""

    reminders: list[Reminder]


class NewReminder(InPlace):
    """What to be reminded of, and when."""

    number: str = Field(pattern=r"^[0-9]{4}-[0-9]{4,7}$", examples=["2026-0147"])
    on: Day = Field(examples=["2027-06-09"])
    note: str = Field("", max_length=20_000, examples=["Angebot nachfragen"])


@router.get("/deadlines", summary="See what is due")
def due_deadlines(
    caller: Reader, request: Request, response: Response, asked: Annotated[DeadlineQuery, Query()]
) -> Deadlines:
    """The running deadlines of all items that the caller may see, the earliest first."""
    with caller.reading() as connection:
        try:
            page = list_deadlines(
                connection,
                until=caller.now if asked.overdue else None,
                limit=asked.limit,
                cursor=asked.cursor,
                within=caller.sees(connection),
            )
        except BadInput as error:
            raise no_cursor(error) from None
    link_next(request, response, page.next)
    lines = [
        DeadlineLine(
            number=one.number,
            title=one.title,
            lifecycle=one.lifecycle,
            state=one.state,
            rule=one.rule,
            key=one.key,
            due=one.due,
            ends_at=caller.at(one.due_at),
            overdue=one.due_at <= caller.now,
        )
        for one in page.deadlines
    ]
    return Deadlines(deadlines=lines, next=page.next)


@router.get("/items/{number}/deadlines", summary="See what is due on an item")
def item_deadlines(caller: Reader, number: Number) -> Clocks:
    """The deadlines of the item: running, stopped, or waiting for a date."""
    return Clocks(deadlines=shown.clocks(seen_item(caller, number), caller))


@router.post("/items/{number}/deadlines", summary="Give a deadline more time")
def extend_deadline(
    caller: Writer,
    response: Response,
    number: Number,
    sent: Extension,
    revision: Seen,
    idempotency_key: IdempotencyKey = None,
) -> Outcome:
    """Lets a running deadline of the item run until another day, with a reason. Reminders are counted from there."""
    command = commands.Extend(
        actor=caller.person,
        on_behalf_of=sent.on_behalf_of,
        command_id=idempotency_key,
        item=number,
        revision=revision,
        to=sent.to,
        reason=sent.reason,
        rule=sent.rule,
        key=sent.key,
    )
    return carry_out(caller, response, command)


@router.get("/reminders", summary="See one's reminders")
def list_reminders(caller: Reader) -> Reminders:
    """What the token's person asked to be reminded of and is still to come."""
    with caller.reading() as connection:
        found = reminders.open_reminders(connection, caller.person, caller.today)
    return Reminders(reminders=[_told(one) for one in found])


@router.post("/reminders", status_code=201, summary="Ask to be reminded of an item")
def add_reminder(caller: Writer, sent: NewReminder, idempotency_key: IdempotencyKey = None) -> Reminder:
    """Asks to be reminded of an item on a day, with a note of one's own."""
    workflow = caller.doors.workflow
    request = {
        "remind": sent.number, "on": sent.on.isoformat(), "note": sent.note, "on_behalf_of": sent.on_behalf_of,
    }  # fmt: skip

    def work(connection: Connection) -> str:
        return reminders.added(
            connection,
            workflow.rules,
            actor=caller.person,
            on_behalf_of=sent.on_behalf_of,
            number=sent.number,
            on=sent.on,
            note=sent.note,
            now=caller.now,
        ).id

    try:
        must_see(caller, sent.number, sent.on_behalf_of)
    except NotFound as error:
        raise nobody(error) from None
    key = caller.once(idempotency_key, request, work)
    with caller.reading() as connection:
        return _told(reminders.show(connection, key))


def _told(one: reminders.Reminder) -> Reminder:
    return Reminder(id=one.id, number=one.number, title=one.title, on=one.on, note=one.note, person=one.person)
