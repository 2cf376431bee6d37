"""/items/{number}/links, …/assignments, …/comments: what ties an item to others and to people, and what they remark."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from ideenweg.web.api import item_documents as documents
from ideenweg.web.api import shown
from ideenweg.web.api.caller import Anybody, IdempotencyKey, Reader, Writer
from ideenweg.web.api.changes import Seen, carry_out
from ideenweg.web.api.items import public_item, seen_item
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, Number
from workflow import commands
from workflow.events import Kind
from workflow.numbers import NUMBER

router = APIRouter(prefix="/items/{number}", tags=["items"], route_class=StrictRoute)

LinkName = Annotated[str, Path(pattern=NAME, description="A kind of link.", examples=["candidate_of"])]
RoleName = Annotated[str, Path(pattern=NAME, description="A role of the lifecycle.", examples=["department"])]
Other = Annotated[str, Path(pattern=f"^{NUMBER.pattern}$", description="The item linked to.", examples=["2026-0002"])]
PersonId = Annotated[
    str, Path(pattern=r"^p-[0-9a-f]{16}$", description="The id of a person.", examples=["p-5f1c09a7d2e84b36"])
]


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
    sent: documents.NewLink,
    revision: Seen,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Links the item to another one. Which kinds there are, `GET /lifecycles/{key}` says."""
    command = commands.Link(
        actor=caller.person,
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
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Ends a link. It stays in the history."""
    command = commands.Unlink(
        actor=caller.person, command_id=idempotency_key, item=number, revision=revision, kind=kind, other=other
    )
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
    sent: documents.NewAssignment,
    revision: Seen,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Gives a person a role on the item."""
    command = commands.Assign(
        actor=caller.person,
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
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Takes a person's role on the item back."""
    command = commands.Unassign(
        actor=caller.person, command_id=idempotency_key, item=number, revision=revision, role=role, person=person
    )
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
    sent: documents.NewComment,
    revision: Seen,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Adds a remark: for those who work on the item, or for everybody once it is released."""
    command = commands.Comment(
        actor=caller.person,
        command_id=idempotency_key,
        item=number,
        revision=revision,
        text=sent.text,
        public=sent.public,
    )
    return carry_out(caller, response, command)
