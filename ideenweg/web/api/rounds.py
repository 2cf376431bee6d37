"""/items/{number}/ranking and …/agenda: the candidates of a selection round compared, and what a session decided."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from ideenweg.web.api.caller import Caller, IdempotencyKey, Reader, Writer
from ideenweg.web.api.changes import must_see
from ideenweg.web.api.items import seen_item
from ideenweg.web.api.problems import BlockerModel, Problem, blocker_model, without_commands
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import Document, InPlace, Number
from states.ranking import Place
from workflow import agenda
from workflow.errors import BadInput, NotFound
from workflow.handlers import refusal
from workflow.numbers import NUMBER
from workflow.queries.ranking import ranking_of

router = APIRouter(prefix="/items/{number}", tags=["items"], route_class=StrictRoute)

Pair = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}:[0-9]{1,12}(\.[0-9]{1,4})?$")]


class WhatIf(BaseModel):
    """Other weights and other money than those given; nothing of it is stored."""

    model_config = ConfigDict(extra="forbid")

    weight: list[Pair] = Field([], max_length=50, description="criterion:weight", examples=[["sustainability:3"]])
    budget: list[Pair] = Field([], max_length=50, description="city:euros", examples=[["dortmund:250000"]])


class RankPart(Document):
    """One criterion of a candidate: the mean of its reviews' points, times its weight."""

    criterion: str = Field(examples=["sustainability"])
    points: float = Field(examples=[4.5])
    weight: float = Field(examples=[3.0])


class RankPlace(Document):
    """A candidate. `rank` is null where it is not ranked: reviews are missing, or a knock-out criterion failed."""

    number: str = Field(examples=["2026-0147"])
    title: str = Field(examples=["Sensoren für Straßenbäume"])
    rank: int | None = Field(examples=[1])
    score: float | None = Field(examples=[3.75])
    parts: list[RankPart]
    failed: list[str] = Field(description="Knock-out criteria that it does not meet.", examples=[[]])
    missing: int = Field(description="Reviews that are missing.", examples=[0])
    third: bool = Field(description="Its reviews differ so much that a third one is asked for.")
    fits: bool | None = Field(description="Whether the money is there; null where nobody can say.", examples=[True])
    chosen: bool = Field(description="Whether it has been chosen already.")


class LoadDocument(Document):
    """What the candidates and all that is running take of a city in a year."""

    city: str = Field(examples=["dortmund"])
    year: int = Field(examples=[2027])
    person_months: float = Field(examples=[14.5])
    capacity: float | None = Field(description="What there is, where the round says so.", examples=[12.0])
    euros: float = Field(examples=[180000.0])
    over: bool = Field(description="More staff is needed than there is.")


class RankingDocument(Document):
    """The ranking of a round as it is now, or as it would be."""

    number: str = Field(examples=["2026-0031"])
    title: str = Field(examples=["Auswahlrunde 2026"])
    weights: dict[str, float] = Field(examples=[{"sustainability": 3.0}])
    places: list[RankPlace]
    left: dict[str, float] = Field(description="City -> euros that are left.", examples=[{"dortmund": 40000.0}])
    loads: list[LoadDocument]


@router.get("/ranking", summary="Rank the candidates of a selection round")
def read_ranking(caller: Reader, number: Number, asked: Annotated[WhatIf, Query()]) -> RankingDocument:
    """Every part of every sum, with the weights and the money given, or with others to see what would be."""
    if seen_item(caller, number).lifecycle.ranking is None:
        raise NotFound("ranking", number)
    with caller.reading() as connection:
        try:
            found = ranking_of(
                connection, caller.doors.workflow.rules, number, caller.person, caller.now,
                weights=_numbers(asked.weight), budget=_numbers(asked.budget),
            )  # fmt: skip
        except BadInput as error:
            raise Problem("wrong_filter", without_commands(error)) from None
    return RankingDocument(
        number=found.number,
        title=found.title,
        weights=dict(found.ranked.weights),
        places=[_place(one) for one in found.ranked.places],
        left=dict(found.ranked.left),
        loads=[
            LoadDocument(
                city=one.city, year=one.year, person_months=round(one.person_months, 2), capacity=one.capacity,
                euros=round(one.euros, 2), over=one.over,
            )
            for one in found.ranked.loads
        ],
    )  # fmt: skip


