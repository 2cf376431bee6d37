"""/lifecycles and /programme: the rules that items go by, as the files of the installation say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from ideenweg.web.api.caller import Anybody
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, Document, Label, label, optional_label
from states.lifecycle import Lifecycle
from states.programme import Body, City, Office, Term
from states.record_kinds import RecordKind
from workflow.queries.roles import newest
from workflow.transaction import Transaction

router = APIRouter(tags=["rules"], route_class=StrictRoute)

Key = Annotated[str, Path(pattern=NAME, description="The key of a lifecycle.", examples=["idea-to-project"])]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class LifecycleLine(Document):
    """A lifecycle that items live through."""

    key: str = Field(examples=["idea-to-project"])
    version: int = Field(description="The newest version: new items take it.", examples=[1])
    label: Label


class Lifecycles(Document):
    """The lifecycles of the installation."""

    lifecycles: list[LifecycleLine]


class Named(Document):
    """Something with a key and a name."""

    key: str = Field(examples=["review"])
    label: Label


class StateDocument(Named):
    """Where an item may stand."""

    stage: str | None = Field(examples=["review"])
    public: Label | None = Field(description="What it means, in one plain sentence for everybody.")
    tags: list[str] = Field(description="`final`: its way ends here.", examples=[[]])
    pauses: bool = Field(description="Whether deadlines stand still here.")


class TransitionDocument(Named):
    """A way from state to state."""

    source: list[str] = Field(alias="from", examples=[["in_review"]])
    to: list[str] = Field(description="States, or `origin`: back to where a pausing state was entered from.")
    fire: str = Field(description="person, automatic, expiry or recurring.", examples=["person"])
    roles: list[str] = Field(description="Who may fire it; `anyone`: every known person.", examples=[["coordinator"]])
    reason: str = Field(description="none, optional, required, or public.", examples=["optional"])
    form: str | None = Field(description="The record kind that `data` fills.", examples=["precheck"])


class RoleDocument(Named):
    """What people are for an item."""

    scope: str | None = Field(description="What it is granted for: city, body, unit, item; null: everything.")


class RecordKindDocument(Named):
    """A form about an item."""

    per: str = Field(description="How many an item has: one for each item, person, body, unit, city or key.")
    write: list[str] = Field(description="The roles that may write it.", examples=[["reviewer"]])
    public: bool = Field(description="Whether everybody reads its public fields once the item is released.")
    states: list[str] = Field(description="Where it may be written; empty: everywhere but at the end of the way.")
    json_schema: dict[str, Any] = Field(
        alias="schema",
        description="JSON Schema of `data`. `title` is the label; `x-public`, `x-personal` say who reads a field, "
        "`format` city, field, body, office, provenance and funding name vocabularies of `GET /programme`.",
        examples=[{"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}],
    )


class LinkKindDocument(Named):
    """A named relation to another item."""

    inverse: Label = Field(description="What it is called from the other end.")
    to: list[str] = Field(description="The lifecycles it may lead to; empty: any.", examples=[["selection-round"]])


class LifecycleDocument(LifecycleLine):
    """A lifecycle with all that a program needs to work with its items."""

    initial: str = Field(description="The state of a new item.", examples=["draft"])
    sheet: str | None = Field(description="The record kind that a new item fills.", examples=["sheet"])
    stages: list[Named]
    states: list[StateDocument]
    transitions: list[TransitionDocument]
    roles: list[RoleDocument]
    records: list[RecordKindDocument]
    links: list[LinkKindDocument]


class Place(Named):
    """An entry of the programme; `city` is whose it is."""

    city: str | None = Field(examples=["dortmund"])


class ProgrammeDocument(Document):
    """The programme that the installation serves: the vocabularies that filters and record fields take."""

    key: str = Field(examples=["dos-2030"])
    version: int = Field(examples=[1])
    label: Label
    zone: str = Field(description="The time zone of all days.", examples=["Europe/Berlin"])
    lifecycle: str | None = Field(description="What new items take where nobody says.", examples=["idea-to-project"])
    cities: list[Named]
    fields: list[Named]
    bodies: list[Place]
    offices: list[Place]
    provenance: list[Named]
    funding: list[Named]


@router.get("/lifecycles", summary="List the lifecycles")
def list_lifecycles(caller: Anybody) -> Lifecycles:
    """The kinds of items there are, each in its newest version."""
    with caller.reading() as connection:
        stored = newest(connection, caller.doors.workflow.rules)
    return Lifecycles(
        lifecycles=[LifecycleLine(key=one.key, version=one.version, label=label(one.label)) for one in stored.values()]
    )


@router.get("/lifecycles/{key}", summary="Read a lifecycle")
def read_lifecycle(caller: Anybody, key: Key) -> LifecycleDocument:
    """Its states, transitions, roles, links, and its record kinds with the JSON Schema of each."""
    with caller.reading() as connection:
        found = caller.doors.workflow.rules.newest(Transaction(connection), key)
    return _document(found)


@router.get("/programme", summary="Read the programme")
def read_programme(caller: Anybody) -> ProgrammeDocument:
    """Its cities, fields of action, bodies, offices and other vocabularies, with what they are called."""
    found = caller.programme
    return ProgrammeDocument(
        key=found.key,
        version=found.version,
        label=label(found.label),
        zone=found.zone.key,
        lifecycle=caller.doors.engine.default,
        cities=_named(found.cities),
        fields=_named(found.fields),
        bodies=_places(found.bodies),
        offices=_places(found.offices),
        provenance=_named(found.provenance),
        funding=_named(found.funding),
    )


def _named(entries: Mapping[str, City | Term]) -> list[Named]:
    return [Named(key=one.key, label=label(one.label)) for one in entries.values()]


def _places(entries: Mapping[str, Body] | Mapping[str, Office]) -> list[Place]:
    return [Place(key=one.key, label=label(one.label), city=one.city) for one in entries.values()]


def _document(one: Lifecycle) -> LifecycleDocument:
    return LifecycleDocument(
        key=one.key,
        version=one.version,
        label=label(one.label),
        initial=one.initial,
        sheet=one.sheet,
        stages=[Named(key=stage.key, label=label(stage.label)) for stage in one.stages.values()],
        states=[
            StateDocument(
                key=state.key,
                label=label(state.label),
                stage=state.stage,
                public=optional_label(state.public),
                tags=sorted(state.tags),
                pauses=state.pauses,
            )
            for state in one.states.values()
        ],
        transitions=[
            TransitionDocument.model_validate(
                {
                    "key": move.key,
                    "label": label(move.label),
                    "from": list(move.sources),
                    "to": [way.state for way in move.ways],
                    "fire": move.fire.value,
                    "roles": list(move.roles),
                    "reason": move.reason.value,
                    "form": move.form,
                }
            )
            for move in one.transitions.values()
        ],
        roles=[
            RoleDocument(key=role.key, label=label(role.label), scope=role.scope.value if role.scope else None)
            for role in one.roles.values()
        ],
        records=[_kind(kind) for kind in one.records.values()],
        links=[
            LinkKindDocument(key=link.key, label=label(link.label), inverse=label(link.inverse), to=list(link.to))
            for link in one.links.values()
        ],
    )


def _kind(kind: RecordKind) -> RecordKindDocument:
    return RecordKindDocument.model_validate(
        {
            "key": kind.key,
            "label": label(kind.label),
            "per": kind.per.value,
            "write": list(kind.write),
            "public": kind.read.public,
            "states": list(kind.states),
            "schema": {
                "$schema": DIALECT,
                "type": "object",
                "properties": {
                    key: {
                        **field.schema,
                        "title": field.label.en,
                        "x-label": {"de": field.label.de, "en": field.label.en},
                        "x-public": field.public,
                        "x-personal": field.personal,
                    }
                    for key, field in kind.fields.items()
                },
                "required": [key for key, field in kind.fields.items() if field.required],
                "additionalProperties": False,
            },
        }
    )
