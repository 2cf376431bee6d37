"""`/verwaltung/import`: a table or another tool's log is uploaded, mapped, checked row by row and taken in.

Everything is kept in a job, so a reload and every process show the same; nothing is taken in before it was checked.
"""

from __future__ import annotations

from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, said, show
from ideenweg.web.pages.admin.import_runs import (
    FILE,
    HISTORY,
    IDEAS,
    MAP,
    Asked,
    checks,
    finding_told,
    in_words,
    laid_out,
)
from ideenweg.web.pages.admin.running import standing, start
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording
from states.errors import FileFault
from states.lifecycle import Lifecycle
from workflow import jobs
from workflow.errors import BadInput, NotFound
from workflow.imports import proposal
from workflow.imports.files import read_table
from workflow.imports.parsing import parse_mapping
from workflow.imports.tables import Table
from workflow.imports.xlsx_files import worksheets
from workflow.jobs import Job
from workflow.queries.roles import newest

PLACE = "import"
PATH = f"/verwaltung/{PLACE}"
OWN = f"{PATH}/{{key}}"
LARGEST = 20 * 1024 * 1024
"""Bytes of a table."""

SAMPLES = 3
ROWS_SHOWN = 200
"""Rows of a report that the page shows; the file has all of them."""


def page(request: Request) -> HTMLResponse:
    """The form for a table, and the imports so far."""
    return _page(request, {})


def upload(request: Request) -> Response:
    """Keep a table, with the mapping that came along or a proposed one."""
    site, form = site_of(request), form_of(request)
    app, say, file, own = site.workflow, site.wording(request), form.file("file"), form.file("map")
    kind = HISTORY if form.text("kind") == HISTORY else IDEAS
    if file is None:
        return _page(request, {"file": say("import_no_file")}, 422)
    content = file.read()
    with app.database.reading() as connection:
        stored = newest(connection, app.rules)
    lifecycle = stored.get(form.text("lifecycle")) or stored.get(app.engine.default or "")
    if lifecycle is None:
        return _page(request, {"file": say("import_no_lifecycle")}, 422)
    try:
        with laid_out(file.name, content) as path:
            table = read_table(path)
        text = own.read().decode("utf-8-sig") if own else _proposed(site, kind, table, lifecycle, file.name)
    except BadInput as error:
        why = error.in_locale(say.locale).rpartition("/")[2]
        return _page(request, {"file": say("import_unreadable", why=why)}, 422)
    except UnicodeDecodeError:
        return _page(request, {"map": say("lifecycle_no_text")}, 422)
    who = visitor_of(request).person or ""
    key = app.database.attempt(
        lambda connection: jobs.prepare(connection, kind, who, site.now(), name=file.name, content=content, notes=text)
    )
    return site.redirect(f"{PATH}/{key}")


def one(request: Request) -> HTMLResponse:
    """One import: its columns, its mapping, how far it is, what its report says. Raises NotFound."""
    return _own(request, {})


def columns(request: Request) -> Response:
    """Map the columns as the form says; the rest of the mapping stays."""
    site, form, job = site_of(request), form_of(request), _job(request)
    table = _table(site, job, form.text("worksheet") or None, site.wording(request).locale)
    if isinstance(table, str):
        return site.redirect(f"{PATH}/{job.id}")
    chosen = {column: target for place, column in enumerate(table.columns) if (target := form.text(f"column-{place}"))}
    data = proposal.arranged(_data(job), table, chosen)
    source = {**data["source"], "name": proposal.slug(form.text("source") or data["source"]["name"])}
    if form.text("worksheet"):
        source["worksheet"] = form.text("worksheet")
    keys = [
        table.columns[int(place)] for place in form.all("key") if place.isdigit() and int(place) < len(table.columns)
    ]
    source = {name: value for name, value in source.items() if name != "key"} | ({"key": keys} if keys else {})
    if proposal.TITLE not in chosen.values():
        return _own(request, {"column-0": site.wording(request)("import_no_title")}, 422)
    return _noted(request, job, proposal.dumped({**data, "source": source}))


def mapping(request: Request) -> Response:
    """Keep the mapping as it was typed, or as a file brings it."""
    form, job = form_of(request), _job(request)
    file = form.file("map")
    try:
        text = file.read().decode("utf-8-sig") if file else form.text("mapping")
    except UnicodeDecodeError:
        return _own(request, {"map": site_of(request).wording(request)("lifecycle_no_text")}, 422)
    return _noted(request, job, text)


def mapping_file(request: Request) -> Response:
    """The mapping as a file for `ideenweg import`, or for the next table of the kind."""
    job = _job(request)
    name = f"{proposal.slug(job.name or 'table')}.map.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(job.notes or "", media_type="application/yaml", headers=headers)


def begin(request: Request) -> Response:
    """Check the rows, or take them in."""
    site, form, job = site_of(request), form_of(request), _job(request)
    app, now, visitor = site.workflow, site.now(), visitor_of(request)
    with app.database.reading() as connection:
        content = jobs.file_of(connection, job.id)
    asked = Asked(
        job.kind, job.name or FILE, content, job.notes or "", visitor.email, now,
        dry_run=form.text("what") != "take", lenient="lenient" in form,
    )  # fmt: skip
    start(app.database, job.id, checks(app, asked), now)
    return site.redirect(f"{PATH}/{job.id}")


def discard(request: Request) -> Response:
    """Delete an import that was not run, with its file."""
    site, key = site_of(request), request.path_params["key"]
    site.workflow.database.attempt(lambda connection: jobs.discard(connection, key, site.now()))
    return site.redirect(PATH, "import_discarded")


