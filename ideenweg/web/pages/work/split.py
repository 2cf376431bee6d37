"""`/ideen/{number}/abspalten`: a part of an item becomes one of its own, linked to where it came from.

The new item begins with what the sheet says that is about the matter and not about a person. The one it came from
stays as it is, with its support, its documents and its history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work.opened import Opened, opened, spoken
from ideenweg.web.pages.work.rows import asks_for_rows, spare_of, typed_in
from ideenweg.web.pages.work.steps import stored
from ideenweg.web.record_forms.boxes import Forms
from ideenweg.web.record_forms.typed import data_of, typed_of
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from states.blockers import Blocker
from states.lifecycle import Lifecycle, LinkKind
from states.record_kinds import RecordKind
from states.roles import barred
from workflow.bulk import split_off
from workflow.errors import NotFound, Refused


def page(request: Request) -> HTMLResponse:
    """The sheet of the new item, with what this one says of the matter. Raises NotFound for who may not link it."""
    return _shown(opened(request))


def submit(request: Request) -> Response:
    """Make the new item and link it; sent again, it is made once."""
    page, form = opened(request), form_of(request)
    if asks_for_rows(form):
        return _shown(page, typed=True)
    _, kind = _sheet(page)
    wanted = {one.key: one for one in kinds(page)}
    chosen = form.text("link")
    if chosen not in wanted:
        return _shown(page, typed=True, error=page.say("split_no_link"))
    mark = form.text("command_id")
    site, actor = page.site, page.snapshot.actor.id
    data = data_of(kind, form.fields, spoken(form, page.say))
    try:
        made, against = split_off(
            site.engine, page.number, chosen, data, actor, site.now(), on_behalf_of=page.in_place,
            command_id=f"{mark}-new" if mark else None,
        )  # fmt: skip
    except Refused as error:
        return _shown(page, error.blockers, typed=True)
    number = made.item.number
    if against:  # it is there, and says of itself what it lacks
        why = " ".join(one.in_locale(page.say.locale) for one in against)
        return site.redirect(f"/ideen/{number}", "split_unlinked", why=why)
    return site.redirect(f"/ideen/{number}", "split_done", number=page.number)


def kinds(page: Opened) -> list[LinkKind]:
    """The kinds of link that lead from such an item to another one of its kind and that the visitor may make."""
    return [
        one
        for one in page.lifecycle.links.values()
        if page.lifecycle.key in one.to and not barred(page.lifecycle, page.snapshot, one.write)
    ]


def _shown(
    page: Opened, blockers: Sequence[Blocker] = (), *, typed: bool = False, error: str | None = None
) -> HTMLResponse:
    offered = kinds(page)
    if not offered:
        raise NotFound("item", page.number)
    form, (lifecycle, kind) = form_of(page.request), _sheet(page)
    values = typed_in(kind, form) if typed else typed_of(kind, _of_the_matter(page, kind), page.say.locale)
    forms = Forms(page.say, lifecycle, page.detail.programme)
    return page.page(
        "work/item_split.html",
        422 if blockers or error else 200,
        title=page.say("split_title"),
        boxes_of=forms.boxes(kind, values, blockers, spare=spare_of(form)),
        besides=[one.in_locale(page.say.locale) for one in forms.elsewhere(kind, blockers)],
        links=[(one.key, page.text(one.label)) for one in offered],
        link=form.text("link"),
        link_error=error,
    )


def _of_the_matter(page: Opened, kind: RecordKind) -> Mapping[str, object]:
    """What the item's sheet says, without what is about a person."""
    own = page.lifecycle.records[page.lifecycle.sheet or ""]
    return {
        key: value for key, value in stored(page, own).items() if key in kind.fields and not kind.fields[key].personal
    }


def _sheet(page: Opened) -> tuple[Lifecycle, RecordKind]:
    """The newest version of the item's lifecycle, under which the new one begins, and its sheet."""
    lifecycle = site_of(page.request).workflow.rules.newest_of(page.site.workflow.database, page.lifecycle.key)
    return lifecycle, lifecycle.records[lifecycle.sheet or ""]


ROUTES = (
    get("/ideen/{number:number}/abspalten", page, Who.SIGNED_IN),
    post("/ideen/{number:number}/abspalten", submit, Who.SIGNED_IN),
)
