"""Items as the API tells them. `item_requests.py` has what it takes to change them."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from ideenweg.web.api.problems import BlockerModel
from ideenweg.web.api.values import Document, Label, Page, Told

EXAMPLE_SHEET = {
    "title": "Sensoren für Straßenbäume",
    "problem": "Junge Bäume vertrocknen, weil niemand weiß, wann sie Wasser brauchen.",
    "cities": ["dortmund"],
}


class ItemState(Document):
    """Where an item stands."""

    number: str = Field(examples=["2026-0147"])
    title: str = Field(examples=["Sensoren für Straßenbäume"])
    lifecycle: str = Field(description="The kind of item: the key of its lifecycle.", examples=["idea-to-project"])
    version: int = Field(description="The version of the lifecycle that it is pinned to.", examples=[1])
    state: str = Field(examples=["in_review"])
    label: Label = Field(description="What the state is called.")
    stage: str | None = Field(description="The stage; null where the item's way has ended.", examples=["review"])
    revision: int = Field(description="How many events it has; also the ETag.", examples=[17])
    entered_at: Told = Field(description="When the state was entered.", examples=["2026-06-02T09:30:00+02:00"])


class ItemBrief(ItemState):
    """An item in few words."""

    released: bool = Field(description="Whether everybody may see it.")
    cities: list[str] = Field(examples=[["dortmund"]])
    fields: list[str] = Field(description="Fields of action.", examples=[["energy-and-environment"]])
    provenance: list[str] = Field(examples=[["citizens"]])
    funding: list[str] = Field(examples=[[]])
    created_at: Told = Field(examples=["2026-05-22T16:04:12+02:00"])


class ItemLine(ItemBrief):
    """An item of a list."""

    due: date | None = Field(
        description="The last day of the deadline that runs out first; null without one, and without a token.",
        examples=["2026-06-30"],
    )
    deadline: str | None = Field(description="The name of that deadline.", examples=["in_review"])
    overdue: bool


class Items(Page):
    """A page of items, the newest first."""

    items: list[ItemLine]


class Person(Document):
    """Somebody, for those who may know who it is."""

    person: str = Field(description="A pseudonymous id.", examples=["p-5f1c09a7d2e84b36"])
    name: str | None = Field(description="Null where the person was erased.", examples=["Umweltamt Dortmund"])
    email: str | None = Field(examples=["umweltamt@dortmund.example"])


class Turn(Document):
    """A role that has to do something now, and who holds it."""

    role: str = Field(examples=["department"])
    people: list[Person]


class Assigned(Person):
    """A role that somebody has on the item."""

    role: str = Field(examples=["department"])
    unit: str | None = Field(description="The office they have it for.", examples=["environment-office-dortmund"])


class Assignments(Document):
    """Who has which role on the item."""

    assignments: list[Assigned]


class Clock(Document):
    """A deadline of the item."""

    rule: str = Field(examples=["in_review"])
    key: str = Field(description="Of which body, unit or record, where there are several.", examples=[""])
    status: str = Field(description="running, stopped, or waiting for its date.", examples=["running"])
    due: date | None = Field(description="The last day.", examples=["2026-06-30"])
    ends_at: Told | None = Field(description="The moment after it.", examples=["2026-07-01T00:00:00+02:00"])
    overdue: bool
    left: int | None = Field(description="While stopped: how much is left, in the rule's unit.", examples=[None])
    responsible: str | None = Field(description="The role that sees to it.", examples=["department"])


class Clocks(Document):
    """The deadlines of the item."""

    deadlines: list[Clock]


class Step(Document):
    """A transition that leaves the item's state, and what the caller would be told now."""

    transition: str = Field(examples=["pool"])
    label: Label
    to: list[str] = Field(description="Where it may lead: states, or origin.", examples=[["pooled"]])
    fire: str = Field(description="Who sets it off: person, automatic, expiry, recurring.", examples=["person"])
    roles: list[str] = Field(examples=[["coordinator"]])
    reason: str = Field(description="Whether it takes one: none, optional, required, public.", examples=["optional"])
    form: str | None = Field(description="The record kind that `data` fills.", examples=["precheck"])
    allowed: bool = Field(description="Whether it would go through as it is, without more.")
    asks: list[str] = Field(
        description="Where nothing else stands against it: what still has to come with it.", examples=[["reason"]]
    )
    blockers: list[BlockerModel]


