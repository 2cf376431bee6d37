"""What the API takes to make an item, and to change one."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ideenweg.web.api.item_documents import EXAMPLE_SHEET
from ideenweg.web.api.values import NAME, Day, InPlace, PersonRef, Sent


class NewItem(Sent):
    """A new item, in the initial state of its lifecycle."""

    data: dict[str, Any] = Field(
        description="The sheet: the fields that `GET /lifecycles/{key}` lists for it.", examples=[EXAMPLE_SHEET]
    )
    lifecycle: str | None = Field(
        None, pattern=NAME, description="Absent: the programme's own.", examples=["idea-to-project"]
    )
    on_behalf_of: PersonRef | None = Field(
        None, description="For whom it is handed in, or in whose place, by their deputy: e-mail address or id."
    )


class NewStep(InPlace):
    """A transition to fire."""

    transition: str = Field(pattern=NAME, examples=["pool"])
    reason: str | None = Field(None, max_length=20_000, examples=["Alle Stellungnahmen liegen vor."])
    data: dict[str, Any] | None = Field(None, description="Fills the form that the transition names.")
    key: str | None = Field(None, max_length=200, description="Which record of that form, where it has several.")


class NewRecord(InPlace):
    """A record, or a new version of one."""

    data: dict[str, Any] = Field(examples=[{"feasible": True}])
    key: str | None = Field(
        None, max_length=200, description="Which one: a body, unit or city where the writer speaks for several."
    )
    version: int | None = Field(
        None, ge=0, le=2**31, description="Only if it is still at this version (0: none yet).", examples=[1]
    )


class NewLink(InPlace):
    """A link to another item."""

    kind: str = Field(pattern=NAME, examples=["candidate_of"])
    other: str = Field(pattern=r"^[0-9]{4}-[0-9]{4,7}$", examples=["2026-0002"])


class NewAssignment(InPlace):
    """A role for somebody on the item."""

    role: str = Field(pattern=NAME, examples=["department"])
    person: PersonRef


class NewComment(InPlace):
    """A remark: for those who work on the item, or for everybody once it is released."""

    text: str = Field(min_length=1, max_length=20_000, examples=["Die Unterlagen liegen vor."])
    public: bool = False


class Extension(InPlace):
    """More time for a deadline."""

    to: Day = Field(description="The new last day.", examples=["2026-07-15"])
    reason: str = Field(min_length=1, max_length=20_000, examples=["Das Gutachten fehlt noch."])
    rule: str | None = Field(None, pattern=NAME, description="Which one, where several run.", examples=["in_review"])
    key: str | None = Field(None, max_length=200)
