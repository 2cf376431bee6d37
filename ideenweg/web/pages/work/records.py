"""`/ideen/{number}/eintrag/{kind}`: write a record, or a new version of one."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work import missing, sections, steps
from ideenweg.web.pages.work.answers import Trouble, send
from ideenweg.web.pages.work.opened import Opened, opened, spoken
from ideenweg.web.pages.work.rows import asks_for_rows, spare_of, typed_in
from ideenweg.web.record_forms.typed import data_of
from ideenweg.web.routes import Who, get, post
from ideenweg.web.values import Row
from states.record_kinds import RecordKind
from states.records import plan_record
from workflow.commands import Record
from workflow.errors import NotFound


def page(request: Request) -> HTMLResponse:
    """The form of the record; or, where it may not be written now, why not."""
    return _shown(opened(request))


def submit(request: Request) -> Response:
    """Write the record, or say what is wrong with it where it is wrong."""
    page = opened(request)
    kind, form = _kind(page), form_of(request)
    if asks_for_rows(form):
        return _shown(page, typed=True)
    version = form.text("version")
    command = Record(
        **page.said(),
        kind=kind.key,
        data=data_of(kind, form.fields, spoken(form, page.say)),
        key=form.text("key") or None,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
    )
    outcome = send(page, command)
    if isinstance(outcome, Trouble):
        return _shown(outcome.opened, outcome, typed=True)
    return page.done("item_done_record", outcome.warnings, record=page.text(kind.label))


def _shown(page: Opened, trouble: Trouble | None = None, *, typed: bool = False) -> HTMLResponse:
    kind, form = _kind(page), form_of(page.request)
    asked = form.text("key") if typed else page.request.query_params.get("key", "")
    blockers = trouble.blockers if trouble else ()
    shown = steps.record_form(page, kind, asked)
    if typed:
        boxes = page.forms.boxes(kind, typed_in(kind, form), blockers, spare=spare_of(form))
        shown = replace(shown, boxes=boxes, chosen=asked)
    writes = page.writes(kind)
    if not writes:
        planned = plan_record(page.lifecycle, page.snapshot, kind.key, {}, shown.key)
        blockers = tuple(one for one in planned.blockers if one.code != "invalid_data")
    fact = steps.fact_of(page, kind, shown.key)
    return page.page(
        "work/item_record.html",
        trouble.status if trouble else 200,
        title=sections.called(page, kind, fact) if fact else page.text(kind.label),
        kind=kind,
        filled=shown if writes else None,
        lacks=list(missing.lacks(page, page.forms.elsewhere(kind, blockers), kind.key)),
        stale=trouble.stale if trouble else None,
        stored=_stored(page, kind, shown.key) if trouble and trouble.stale else (),
        failed=trouble is not None,
    )


def _stored(page: Opened, kind: RecordKind, key: str) -> list[Row]:
    """What the record says by now, for whoever was overtaken."""
    return page.values.rows(kind, steps.stored(page, kind, key))


def _kind(page: Opened) -> RecordKind:
    key = page.request.path_params["kind"]
    if key not in page.lifecycle.records:
        raise NotFound("record kind", key)
    return page.lifecycle.records[key]


ROUTES = (
    get("/ideen/{number:number}/eintrag/{kind:name}", page, Who.SIGNED_IN),
    post("/ideen/{number:number}/eintrag/{kind:name}", submit, Who.SIGNED_IN),
)
