"""/worklist: what the token's person has to do, the most urgent first."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from ideenweg.web.api.caller import Caller, Reader
from ideenweg.web.api.items import link_next, no_cursor
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import Document, Label, Page, PageQuery, Told, label
from workflow.errors import BadInput
from workflow.queries.worklist import Section, View, WorkRow, worklist
from workflow.transaction import Transaction

router = APIRouter(tags=["worklist"], route_class=StrictRoute)


class Task(Document):
    """Something to do on an item: to fire a transition, to write a record, or to give somebody a role."""

    section: Section = Field(description="overdue, week, later; waiting: it is others' to do.", examples=["week"])
    number: str = Field(examples=["2026-0147"])
    title: str = Field(examples=["Sensoren für Straßenbäume"])
    lifecycle: str = Field(examples=["idea-to-project"])
    state: str = Field(examples=["in_review"])
    label: Label = Field(description="What the state is called.")
    revision: int = Field(examples=[17])
    cities: list[str] = Field(examples=[["dortmund"]])
    act: str = Field(description="What has to be done with `what`: move, write, assign, …", examples=["write"])
    what: str = Field(description="The transition, record kind or role; empty: decide how to go on.")
    key: str = Field(description="The body, unit, city or person that a record is about.", examples=[""])
    role: str = Field(description="In which role.", examples=["department"])
    by: str = Field(description="Of what is waited for: the role that has to.", examples=[""])
    due: date | None = Field(examples=["2026-06-30"])
    ends_at: Told | None = Field(description="The moment after the last day.")
    claimed_by: str | None = Field(description="Whose it is: an id; null where nobody has taken it up.")
    in_place_of: str | None = Field(description="Whose deputy has it in this list: an id.", examples=[None])


class Worklist(Page):
    """A page of tasks."""

    tasks: list[Task]


class WorklistQuery(PageQuery):
    """Which tasks."""

    section: Section | None = Field(None, description="Of this section alone.")
    view: View = Field(
        View.TODO, description="todo: mine and what nobody has taken up; mine; office: all of my places; unclaimed."
    )


@router.get("/worklist", summary="See what one has to do")
def read_worklist(
    caller: Reader, request: Request, response: Response, asked: Annotated[WorklistQuery, Query()]
) -> Worklist:
    """The tasks of the token's person, the most urgent first: what is overdue, due this week, later, and last what
    they wait for. Also of those whose deputy they are today."""
    rules = caller.doors.workflow.rules
    with caller.reading() as connection:
        try:
            page = worklist(
                connection,
                rules,
                caller.person,
                caller.now,
                section=asked.section,
                view=asked.view,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        except BadInput as error:
            raise no_cursor(error) from None
        tx = Transaction(connection)
        tasks = [
            _told(one, label(rules.lifecycle(tx, one.lifecycle, one.version).states[one.state].label), caller)
            for one in page.rows
        ]
    link_next(request, response, page.next)
    return Worklist(tasks=tasks, next=page.next)


def _told(one: WorkRow, state: Label, caller: Caller) -> Task:
    return Task(
        section=one.section,
        number=one.number,
        title=one.title,
        lifecycle=one.lifecycle,
        state=one.state,
        label=state,
        revision=one.revision,
        cities=list(one.cities),
        act=one.act,
        what=one.what,
        key=one.key,
        role=one.role,
        by=one.by,
        due=one.due,
        ends_at=caller.at(one.due_at) if one.due_at else None,
        claimed_by=one.claimed_by,
        in_place_of=one.in_place_of,
    )