def _place(one: Place) -> RankPlace:
    return RankPlace(
        number=one.candidate.number,
        title=one.candidate.title,
        rank=one.rank,
        score=one.score,
        parts=[RankPart(criterion=part.criterion, points=part.points, weight=part.weight) for part in one.parts],
        failed=list(one.failed),
        missing=one.missing,
        third=one.third,
        fits=one.fits,
        chosen=one.candidate.chosen,
    )


def _numbers(pairs: list[str]) -> dict[str, float] | None:
    found = {key: float(value) for key, _, value in (pair.partition(":") for pair in pairs)}
    return found or None


class AgendaEntry(Document):
    """An item of the agenda, with what was recorded for this session's body."""

    number: str = Field(examples=["2026-0147"])
    title: str = Field(examples=["Sensoren für Straßenbäume"])
    state: str = Field(examples=["before_bodies"])
    record: str | None = Field(description="The kind of record a result is; null: none can be.", examples=["decision"])
    data: dict[str, Any] = Field(examples=[{"outcome": "approved"}])


class AgendaDocument(Document):
    """A session with its agenda."""

    number: str = Field(examples=["2026-0031"])
    title: str = Field(examples=["Rat, 9. Juni"])
    body: str = Field(examples=["council-dortmund"])
    entries: list[AgendaEntry]


class NewResults(InPlace):
    """What a session decided, in one form."""

    results: dict[Annotated[str, Field(pattern=f"^{NUMBER.pattern}$")], dict[str, Any]] = Field(
        min_length=1, max_length=200, description="Number of an item -> its result.",
        examples=[{"2026-0147": {"paper": "DS 12/2026", "outcome": "approved"}}],
    )  # fmt: skip


class Results(Document):
    """What was recorded, all of it; and what is odd about it, which refuses nothing."""

    batch: str = Field(examples=["batch-5f1c09a7"])
    recorded: list[str] = Field(
        description="The session, and the items decided on.", examples=[["2026-0031", "2026-0147"]]
    )
    warnings: dict[str, list[BlockerModel]]


@router.get("/agenda", summary="Read the agenda of a session")
def read_agenda(caller: Reader, number: Number) -> AgendaDocument:
    """The items in the order in which they came onto it, with the results recorded so far."""
    found = _session(caller, number)
    return AgendaDocument(
        number=found.number,
        title=found.title,
        body=found.body.key,
        entries=[
            AgendaEntry(
                number=one.number, title=one.title, state=one.state, record=one.kind.key if one.kind else None,
                data=dict(one.data),
            )
            for one in found.entries
        ],
    )  # fmt: skip


@router.post("/agenda", status_code=201, summary="Record what a session decided")
def record_agenda(caller: Writer, number: Number, sent: NewResults, idempotency_key: IdempotencyKey = None) -> Results:
    """Records all of the form, or nothing: a problem 409 or 422 has every blocker of every item."""
    _session(caller, number, sent.on_behalf_of)
    try:
        done = agenda.record_results(
            caller.doors.engine, number, sent.results, caller.person, caller.now,
            on_behalf_of=sent.on_behalf_of, batch=idempotency_key,
        )  # fmt: skip
    except BadInput as error:
        raise Problem("invalid", without_commands(error)) from None
    if done.bulk.held:
        raise refusal([blocker for one in done.bulk.held for blocker in one.blockers])
    return Results(
        batch=done.bulk.batch,
        recorded=list(done.bulk.allowed),
        warnings={key: [blocker_model(one) for one in odd] for key, odd in done.odd.items() if odd},
    )


def _session(caller: Caller, number: str, on_behalf_of: str | None = None) -> agenda.Session:
    must_see(caller, number, on_behalf_of)
    with caller.reading() as connection:
        try:
            return agenda.session_of(
                connection, caller.doors.workflow.rules, number, caller.person, caller.now, on_behalf_of=on_behalf_of
            )
        except BadInput:  # it is no session, or one of no body
            raise NotFound("agenda", number) from None
