"""/items/{number}/transitions and …/records: what can be done with an item, doing it, and what is written about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from ideenweg.web.api import item_documents as documents
from ideenweg.web.api import shown
from ideenweg.web.api.caller import Anybody, IdempotencyKey, Reader, Writer
from ideenweg.web.api.changes import Seen, carry_out
from ideenweg.web.api.item_requests import NewRecord, NewStep
from ideenweg.web.api.items import public_item, seen_item
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, ChangeDocument, Number, Whole
from states.differences import changed
from states.lifecycle import Lifecycle
from workflow import commands
from workflow.errors import NotFound
from workflow.queries.versions import chosen_pair, seen_versions

router = APIRouter(prefix="/items/{number}", tags=["items"], route_class=StrictRoute)

KindName = Annotated[
    str, Path(pattern=NAME, description="A record kind of the item's lifecycle.", examples=["statement"])
]


@router.get("/transitions", summary="See what can be done with an item")
def list_transitions(caller: Reader, response: Response, number: Number) -> documents.Steps:
    """The transitions that leave the item's state: each allowed now, or with every reason why not and who can help."""
    found = seen_item(caller, number)
    response.headers["ETag"] = f'"{found.item.revision}"'
    return documents.Steps(transitions=[shown.step(one) for one in found.steps])


@router.post("/transitions", summary="Fire a transition")
def fire_transition(
    caller: Writer,
    response: Response,
    number: Number,
    sent: NewStep,
    revision: Seen,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Moves the item on, in the name of the token's person. A problem 409 or 403 has every blocker."""
    return carry_out(
        caller,
        response,
        commands.Advance(
            actor=caller.person,
            on_behalf_of=sent.on_behalf_of,
            command_id=idempotency_key,
            item=number,
            revision=revision,
            transition=sent.transition,
            reason=sent.reason,
            data=sent.data,
            key=sent.key,
        ),
    )


@router.get("/records/{kind}", summary="Read the records of a kind")
def read_records(caller: Anybody, number: Number, kind: KindName) -> documents.Records:
    """The newest version of each record of the kind, with the fields that the caller may see."""
    if caller.token is None:
        public = public_item(caller, number)
        _must_know(public.lifecycle, kind)
        found = [shown.public_record(one, public.lifecycle, caller) for one in public.records if one.kind == kind]
    else:
        item = seen_item(caller, number)
        _must_know(item.lifecycle, kind)
        found = [shown.record(one, item, caller) for one in item.records if one.kind == kind]
    return documents.Records(records=found)


@router.post("/records/{kind}", status_code=201, summary="Write a record")
def write_record(
    caller: Writer,
    response: Response,
    number: Number,
    kind: KindName,
    sent: NewRecord,
    revision: Seen,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Writes a record of the kind about the item, or a new version of one. The versions before stay in the history."""
    return carry_out(
        caller,
        response,
        commands.Record(
            actor=caller.person,
            on_behalf_of=sent.on_behalf_of,
            command_id=idempotency_key,
            item=number,
            revision=revision,
            kind=kind,
            data=sent.data,
            key=sent.key,
            version=sent.version,
        ),
    )


class VersionsQuery(BaseModel):
    """Which record, and which two of its versions."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field("", max_length=200, description="Whose or which, as `GET …/records/{kind}` has it.", examples=[""])
    visit: Whole = Field(0, ge=0, description="As `GET …/records/{kind}` has it.")
    before: Whole | None = Field(None, ge=1, description="Absent: the version before `after`.", examples=[None])
    after: Whole | None = Field(None, ge=1, description="Absent: the last one.", examples=[None])


class RecordVersions(documents.Records):
    """Every version, the first one first, and what differs between two of them."""

    changes: list[ChangeDocument]


@router.get("/records/{kind}/versions", summary="Compare versions of a record")
def read_versions(
    caller: Reader, number: Number, kind: KindName, asked: Annotated[VersionsQuery, Query()]
) -> RecordVersions:
    """What a record said before, with the fields that the caller may see, and what differs between two versions."""
    item = seen_item(caller, number)
    _must_know(item.lifecycle, kind)
    with caller.reading() as connection:
        found = seen_versions(connection, item, item.lifecycle.records[kind], asked.key, asked.visit)
    before, after = chosen_pair(found, asked.before, asked.after)
    return RecordVersions(
        records=[shown.record(one, item, caller) for one in found],
        changes=[ChangeDocument.of(one) for one in changed(before.data, after.data)],
    )


def _must_know(lifecycle: Lifecycle, kind: str) -> None:
    """Raises NotFound for a kind of record that the item has not."""
    if kind not in lifecycle.records:
        raise NotFound("record kind", kind)
