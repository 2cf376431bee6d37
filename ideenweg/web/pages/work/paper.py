"""`/ideen/{number}/vorlage`: the paper for a body as DOCX, with what is still missing told before it is made."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.papers.docx import DOCX, filled
from ideenweg.papers.facts import Facts, bodies_of, chosen_body, facts_from, known
from ideenweg.papers.plan import Plan, read_plan
from ideenweg.web.pages.work.opened import Opened, open_item
from ideenweg.web.record_forms.boxes import id_of
from ideenweg.web.record_forms.typed import name_of
from ideenweg.web.routes import Who, get
from ideenweg.web.site import Site, site_of
from ideenweg.wiring import SHIPPED
from states.record_kinds import Per
from states.roles import barred
from workflow.errors import BadInput, NotFound


def page(request: Request) -> HTMLResponse:
    """Which body the paper is for, and what is missing for it."""
    return _shown(request)


def paper(request: Request) -> Response:
    """The paper itself; where the template is not sound, the page says what is wrong with it. Raises NotFound."""
    site = site_of(request)
    try:
        with site.workflow.database.reading() as connection:
            opened, plan = _opened(request, connection)
            facts = _facts(opened, plan, request.query_params.get("gremium", ""))
        content = filled(plan.template, facts, opened.now)
    except BadInput as error:
        return _shown(request, error.in_locale(site.wording(request).locale))
    headers = {"Content-Disposition": f'attachment; filename="vorlage-{opened.number}.docx"'}
    return Response(content, media_type=DOCX, headers=headers)


def offered(opened: Opened) -> bool:
    """Whether the visitor may have a paper made on the item."""
    try:
        plan = _plan(opened.site)
    except BadInput:
        return False  # `ideenweg export paper` tells the operator what is wrong with the file
    return opened.lifecycle.key in plan.lifecycles and not barred(
        opened.lifecycle, opened.snapshot, known(plan, opened.detail)
    )


def _shown(request: Request, wrong: str | None = None) -> HTMLResponse:
    site = site_of(request)
    missing: list[tuple[str, str | None]] = []
    with site.workflow.database.reading() as connection:
        opened, plan = _opened(request, connection)
        bodies = bodies_of(opened.detail, site.workflow.rules)
        chosen = request.query_params.get("gremium") or (bodies[0].key if bodies else "")
        if wrong is None:
            try:
                missing = [
                    (label, _form_for(opened, plan, name, chosen))
                    for name, label in _facts(opened, plan, chosen).missing.items()
                ]
            except BadInput as error:
                wrong = error.in_locale(opened.say.locale)
    choices = [(one.key, one.label[opened.say.locale]) for one in bodies]
    return opened.page(
        "work/paper.html", 422 if wrong else 200, choices=choices, chosen=chosen, missing=missing, wrong=wrong
    )


def _form_for(opened: Opened, plan: Plan, name: str, body: str) -> str | None:
    """The address of the form that brings what a placeholder lacks, at its field; None for who may not write it now."""
    source = plan.fields.get(name) or plan.lists[name]
    kind, field = opened.lifecycle.records[source["record"]], source.get("field") or source.get("entries")
    if not opened.writes(kind):
        return None
    address = opened.path("eintrag", kind.key, key=body if kind.per is Per.BODY else None)
    return f"{address}#{id_of(name_of(field))}" if field else address


def _plan(site: Site) -> Plan:
    return read_plan(site.workflow.config_dir, SHIPPED)


def _opened(request: Request, connection: Connection) -> tuple[Opened, Plan]:
    """Raises NotFound for a visitor who may not have the paper made, BadInput."""
    opened = open_item(request, connection, history=False)
    if not offered(opened):
        raise NotFound("item", opened.number)
    return opened, _plan(opened.site)


def _facts(opened: Opened, plan: Plan, body: str) -> Facts:
    return facts_from(opened.detail, plan, chosen_body(opened.site.workflow.rules, body), opened.now)


ROUTES = (
    get("/ideen/{number:number}/vorlage", page, Who.SIGNED_IN),
    get("/ideen/{number:number}/vorlage.docx", paper, Who.SIGNED_IN),
)
