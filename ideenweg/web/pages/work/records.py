"""`/ideen/{number}/eintrag/{kind}`: write a record, or a new version of one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work import missing, sections, steps
from ideenweg.web.pages.work.answers import Trouble, send
from ideenweg.web.pages.work.opened import Opened, opened, spoken
from ideenweg.web.pages.work.rows import asks_for_rows, spare_of, typed_in
from ideenweg.web.record_forms.boxes import Option
from ideenweg.web.record_forms.typed import data_of
from ideenweg.web.routes import Who, get, post
from ideenweg.web.values import VOICES, Row
from states.lifecycle import Lifecycle, Per, RecordKind
from states.records import plan_record, voices
from states.visits import counting
from workflow.commands import Record
from workflow.errors import NotFound


@dataclass(frozen=True, slots=True)
class Keys:
    """Whose record it is to be: fixed, or one of several. `label`: what is asked."""

    fixed: str = ""
    choices: tuple[Option, ...] = ()


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
    return page.done("item_done_record", record=page.text(kind.label))


def _shown(page: Opened, trouble: Trouble | None = None, *, typed: bool = False) -> HTMLResponse:
    kind, form = _kind(page), form_of(page.request)
    asked = form.text("key") if typed else page.request.query_params.get("key", "")
    keys = _keys(page, kind, asked)
    blockers = trouble.blockers if trouble else ()
    shown = steps.record_form(page, kind, keys.fixed)
    if typed:
        boxes = page.forms.boxes(kind, typed_in(kind, form), blockers, spare=spare_of(form))
        shown = replace(shown, boxes=boxes)
    if keys.choices:
        shown = replace(shown, hidden=(("version", "0"),))
    writes = page.writes(kind)
    if not writes:
        planned = plan_record(page.lifecycle, page.snapshot, kind.key, {}, keys.fixed)
        blockers = tuple(one for one in planned.blockers if one.code != "invalid_data")
    fact = steps.fact_of(page, kind, keys.fixed)
    return page.page(
        "work/item_record.html",
        trouble.status if trouble else 200,
        title=sections.called(page, kind, fact) if fact else page.text(kind.label),
        kind=kind,
        filled=shown if writes else None,
        keys=keys,
        key=asked,
        lacks=list(missing.lacks(page, page.forms.elsewhere(kind, blockers), kind.key)),
        stale=trouble.stale if trouble else None,
        stored=_stored(page, kind, keys.fixed) if trouble and trouble.stale else (),
        failed=trouble is not None,
    )


def _stored(page: Opened, kind: RecordKind, key: str) -> list[Row]:
    """What the record says by now, for whoever was overtaken."""
    return page.values.rows(kind, steps.stored(page, kind, key))


def _keys(page: Opened, kind: RecordKind, asked: str) -> Keys:
    there = {fact.key for fact in counting(kind, page.snapshot)}
    if kind.per is Per.PERSON:
        return Keys(page.acting)
    if kind.per is Per.KEY:
        return _free_key(page, kind, asked, there)
    if kind.per not in VOICES:
        return Keys()
    reached = voices(page.lifecycle, page.snapshot, kind, kind.writers(page.snapshot.state))
    if asked in reached or not reached:
        return Keys(asked if asked in reached else "")
    if len(reached) == 1:
        return Keys(reached[0])
    vocabulary = VOICES[kind.per]
    return Keys(choices=tuple(Option(one, page.values.term(vocabulary, one)) for one in reached if one not in there))


def _free_key(page: Opened, kind: RecordKind, asked: str, there: set[str]) -> Keys:
    """The key asked for; else one that a record of another kind has, where a guard wants both; else a new one."""
    if asked in there:
        return Keys(asked)
    if (wanted := _counterpart(page.lifecycle, kind)) is None:
        return Keys(asked or _new_key(there))
    others = [fact for fact in page.detail.records if fact.kind == wanted.key and fact.key not in there]
    if asked in {fact.key for fact in others}:
        return Keys(asked)
    named = ((one.key, page.values.heading(wanted, one, page.detail.records)[0] or one.key) for one in others)
    return Keys(choices=tuple(Option(key, label) for key, label in named))


def _counterpart(lifecycle: Lifecycle, kind: RecordKind) -> RecordKind | None:
    """The kind whose records each want one of this kind under their own key (guard `each_has`)."""
    for move in lifecycle.transitions.values():
        for use in move.guards:
            if use.name == "each_has" and use.params.get("record") == kind.key:
                return lifecycle.records.get(str(use.params["for"]))
    return None


def _new_key(there: set[str]) -> str:
    return next(str(number) for number in range(1, len(there) + 2) if str(number) not in there)


def _kind(page: Opened) -> RecordKind:
    key = page.request.path_params["kind"]
    if key not in page.lifecycle.records:
        raise NotFound("record kind", key)
    return page.lifecycle.records[key]


ROUTES = (
    get("/ideen/{number:number}/eintrag/{kind:name}", page, Who.SIGNED_IN),
    post("/ideen/{number:number}/eintrag/{kind:name}", submit, Who.SIGNED_IN),
)
