"""What goes to others as files and comes in from them: project sheets, the funder's file set, papers, sessions."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field
from sqlalchemy import Connection

from ideenweg.papers.docx import DOCX, filled
from ideenweg.papers.facts import facts_of
from ideenweg.papers.plan import read_plan
from ideenweg.web.api.caller import Anybody, Caller, IdempotencyKey, Reader, Writer
from ideenweg.web.api.changes import must_see
from ideenweg.web.api.files import BINARY, content_of
from ideenweg.web.api.problems import Problem, without_commands
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, Document, Flag, Label, Number, label
from ideenweg.wiring import SHIPPED
from states.transfer import ELSEWHERE, FORMAT, LICENCE
from workflow.errors import BadInput
from workflow.imports.sessions import Session, import_sessions
from workflow.packages import package_of
from workflow.transfer import sheet_of, take_in

ZIP = "application/zip"

router = APIRouter(tags=["exchange"], route_class=StrictRoute)

A_SHEET = {
    "format": FORMAT,
    "version": 1,
    "licence": LICENCE,
    "from": {
        "programme": {"de": "Digitale Nachbarstadt", "en": "Digital neighbouring city"},
        "number": "2025-0017",
        "address": "https://ideen.nachbarstadt.example/ideen/2025-0017",
    },
    "title": "Sensoren für Straßenbäume",
    "state": {"key": "integrated", "label": {"de": "Verstetigt", "en": "Integrated"}},
    "sheet": {
        "kind": "sheet",
        "label": {"de": "Steckbrief", "en": "Project sheet"},
        "labels": {},
        "data": {"problem": "Junge Bäume vertrocknen, weil niemand weiß, wann sie Wasser brauchen."},
    },
    "records": [],
}


class SheetDocument(Document):
    """A project sheet for other cities; `docs/project-sheet.schema.json` says what is in it."""

    format: str = Field(examples=[FORMAT])
    version: int = Field(description="Of the format.", examples=[1])
    licence: str = Field(description="Under which the texts may be reused (SPDX).", examples=[LICENCE])
    origin: dict[str, Any] = Field(
        alias="from", description="Programme, number and address there, and the offices to ask.",
        examples=[A_SHEET["from"]],
    )  # fmt: skip
    title: str = Field(examples=["Sensoren für Straßenbäume"])
    state: dict[str, Any] = Field(examples=[A_SHEET["state"]])
    sheet: dict[str, Any] = Field(examples=[A_SHEET["sheet"]])
    records: list[dict[str, Any]] = Field(description="Decisions, milestones, measurements, lessons.", examples=[[]])


class TakenSheet(Document):
    """What became of a partner's sheet."""

    number: str | None = Field(description="Of the new idea; null for a preview.", examples=["2026-0147"])
    data: dict[str, Any] = Field(description="What of it fits here.", examples=[{"title": "Sensoren für Straßenbäume"}])
    left: dict[str, Label] = Field(
        description="Path of what is left aside -> why. The whole sheet is attached to the idea: nothing is lost.",
        examples=[{"sheet.data.cities": {"de": ELSEWHERE.de, "en": ELSEWHERE.en}}],
    )
    newer: bool = Field(description="Whether the sheet has a newer format than this program knows.")


class TakenSession(Document):
    """A session of the file."""

    line: int = Field(examples=[2])
    name: str = Field(examples=["Rat der Stadt Dortmund, 2026-06-25"])
    number: str | None = Field(description="Of its item.", examples=["2026-0031"])


class SessionFault(Document):
    """A session that is left out, and why."""

    line: int = Field(examples=[7])
    message: Label


class TakenSessions(Document):
    """What the import did, or (a preview) would do."""

    new: list[TakenSession]
    changed: list[TakenSession] = Field(description="With a new version of their sheet.")
    same: int = Field(description="How many are here as the file has them.", examples=[3])
    cancelled: list[TakenSession] = Field(description="Called off by the file; here that takes a public reason.")
    faults: list[SessionFault]


@router.get("/items/{number}/sheet", summary="Read the project sheet of a released item")
def read_sheet(
    caller: Anybody,
    number: Number,
    licence: Annotated[
        str, Query(max_length=100, description="Under which the texts may be reused (SPDX).", examples=[LICENCE])
    ] = LICENCE,
) -> SheetDocument:
    """What everybody may see of it, as an open file for partner cities: sheet, decisions, milestones, indicators,
    lessons, costs, and the offices to ask."""
    app = caller.doors.workflow
    with caller.reading() as connection:
        return SheetDocument.model_validate(
            sheet_of(connection, app.rules, number, app.outgoing.base_url, licence)
        )  # fmt: skip


