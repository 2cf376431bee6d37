"""`/einreichen/fuer-andere/tabelle`: the ideas of a workshop, a row each; all are entered or none."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.forms import Form, form_of
from ideenweg.web.pages.submit.behalf import AGREED, EMAIL, NAME, enter, everything, stands_against, wrong
from ideenweg.web.pages.submit.kept import PATH, lifecycle_of
from ideenweg.web.pages.submit.steps import Step, Typing, boxes, errors, faults, narrowed, sent, sheet_of
from ideenweg.web.record_forms.boxes import Box, Forms, Widget
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import Site, site_of
from states.blockers import Blocker
from states.lifecycle import Lifecycle
from workflow.errors import Refused

ROWS = 10
MOST_ROWS = 100
BODY = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Split:
    """The form's fields: each row has the lines of text, the rest is the same for all rows."""

    row: Step
    common: Step


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    number: int
    boxes: tuple[Box, ...]
    wrong: tuple[str, ...]


def page(request: Request) -> Response:
    """The empty table."""
    lifecycle = lifecycle_of(request)
    return _page(request, lifecycle, Form(), [{} for _ in range(ROWS)])


def enter_all(request: Request) -> Response:
    """Enter every row that says something; where one is wrong, none is entered and each is told."""
    site, lifecycle, form = site_of(request), lifecycle_of(request), form_of(request)
    rows = _rows(form)
    if form.text("go") == "more":
        return _page(request, lifecycle, form, [*rows, *({} for _ in range(ROWS))][:MOST_ROWS])
    split, locale = _split(site, lifecycle), site.wording(request).locale
    common = sent(split.common, form, Typing(locale), locale)
    filled = {
        place: _with(row, common, lifecycle) for place, row in enumerate(rows) if any(any(v) for v in row.values())
    }
    beside = dict(wrong(request, form))
    if not filled:
        beside["rows"] = site.wording(request)("submit_no_rows")
    found = {
        place: faults(everything(lifecycle), lifecycle, site.workflow.rules.programme, typing)
        or ([] if beside else stands_against(request, lifecycle, typing))
        for place, typing in filled.items()
    }
    if beside or any(found.values()):
        return _page(request, lifecycle, form, rows, found, beside, 422)
    try:
        numbers = enter(request, lifecycle, list(filled.values()), form.text("command_id"))
    except Refused as error:
        return _page(request, lifecycle, form, rows, {0: list(error.blockers)}, {}, 422)
    shown = ", ".join(numbers)
    return site.redirect(f"{PATH}/fuer-andere/tabelle", "submit_entered", numbers=shown, n=len(numbers))


def _split(site: Site, lifecycle: Lifecycle) -> Split:
    """Which fields stand in a row: those of the sheet that are typed as text."""
    whole = everything(lifecycle)
    sheet = whole.kinds[0]
    forms = Forms(_Mute("de"), lifecycle, site.workflow.rules.programme)
    texts = [
        key
        for key, box in zip(sheet.fields, forms.boxes(sheet, {}), strict=True)
        if box.widget in (Widget.LINE, Widget.TEXT)
    ]
    rest = [key for key in sheet.fields if key not in texts]
    return Split(
        replace(whole, kinds=(narrowed(sheet, texts),)),
        replace(whole, kinds=(narrowed(sheet, rest),)),
    )


@dataclass(frozen=True, slots=True)
class _Mute:
    """Says nothing: of the boxes, the kind alone is asked for."""

    locale: str

    def __call__(self, key: str, **params: object) -> str:
        return key


def _rows(form: Form) -> list[dict[str, list[str]]]:
    """What was typed in each row: the name of a box -> what."""
    places = [int(name[1:].split(":")[0]) for name in form.fields if _in_row(name)]
    rows: list[dict[str, list[str]]] = [{} for _ in range(min(MOST_ROWS, max(places, default=ROWS - 1) + 1))]
    for name in form.fields:
        if _in_row(name):
            place, _, box = name[1:].partition(":")
            if int(place) < len(rows):
                rows[int(place)][box] = form.all(name)
    return rows


def _in_row(name: str) -> bool:
    """Whether a field is one of a row: `r3:sheet:f.title`."""
    place = name[1:].partition(":")[0]
    return name.startswith("r") and place.isascii() and place.isdigit() and len(place) < 4


def _with(row: Mapping[str, Sequence[str]], common: Typing, lifecycle: Lifecycle) -> Typing:
    sheet = sheet_of(lifecycle).key
    own = {name.removeprefix(f"{sheet}:"): values for name, values in row.items() if name.startswith(f"{sheet}:")}
    return replace(common, fields={**common.fields, sheet: {**common.fields.get(sheet, {}), **own}})


def _page(
    request: Request,
    lifecycle: Lifecycle,
    form: Form,
    rows: Sequence[Mapping[str, Sequence[str]]],
    blockers: Mapping[int, Sequence[Blocker]] | None = None,
    beside: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    site = site_of(request)
    say = site.wording(request)
    forms = Forms(say, lifecycle, site.workflow.rules.programme)
    split = _split(site, lifecycle)
    common = sent(split.common, form, Typing(say.locale), say.locale)
    first = next(iter((blockers or {}).values()), ())
    shown = boxes(split.common, forms, common, first)
    return site.page(
        request,
        "submit/table.html",
        status,
        heads=boxes(split.row, forms, Typing(say.locale)),
        rows=[_line(split.row, forms, place, row, (blockers or {}).get(place, ())) for place, row in enumerate(rows)],
        boxes=shown,
        errors={**dict(errors(shown)), **(beside or {})},
        typed={name: form.text(name) for name in (EMAIL, NAME, AGREED)},
        command_id=form.text("command_id") or f"batch-{secrets.token_hex(12)}",
        more=len(rows) < MOST_ROWS,
    )


def _line(step: Step, forms: Forms, place: int, row: Mapping[str, Sequence[str]], blockers: Sequence[Blocker]) -> Line:
    (kind,) = step.kinds
    typed = {kind.key: {name.removeprefix(f"{kind.key}:"): values for name, values in row.items()}}
    shown = boxes(step, forms, Typing(forms.say.locale, typed), blockers)
    marked = tuple(replace(box, name=f"r{place}:{box.name}") for box in shown)
    named = [text for _, text in errors(shown)]
    rest = [] if named else [one.in_locale(forms.say.locale) for one in blockers]
    return Line(place + 1, marked, (*named, *rest))


ROUTES = (
    get(f"{PATH}/fuer-andere/tabelle", page, Who.STAFF),
    post(f"{PATH}/fuer-andere/tabelle", enter_all, Who.STAFF, body=BODY),
)
