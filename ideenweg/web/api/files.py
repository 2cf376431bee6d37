"""/items/{number}/documents and /documents/{id}: what is attached to an item, as bytes."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field
from starlette.responses import FileResponse

from ideenweg.web.api.caller import Anybody, Caller, IdempotencyKey, Writer
from ideenweg.web.api.changes import Seen, must_see, outcome_of
from ideenweg.web.api.item_documents import Outcome
from ideenweg.web.api.items import public_item, seen_item
from ideenweg.web.api.problems import Problem, current_of
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, Document, Flag, InPlaceOf, Number, Told
from ideenweg.web.shelf import UPLOAD, handed_over
from states.programme import DOCUMENT_TYPES
from states.reading import Reader, reader_of
from states.sentences import Sentence
from workflow.errors import Conflict, NotFound
from workflow.queries import documents

router = APIRouter(tags=["items"], route_class=StrictRoute)

DocumentId = Annotated[str, Path(pattern=NAME, description="The id of a document.", examples=["d-5f1c09a7d2e84b36"])]
BINARY = {"schema": {"type": "string", "format": "binary"}}


class FileDocument(Document):
    """A document of an item; `GET /documents/{id}` gives its bytes."""

    id: str = Field(examples=["d-5f1c09a7d2e84b36"])
    name: str = Field(examples=["lageplan.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    size: int = Field(description="Bytes.", examples=[48213])
    sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    record: str | None = Field(description="The kind of record it belongs to.", examples=[None])
    public: bool = Field(description="Whether everybody may open it once the item is released.")
    at: Told


class Files(Document):
    """What is attached, oldest first."""

    documents: list[FileDocument]


@router.get("/items/{number}/documents", summary="List the documents of an item")
def list_documents(caller: Anybody, number: Number) -> Files:
    """Those that the caller may open."""
    if caller.token is None:
        lifecycle, reader = public_item(caller, number).lifecycle, Reader(released=True)
    else:
        seen = seen_item(caller, number)
        lifecycle = seen.lifecycle
        reader = reader_of(lifecycle, seen.snapshot, released=bool(seen.item.released))
    with caller.reading() as connection:
        found = documents.of_item(connection, lifecycle, number, reader)
    return Files(
        documents=[
            FileDocument(
                id=one.id, name=one.name, media_type=one.media_type, size=one.size, sha256=one.sha256,
                record=one.record, public=one.public, at=caller.at(one.at),
            )
            for one in found
        ]
    )  # fmt: skip


async def content_of(request: Request) -> bytes:
    """The bytes that were sent. Raises Problem for more than anything may have."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > UPLOAD:
            detail = Sentence(f"Die Datei ist größer als {UPLOAD} Bytes.", f"The file is larger than {UPLOAD} bytes.")
            raise Problem("too_large", detail, headers={"Connection": "close"})
        parts.append(part)
    return b"".join(parts)


@router.post(
    "/items/{number}/documents",
    status_code=201,
    summary="Attach a document",
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}},
)
def attach_document(
    caller: Writer,
    response: Response,
    number: Number,
    content: Annotated[bytes, Depends(content_of)],
    revision: Seen,
    name: Annotated[str, Query(min_length=1, max_length=200, description="Of the file.", examples=["lageplan.pdf"])],
    record: Annotated[str | None, Query(pattern=NAME, description="The kind of record it belongs to.")] = None,
    public: Annotated[Flag, Query(description="Everybody may open it once the item is released.")] = False,
    on_behalf_of: InPlaceOf = None,
    idempotency_key: IdempotencyKey = None,
) -> Outcome:
    """The body is the file itself. What it is is seen from its bytes, and pictures lose what they say of place."""
    must_see(caller, number, on_behalf_of)
    try:
        done = caller.doors.workflow.attach(
            caller.doors.engine, actor=caller.person, item=number, name=name, content=content, now=caller.now,
            on_behalf_of=on_behalf_of, record=record, public=public, revision=revision, command_id=idempotency_key,
        )  # fmt: skip
    except Conflict as error:
        if revision is not None:
            raise Problem("changed", error.message, current=current_of(error.current)) from None
        raise
    return outcome_of(caller, response, done)


@router.get(
    "/documents/{document_id}",
    summary="Read a document",
    response_class=FileResponse,
    responses={200: {"content": dict.fromkeys(DOCUMENT_TYPES.values(), BINARY)}},
)
def read_document(caller: Anybody, document_id: DocumentId) -> FileResponse:
    """Its bytes, for whoever may open it."""
    found, path = _file(caller, document_id)
    return handed_over(found, path, everybody=caller.token is None)


def _file(caller: Caller, key: str) -> tuple[documents.Document, FilePath]:
    """A document with where its bytes lie. Raises NotFound."""
    workflow = caller.doors.workflow
    person = None if caller.token is None else caller.person
    with caller.reading() as connection:
        found = documents.find(connection, workflow.rules, key, person, caller.now)
    path = workflow.files.path(found.sha256)
    if not path.is_file():
        raise NotFound("document", key)
    return found, path
