"""`/verwaltung/lebenszyklen`: the rules in force – picture with what is where, versions, differences, a new file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, origin_of, show
from ideenweg.web.pages.lifecycle import drawn_as
from ideenweg.web.site import Site, site_of
from ideenweg.wiring import vocabulary
from states import diagram
from states.differences import Difference, differences
from states.errors import FileFault
from states.lifecycle import Lifecycle
from states.schema import lifecycle_schema
from states.sentences import in_locale
from workflow.errors import NotFound
from workflow.queries.dwelling import Dwelling, dwelling, in_use
from workflow.queries.lifecycles import list_versions, source_of
from workflow.rules import Rules
from workflow.transaction import Transaction

PLACE = "lebenszyklen"
PATH = f"/verwaltung/{PLACE}"
OWN = f"{PATH}/{{key:name}}"
NAME = "lifecycle.yaml"
"""What findings call a text whose file had no name."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a text: its findings, or the lifecycle and how it differs from the newest stored version."""

    name: str
    source: str
    fault: FileFault | None = None
    lifecycle: Lifecycle | None = None
    before: Lifecycle | None = None
    changes: tuple[Difference, ...] = ()
    conflict: bool = False


def page(request: Request) -> HTMLResponse:
    """All stored lifecycles, and the form for a new file."""
    return _page(request, None)


def check(request: Request) -> Response:
    """Check a file, or load the text that was checked before."""
    site, form = site_of(request), form_of(request)
    upload = form.file("file")
    try:
        source = upload.read().decode("utf-8-sig") if upload else form.text("source")
    except UnicodeDecodeError:
        return _page(request, None, {"file": site.wording(request)("lifecycle_no_text")}, 422)
    if not source.strip():
        return _page(request, None, {"file": site.wording(request)("lifecycle_no_file")}, 422)
    checked = _checked(site, source, upload.name if upload else form.text("name") or NAME)
    if checked.lifecycle and not checked.conflict and form.text("what") == "load":
        new = site.workflow.store(checked.lifecycle, origin_of(request), site.now())
        key, version = checked.lifecycle.key, checked.lifecycle.version
        if not new:
            return site.redirect(f"{PATH}/{key}", "lifecycle_there")
        return site.redirect(f"{PATH}/{key}", "lifecycle_loaded", lifecycle=key, version=version)
    return _page(request, checked, status=200 if checked.lifecycle else 422)


def one(request: Request) -> HTMLResponse:
    """One lifecycle: its picture, how many items are in each state and for how long, its versions. Raises NotFound."""
    site, key = site_of(request), request.path_params["key"]
    rules = site.workflow.rules
    with site.workflow.database.reading() as connection:
        lifecycle = rules.newest(Transaction(connection), key)
        versions = [one for one in list_versions(connection) if one.key == key]
        found, used = _dwelling(site, connection, key), _in_use(site, connection)
    return show(
        request,
        PLACE,
        "lifecycle",
        lifecycle=lifecycle,
        versions=[(one, used.get((key, one.version), 0)) for one in reversed(versions)],
        dwelling={state: (one.number, _days(one.median)) for state, one in found.items()},
        gone={state: one.number for state, one in found.items() if state not in lifecycle.states},
    )


def picture(request: Request) -> Response:
    """The picture with the number of items and the median of days at each state. Raises NotFound."""
    site, key = site_of(request), request.path_params["key"]
    say = site.wording(request)
    with site.workflow.database.reading() as connection:
        lifecycle = site.workflow.rules.newest(Transaction(connection), key)
        found = _dwelling(site, connection, key)
    badges = {
        state: say("lifecycle_badge", number=one.number, days=_days(one.median))
        for state, one in found.items()
        if state in lifecycle.states
    }
    return drawn_as(diagram.svg(lifecycle, say.locale, badges))


