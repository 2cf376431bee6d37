"""The kinds of values that addresses and documents of the API are made of."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from states.differences import Change
from states.sentences import Text
from workflow.numbers import NUMBER

LARGEST_PAGE = 200
A_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,8}")
A_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Number = Annotated[
    str, Path(pattern=f"^{NUMBER.pattern}$", description="The number of the item.", examples=["2026-0147"])
]
NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"


class Document(BaseModel):
    """What a call answers."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class ChangeDocument(Document):
    """A value that differs."""

    path: str = Field(description="Within the record or entry.", examples=["cost"])
    before: Any = Field(examples=[120000])
    after: Any = Field(examples=[135000])

    @classmethod
    def of(cls, one: Change) -> ChangeDocument:
        return cls(path=one.path, before=one.before, after=one.after)


class Sent(BaseModel):
    """What is sent: these fields and no others, of just these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Label(Document):
    """A text for people, in both languages."""

    de: str = Field(examples=["Fachliche Prüfung"])
    en: str = Field(examples=["In review"])


def label(text: Text) -> Label:
    """A text of a lifecycle or programme as the API tells it."""
    return Label(de=text.de, en=text.en)


def optional_label(text: Text | None) -> Label | None:
    """The same, where there may be none."""
    return label(text) if text else None


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and A_DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("day", "A day like 2026-06-09 is wanted.")


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and "T" in value and len(value) <= 40:
        try:
            found = datetime.fromisoformat(value)
            if found.tzinfo is not None and 1900 <= found.year <= 2999:
                return found
        except ValueError:
            pass
    raise PydanticCustomError("moment", "A moment with its zone like 2026-06-09T14:00:00+02:00 is wanted.")


def _whole(value: Any) -> Any:
    """Of an address all is text; the reader of pydantic would take ` 1`, `+1` and `1.0` for a number, too."""
    return int(value) if isinstance(value, str) and A_NUMBER.fullmatch(value) else value


def _flag(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Flag = Annotated[bool, BeforeValidator(_flag), Field(strict=True)]
"""`true` or `false` in an address."""

Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "description": "A day of the programme's zone."}),
]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Told = AwareDatetime
"""A moment in an answer: ISO 8601 with the offset of the programme's zone."""

PersonRef = Annotated[
    str,
    Field(
        min_length=3,
        max_length=254,
        description="Somebody known: the e-mail address, or the id.",
        examples=["umweltamt@dortmund.example"],
    ),
]


class InPlace(Sent):
    """What a deputy may send in the place of whom they stand in for."""

    on_behalf_of: PersonRef | None = Field(None, description="In whose place: e-mail address or id.")


InPlaceOf = Annotated[PersonRef | None, Query(description="In whose place: e-mail address or id.")]
"""The same in an address, of what has no body."""

Cursor = Annotated[
    str | None,
    Field(min_length=1, max_length=400, description="Goes on behind a page: its `next`."),
]
Whole = Annotated[int, BeforeValidator(_whole), Field(strict=True)]
"""A whole number in an address."""

Limit = Annotated[Whole, Field(ge=1, le=LARGEST_PAGE, description="How many at most.")]


class PageQuery(BaseModel):
    """What every list takes. A parameter that there is not is an error: a filter with a typo would let all through."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 50
    cursor: Cursor = None


Paging = Annotated[PageQuery, Query()]


class Page(Document):
    """A part of a list."""

    next: str | None = Field(description="The cursor of the next page; null where there is none.", examples=[None])