class Steps(Document):
    """The transitions that leave the state of the item."""

    transitions: list[Step]


class RecordDocument(Document):
    """The newest version of a record, with the fields that the caller may see."""

    kind: str = Field(examples=["statement"])
    key: str = Field(description="Whose or which: a person, body, unit, city or free key.", examples=[""])
    visit: int = Field(description="Which visit of a state it belongs to; 0 where that does not count.", examples=[0])
    version: int = Field(examples=[1])
    author: str | None = Field(description="Whose word it is, for those who may know.", examples=[None])
    at: Told
    late: bool | None = Field(
        description="Whether it was first handed in after its deadline (it counts as any other); null without a token.",
        examples=[False],
    )
    data: dict[str, Any] = Field(examples=[EXAMPLE_SHEET])


class Records(Document):
    """The records of one kind, or of all."""

    records: list[RecordDocument]


class LinkDocument(Document):
    """A link from (`outgoing`) or to another item."""

    kind: str = Field(examples=["candidate_of"])
    outgoing: bool
    number: str = Field(examples=["2026-0002"])
    title: str = Field(examples=["Auswahlrunde 2026"])
    lifecycle: str = Field(examples=["selection-round"])
    state: str = Field(examples=["open"])


class Links(Document):
    """The links of the item."""

    links: list[LinkDocument]


class Happened(Document):
    """Something of the item's history. Without a token nobody is named, only the role in which somebody acted."""

    seq: int | None = Field(description="The revision it made; null without a token.", examples=[4])
    kind: str = Field(examples=["advanced"])
    transition: str | None = Field(examples=["start_review"])
    source: str | None = Field(alias="from", description="The state before.", examples=["submitted"])
    to: str | None = Field(examples=["in_review"])
    at: Told
    text: str | None = Field(description="The reason or the comment, for those who may read it.", examples=[None])
    role: str | None = Field(description="In which role; without a token only.", examples=["coordinator"])
    scope: str | None = Field(description="For which city, body or unit.", examples=["dortmund"])
    actor: str | None = Field(description="Who, for those who may know; or `system`.", examples=[None])
    on_behalf_of: str | None = Field(examples=[None])
    via: str | None = Field(description="By which door: page, api, cli, clock, import.", examples=["page"])
    details: dict[str, Any] = Field(examples=[{}])


class History(Page):
    """The history of the item, in order."""

    events: list[Happened]


class Comment(Document):
    """A remark on the item."""

    seq: int | None = Field(description="The revision it made; null without a token.", examples=[6])
    at: Told
    text: str | None = Field(description="Null where it was erased.", examples=["Die Unterlagen liegen vor."])
    actor: str | None = Field(description="Whose, for those who may know.", examples=[None])
    role: str | None = Field(description="In which role; without a token only.", examples=["coordinator"])


class Comments(Document):
    """The comments on the item."""

    comments: list[Comment]


class Share(Document):
    """A kind of record of which several offices, bodies or cities write one each: two of four have co-signed."""

    record: str = Field(examples=["cosignature"])
    done: int = Field(examples=[2])
    of: int = Field(examples=[4])


class Item(ItemBrief):
    """An item with everything that the caller may see. What takes a token is null without one."""

    public: Label | None = Field(description="What the state means, in one plain sentence.")
    records: list[RecordDocument]
    links: list[LinkDocument]
    turn: list[Turn] | None = Field(description="Whose turn it is.")
    shares: list[Share] | None = Field(description="What several have to write, and how far it is.")
    deadlines: list[Clock] | None
    people: list[Assigned] | None


class Outcome(Document):
    """What a change did."""

    item: ItemState = Field(description="The item after it.")
    seqs: list[int] = Field(description="The events it wrote.", examples=[[18]])
    repeated: bool = Field(description="It had been done before under this Idempotency-Key; nothing happened anew.")
    warnings: list[BlockerModel] = Field(
        description="What is odd about what was written, and refused nothing: a date that lies ahead, more votes than "
        "the body has members.",
        examples=[[]],
    )