@router.post("/sheets", summary="Take in the project sheet of another city")
def take_sheet(
    caller: Writer,
    sent: Annotated[dict[str, Any], Body(description="The sheet, as the other city gave it.", examples=[A_SHEET])],
    preview: Annotated[Flag, Query(description="Say what would be taken in, and change nothing.")] = False,
    idempotency_key: IdempotencyKey = None,
) -> TakenSheet:
    """Makes an idea of it, with its provenance and a link back. What is not known here is told and left aside."""
    read, number = take_in(
        caller.doors.engine, caller.doors.workflow.files, json.dumps(sent, ensure_ascii=False), caller.person,
        caller.now, dry_run=preview, command_id=idempotency_key,
    )  # fmt: skip
    left = {path: label(why) for path, why in read.taken.left.items()}
    return TakenSheet(number=number, data=dict(read.taken.data), left=left, newer=read.newer)


@router.get(
    "/items/{number}/package",
    summary="Read the file set for the funder",
    response_class=Response,
    responses={200: {"content": {ZIP: BINARY}}},
)
def read_package(caller: Reader, number: Number) -> Response:
    """Of a strategy, a round or an obligation and of all that is linked to it: sheets, decisions, grants, sums by city
    and funding, as a ZIP archive with a checksum of each file. It holds what its person may see, and names nobody."""
    must_see(caller, number)
    app = caller.doors.workflow
    with caller.reading() as connection:
        made = package_of(connection, app.rules, number, caller.person, app.outgoing.base_url, caller.now)
    return _as_file(made.content, ZIP, f"paket-{number}.zip")


@router.get(
    "/items/{number}/paper",
    summary="Read the paper for a body",
    response_class=Response,
    responses={200: {"content": {DOCX: BINARY}}},
)
def read_paper(
    caller: Reader,
    number: Number,
    body: Annotated[str, Query(pattern=NAME, description="That decides or advises.", examples=["council-dortmund"])],
) -> Response:
    """The paper (Beschlussvorlage) as DOCX, from the template of the installation; what is missing is marked in it."""
    must_see(caller, number)
    with caller.reading() as connection:
        content = _paper(caller, connection, number, body)
    return _as_file(content, DOCX, f"vorlage-{number}.docx")


def _paper(caller: Caller, connection: Connection, number: str, body: str) -> bytes:
    app = caller.doors.workflow
    try:
        plan = read_plan(app.config_dir, SHIPPED)
        return filled(
            plan.template, facts_of(connection, app.rules, plan, number, body, caller.person, caller.now), caller.now
        )
    except BadInput as error:
        raise Problem("wrong_filter", without_commands(error)) from None


@router.post(
    "/sessions",
    summary="Take in the sessions of a body",
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}},
)
def take_sessions(
    caller: Writer,
    content: Annotated[bytes, Depends(content_of)],
    name: Annotated[str, Query(min_length=1, max_length=200, description="Of the file.", examples=["rat.ics"])],
    body: Annotated[
        str | None,
        Query(pattern=NAME, description="Whose they are, where the file does not say.", examples=["council-dortmund"]),
    ] = None,
    preview: Annotated[Flag, Query(description="Say what would be taken in, and change nothing.")] = False,
) -> TakenSessions:
    """The body is a calendar (ICS) or a table (CSV). Each session comes in once, however often it is sent; a changed
    date or place becomes a new version of its sheet."""
    taken = import_sessions(
        caller.doors.engine, content, name, body=body, actor=caller.person, now=caller.now, dry_run=preview
    )
    return TakenSessions(
        new=[_session(one) for one in taken.made],
        changed=[_session(one) for one in taken.changed],
        same=taken.same,
        cancelled=[_session(one) for one in taken.cancelled],
        faults=[
            SessionFault(line=one.line, message=label(one.text)) for one in taken.faults
        ],
    )  # fmt: skip


def _as_file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _session(one: Session) -> TakenSession:
    return TakenSession(line=one.line, name=one.name, number=one.number)