def source(request: Request) -> Response:
    """The file of a version, as it was loaded. Raises NotFound."""
    key, version = request.path_params["key"], request.path_params["version"]
    with site_of(request).workflow.database.reading() as connection:
        text = source_of(connection, key, version)
    if text is None:
        raise NotFound("lifecycle", f"{key} {version}")
    return _file(text, f"{key}-{version}.yaml", "application/yaml")


def difference(request: Request) -> HTMLResponse:
    """What changed from one version to the next. Raises NotFound."""
    site, key, version = site_of(request), request.path_params["key"], request.path_params["version"]
    rules = site.workflow.rules
    with site.workflow.database.reading() as connection:
        tx = Transaction(connection)
        before, after = rules.lifecycle(tx, key, version - 1), rules.lifecycle(tx, key, version)
    return show(request, PLACE, "difference", before=before, after=after, changes=told(differences(before, after)))


def schema(request: Request) -> Response:
    """The JSON Schema of lifecycle files, for editors."""
    return _file(
        json.dumps(lifecycle_schema(vocabulary()), ensure_ascii=False, indent=2), "lifecycle.schema.json",
        "application/schema+json",
    )  # fmt: skip


def _dwelling(site: Site, connection: Connection, key: str) -> dict[str, Dwelling]:
    now = site.now()
    return site.lately.of(("dwelling", key), now, partial(dwelling, connection, key, now))


def _in_use(site: Site, connection: Connection) -> dict[tuple[str, int], int]:
    return site.lately.of("in use", site.now(), partial(in_use, connection))


def told(found: tuple[Difference, ...]) -> list[tuple[Difference, list[tuple[str, str, str]]]]:
    """The differences, with values as JSON."""
    return [
        (one, [(change.path, _json(change.before), _json(change.after)) for change in one.changes]) for one in found
    ]


def _page(
    request: Request, checked: Checked | None, errors: dict[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        versions, used = list_versions(connection), _in_use(site, connection)
        newest = {one.key: one for one in versions}
        labels = _labels(connection, site.workflow.rules, {one.key: one.version for one in newest.values()})
    return show(
        request,
        PLACE,
        "lifecycles",
        status,
        stored=[
            (one, labels[one.key], sum(n for (key, _), n in used.items() if key == one.key)) for one in newest.values()
        ],
        default=site.workflow.engine.default,
        checked=checked,
        in_locale=in_locale,
        changes=told(checked.changes) if checked else [],
        errors=errors or {},
    )


def _checked(site: Site, source: str, name: str) -> Checked:
    app = site.workflow
    try:
        lifecycle = app.check(source, name)
    except FileFault as fault:
        return Checked(name, source, fault=fault)
    with app.database.reading() as connection:
        tx = Transaction(connection)
        try:
            before = app.rules.newest(tx, lifecycle.key)
        except NotFound:
            return Checked(name, source, lifecycle=lifecycle)
        try:
            stored = app.rules.lifecycle(tx, lifecycle.key, lifecycle.version)
        except NotFound:
            stored = None
    conflict = stored is not None and stored.sha256 != lifecycle.sha256
    return Checked(
        name, source, lifecycle=lifecycle, before=before, changes=differences(before, lifecycle), conflict=conflict
    )


def _labels(connection: Connection, rules: Rules, versions: dict[str, int]) -> dict[str, Lifecycle]:
    tx = Transaction(connection)
    return {key: rules.lifecycle(tx, key, version) for key, version in versions.items()}


def _file(text: str, name: str, kind: str) -> Response:
    return Response(text, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _days(time: timedelta) -> int:
    return max(0, round(time / timedelta(days=1)))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


ROUTES = (
    admin_get(PATH, page),
    admin_post(PATH, check),
    admin_get(f"{PATH}/schema.json", schema),
    admin_get(f"{OWN}/bild.svg", picture),
    admin_get(f"{OWN}/{{version:int}}.yaml", source),
    admin_get(f"{OWN}/{{version:int}}/unterschied", difference),
    admin_get(OWN, one),
)