def _page(request: Request, errors: dict[str, str], status: int = 200) -> HTMLResponse:
    site = site_of(request)
    say = site.wording(request)
    with site.workflow.database.reading() as connection:
        found = jobs.listed(connection, (IDEAS, HISTORY))
        stored = newest(connection, site.workflow.rules)
    return show(
        request,
        PLACE,
        "imports",
        status,
        jobs=found,
        lifecycles=[(one.key, one.label[say.locale]) for one in stored.values()],
        default=site.workflow.engine.default,
        errors=errors,
    )


def _own(request: Request, errors: dict[str, str], status: int = 200) -> HTMLResponse:
    site, job = site_of(request), _job(request)
    say, report = site.wording(request), (job.result or {}).get("report")
    context: dict[str, Any] = {"sheets": [], "columns": [], "targets": [], "faults": [], "table": None, "unread": None}
    if job.has_file and job.status != jobs.RUNNING:
        context |= _described(site, job, say.locale)
    return show(
        request,
        PLACE,
        "import",
        status,
        job=job,
        running=standing(request, job),
        report=report,
        read_as=_read_as(say, context["table"].form if context["table"] else (report or {}).get("form", "")),
        shown=ROWS_SHOWN,
        in_words=in_words,
        labels=_labels(site, report, say.locale),
        errors=errors,
        **context,
    )


def _described(site: Site, job: Job, locale: str) -> dict[str, Any]:
    """What the page says of the file and the mapping."""
    data, sheets = _data(job), []
    with site.workflow.database.reading() as connection:
        if (job.name or "").lower().endswith(".xlsx"):
            sheets = worksheets(jobs.file_of(connection, job.id))
        stored = newest(connection, site.workflow.rules)
    table = _table(site, job, data.get("source", {}).get("worksheet"), locale)
    if isinstance(table, str):
        return {"unread": table, "sheets": sheets}
    lifecycle, chosen = stored.get(str(data.get("lifecycle"))), proposal.assigned(data)
    labels = proposal.targets(lifecycle) if lifecycle else {}
    keys = data.get("source", {}).get("key", ())
    return {
        "sheets": sheets,
        "table": table,
        "source": data.get("source", {}),
        "columns": [
            (column, chosen.get(column, ""), column in keys, [row.cells[column] for row in table.rows[:SAMPLES]])
            for column in table.columns
        ],
        "targets": [(target, label[locale] if label else None) for target, label in labels.items()],
        "faults": _faults(job),
    }


def _read_as(say: Wording, form: str) -> str:
    """`CSV, UTF-8, semicolon` in the language of the page."""
    return ", ".join(said(say, f"form_{part}", part) for part in form.split(", "))


def _labels(site: Site, report: Any, locale: str) -> dict[str, str]:
    """What states are called that a report counts."""
    if not report:
        return {}
    try:
        lifecycle = site.workflow.rules.newest_of(site.workflow.database, report["lifecycle"])
    except NotFound:
        return {}
    return {key: state.label[locale] for key, state in lifecycle.states.items()}


def _proposed(site: Site, kind: str, table: Table, lifecycle: Lifecycle, name: str) -> str:
    make = proposal.proposed_log if kind == HISTORY else proposal.proposed
    return proposal.dumped(make(table, lifecycle, site.workflow.rules.programme, name))


def _noted(request: Request, job: Job, text: str) -> Response:
    site = site_of(request)
    site.workflow.database.attempt(lambda connection: jobs.note(connection, job.id, text, site.now()))
    return site.redirect(f"{PATH}/{job.id}", "import_mapped")


def _job(request: Request) -> Job:
    with site_of(request).workflow.database.reading() as connection:
        job = jobs.find(connection, request.path_params["key"])
    if job.kind not in (IDEAS, HISTORY):
        raise NotFound("import", job.id)
    return job


def _table(site: Site, job: Job, worksheet: str | None, locale: str) -> Table | str:
    """The table, or why it cannot be read, in `locale`."""
    with site.workflow.database.reading() as connection:
        content = jobs.file_of(connection, job.id)
    source = _data(job).get("source", {})
    try:
        with laid_out(job.name or FILE, content) as path:
            return read_table(
                path, encoding=source.get("encoding"), delimiter=source.get("delimiter"), worksheet=worksheet
            )
    except BadInput as error:
        return error.in_locale(locale).rpartition("/")[2]


def _data(job: Job) -> dict[str, Any]:
    """The mapping as plain data; nothing where it cannot be read."""
    try:
        data = yaml.safe_load(job.notes or "")
    except yaml.YAMLError:
        return {}
    return data if isinstance(data, dict) and isinstance(data.get("source", {}), dict) else {}


def _faults(job: Job) -> list[dict[str, Any]]:
    """What is wrong with the shape of the mapping."""
    try:
        parse_mapping(job.notes or "", MAP, history=job.kind == HISTORY)
    except FileFault as fault:
        return [finding_told(one) for one in fault.findings]
    return []


ROUTES = (
    admin_get(PATH, page),
    admin_post(PATH, upload, body=LARGEST),
    admin_get(OWN, one),
    admin_post(f"{OWN}/spalten", columns),
    admin_post(f"{OWN}/zuordnung", mapping),
    admin_get(f"{OWN}/zuordnung.yaml", mapping_file),
    admin_post(f"{OWN}/start", begin),
    admin_post(f"{OWN}/verwerfen", discard),
)
