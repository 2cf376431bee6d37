"""/items/{number}/links, …/parts, …/assignments, …/comments, …/support: what ties an item to others and to people."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field

from ideenweg.web.api import item_documents as documents
from ideenweg.web.api import shown
from ideenweg.web.api.caller import Anybody, IdempotencyKey, Reader, Writer
from ideenweg.web.api.changes import Seen, carry_out, must_see, outcome_of
from ideenweg.web.api.item_requests import NewAssignment, NewComment, NewLink
from ideenweg.web.api.items import public_item, seen_item
from ideenweg.web.api.problems import BlockerModel, blocker_model
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, InPlace, InPlaceOf, Number
from workflow import commands
from workflow.bulk import split_off
from workflow.events import Kind
from workflow.numbers import NUMBER

router = APIRouter(prefix="/items/{number}", tags=["items"], route_class=StrictRoute)

LinkName = Annotated[str, Path(pattern=NAME, description="A kind of link.", examples=["candidate_of"])]
RoleName = Annotated[str, Path(pattern=NAME, description="A role of the lifecycle.", examples=["department"])]
Other = Annotated[str, Path(pattern=f"^{NUMBER.pattern}$", description="The item linked to.", examples=["2026-0002"])]
PersonId = Annotated[
    str, Path(pattern=r"^p-[0-9a-f]{16}$", description="The id of a person.", examples=["p-5f1c09a7d2e84b36"])
]


class NewPart(InPlace):
    """A part that becomes an item of its own."""

    link: str = Field(pattern=NAME, description="The kind of link back.", examples=["split_from"])
    data: dict[str, Any] = Field(description="The sheet of the new item.", examples=[documents.EXAMPLE_SHEET])


class SplitOff(documents.Outcome):
    """The new item."""

    unlinked: list[BlockerModel] = Field(description="What stood against the link; empty: it is linked.", examples=[[]])


@router.get("/links", summary="Read the links of an item")
def list_links(caller: Anybody, number: Number) -> documents.Links:
    """The links from and to the item; of other items those alone that the caller may know of."""
    found = public_item(caller, number).relations if caller.token is None else seen_item(caller, number).ties
    return documents.Links(links=[shown.link(one) for one in found])


@router.post("/links", status_code=201, summary="Link an item to another")
def add_link(
    caller: Writer,
    response: Response,
    number: Number,
    sent: NewLink,
    revision: Seen,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Links the item to another one. Which kinds there are, `GET /lifecycles/{key}` says."""
    command = commands.Link(
        actor=caller.person,
        on_behalf_of=sent.on_behalf_of,
        command_id=idempotency_key,
        item=number,
        revision=revision,
        kind=sent.kind,
        other=sent.other,
    )
    return carry_out(caller, response, command)


@router.delete("/links/{kind}/{other}", summary="End a link")
def end_link(
    caller: Writer,
    response: Response,
    number: Number,
    kind: LinkName,
    other: Other,
    revision: Seen,
    on_behalf_of: InPlaceOf = None,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Ends a link. It stays in the history."""
    command = commands.Unlink(
        actor=caller.person, on_behalf_of=on_behalf_of, command_id=idempotency_key, item=number, revision=revision,
        kind=kind, other=other,
    )  # fmt: skip
    return carry_out(caller, response, command, named_in_address=True)


@router.get("/assignments", summary="Read who works on an item")
def list_assignments(caller: Reader, number: Number) -> documents.Assignments:
    """The roles that people have on the item; of people those alone whom the caller may know."""
    return documents.Assignments(assignments=shown.assigned(seen_item(caller, number)))


@router.post("/assignments", status_code=201, summary="Give somebody a role on an item")
def add_assignment(
    caller: Writer,
    response: Response,
    number: Number,
    sent: NewAssignment,
    revision: Seen,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Gives a person a role on the item."""
    command = commands.Assign(
        actor=caller.person,
        on_behalf_of=sent.on_behalf_of,
        command_id=idempotency_key,
        item=number,
        revision=revision,
        role=sent.role,
        person=sent.person,
    )
    return carry_out(caller, response, command)


@router.delete("/assignments/{role}/{person}", summary="Take a role on an item back")
def end_assignment(
    caller: Writer,
    response: Response,
    number: Number,
    role: RoleName,
    person: PersonId,
    revision: Seen,
    on_behalf_of: InPlaceOf = None,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Takes a person's role on the item back."""
    command = commands.Unassign(
        actor=caller.person, on_behalf_of=on_behalf_of, command_id=idempotency_key, item=number, revision=revision,
        role=role, person=person,
    )  # fmt: skip
    return carry_out(caller, response, command, named_in_address=True)


@router.get("/comments", summary="Read the comments on an item")
def list_comments(caller: Anybody, number: Number) -> documents.Comments:
    """The comments that the caller may read, the oldest first; without a token the public ones."""
    if caller.token is None:
        steps = public_item(caller, number).steps
        found = [shown.public_step(one, caller) for one in steps if one.kind == Kind.COMMENTED]
    else:
        item = seen_item(caller, number)
        found = [shown.happened(one, item, caller) for one in item.history if one.kind == Kind.COMMENTED]
    return documents.Comments(
        comments=[
            documents.Comment(seq=one.seq, at=one.at, text=one.text, actor=one.actor, role=one.role) for one in found
        ]
    )


@router.post("/comments", status_code=201, summary="Comment on an item")
def add_comment(
    caller: Writer,
    response: Response,
    number: Number,
    sent: NewComment,
    revision: Seen,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Adds a remark: for those who work on the item, or for everybody once it is released."""
    command = commands.Comment(
        actor=caller.person,
        on_behalf_of=sent.on_behalf_of,
        command_id=idempotency_key,
        item=number,
        revision=revision,
        text=sent.text,
        public=sent.public,
    )
    return carry_out(caller, response, command)


@router.post("/support", status_code=201, summary="Stand behind an item")
def add_support(
    caller: Writer, response: Response, number: Number, revision: Seen, idempotency_key: IdempotencyKey = None
) -> documents.Outcome:
    """The token's person supports the item, of a lifecycle that counts support: once a person."""
    command = commands.Support(
        actor=caller.person, command_id=idempotency_key, item=number, revision=revision
    )  # fmt: skip
    return carry_out(caller, response, command)


@router.post("/parts", status_code=201, summary="Split a part off an item")
def split_item(
    caller: Writer,
    response: Response,
    number: Number,
    sent: NewPart,
    idempotency_key: IdempotencyKey = None,
) -> SplitOff:
    """Makes a part of the item one of its own, linked to where it came from, which stays as it is with its support."""
    must_see(caller, number, sent.on_behalf_of)
    made, against = split_off(
        caller.doors.engine, number, sent.link, sent.data, caller.person, caller.now,
        on_behalf_of=sent.on_behalf_of, command_id=idempotency_key,
    )  # fmt: skip
    told = outcome_of(caller, response, made)
    return SplitOff(**dict(told), unlinked=[blocker_model(one) for one in against])
