"""/alike: is there something of the kind already?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from ideenweg.web.api.caller import Anybody
from ideenweg.web.api.problems import wrong_filter
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, Document
from workflow.queries.alike import alike
from workflow.queries.roles import newest

router = APIRouter(tags=["items"], route_class=StrictRoute)


class AlikeQuery(BaseModel):
    """What is looked for."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        min_length=1, max_length=2000, description="A title and what else is known.", examples=["Sensoren an Brücken"]
    )
    lifecycle: str | None = Field(None, pattern=NAME, description="Absent: what new items take.", examples=[None])


class LikeItem(Document):
    """An item that is like the text."""

    number: str = Field(examples=["2026-0147"])
    title: str = Field(examples=["Sensoren für Straßenbäume"])
    state: str = Field(examples=["in_review"])
    score: float = Field(description="From 0 to 1.", examples=[0.71])


class LikeItems(Document):
    """The most alike first, at most five."""

    items: list[LikeItem]


@router.get("/alike", summary="Find items that are like a text")
def find_alike(caller: Anybody, asked: Annotated[AlikeQuery, Query()]) -> LikeItems:
    """What a portal shows before somebody hands in the same once more: items that have much in common with the text,
    also where words are compounded or umlauts spelled out. Without a token the released ones."""
    workflow = caller.doors.workflow
    with caller.reading() as connection:
        known = newest(connection, workflow.rules)
        key = asked.lifecycle or workflow.engine.default or ""
        if asked.lifecycle is not None and key not in known:
            raise wrong_filter("lifecycle", key, known)
        found = alike(connection, key, [asked.q], within=caller.sees(connection))
    return LikeItems(
        items=[
            LikeItem(number=one.number, title=one.title, state=one.state, score=round(one.score, 2)) for one in found
        ]
    )
