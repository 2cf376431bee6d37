"""`/verwaltung/lebenszyklen/{key}/umstellen`: running items go on under another version – what differs, where each
state leads, a dry run, and then the move itself, which can be begun again where it was broken off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, show
from ideenweg.web.pages.admin.lifecycles import OWN, PATH, PLACE, told
from ideenweg.web.pages.admin.migrate_run import KIND, begin, prepare
from ideenweg.web.site import site_of
from states.differences import differences
from states.errors import FileFault
from states.lifecycle import Lifecycle, State
from states.migration import MigrationMap, load_map
from workflow import jobs
from workflow.errors import NotFound
from workflow.migrating import versions_in_use
from workflow.queries.dwelling import in_state
from workflow.queries.lifecycles import list_versions
from workflow.transaction import Transaction

PREFIX = "state."
"""Of the fields that say where a state leads."""

MAP = "map.yaml"
YAML = "yaml"
"""What the button asks for that gives the map as a file."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A state that the target version has not, with how many items are in it under the versions before."""

    state: State
    items: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The move that is asked for: from which versions to which, and what is lost on the way."""

    olds: tuple[Lifecycle, ...]
    new: Lifecycle
    versions: tuple[int, ...]
    lost: tuple[Lost, ...]

    def map_of(self, chosen: Mapping[str, str]) -> str:
        """The map that the fields say, as YAML."""
        states = {
            one.state.key: to for one in self.lost if (to := chosen.get(PREFIX + one.state.key, "")) in self.new.states
        }
        return yaml.safe_dump({"states": states}, sort_keys=False, allow_unicode=True) if states else ""


def page(request: Request) -> HTMLResponse:
    """The form: the version to go to, what changes, and where the states lead that it has not."""
    return _page(request, _plan(request, request.query_params.get("version", "")))


def submit(request: Request) -> Response:
    """The map as a file, or the dry run of what the form says."""
    form = form_of(request)
    plan = _plan(request, form.text("version"))
    upload = form.file("file")
    try:
        text = upload.read().decode("utf-8-sig") if upload else form.text("map")
    except UnicodeDecodeError:
        return _page(request, plan, wrong=[site_of(request).wording(request)("lifecycle_no_text")], status=422)
    text = text or plan.map_of({name: form.text(name) for name in form.fields})
    if form.text("do") == YAML:
        headers = {"Content-Disposition": f'attachment; filename="{plan.new.key}-{plan.new.version}.map.yaml"'}
        return Response(text or "states: {}\n", media_type="application/yaml", headers=headers)
    if not plan.olds:
        return _page(request, plan, status=422)
    try:
        _ = read_map(request, plan.olds, plan.new, text)
    except FileFault as fault:
        locale = site_of(request).wording(request).locale
        return _page(request, plan, text, [one.in_locale(locale) for one in fault.findings], 422)
    key = prepare(request, {"key": plan.new.key, "version": plan.new.version, "map": text, "dry_run": True})
    begin(request, key)
    return site_of(request).redirect(f"{PATH}/{plan.new.key}/umstellen/{key}")


def read_map(request: Request, olds: tuple[Lifecycle, ...], new: Lifecycle, text: str) -> MigrationMap:
    """The map in `text`; an empty one where there is none. Raises FileFault."""
    rules = site_of(request).workflow.rules
    if not text:
        return MigrationMap()
    return load_map(text, MAP, olds, new, vocabulary=rules.vocabulary, programme=rules.programme)


def _plan(request: Request, asked: str) -> Plan:
    """What moves to the version asked for, else to the newest. Raises NotFound."""
    site, key = site_of(request), request.path_params["key"]
    rules = site.workflow.rules
    with site.workflow.database.reading() as connection:
        tx = Transaction(connection)
        versions = tuple(one.version for one in list_versions(connection) if one.key == key)
        if not versions:
            raise NotFound("lifecycle", key)
        version = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else max(versions)
        new = rules.lifecycle(tx, key, version)
        olds = tuple(rules.lifecycle(tx, key, one) for one in versions_in_use(connection, key, version))
        counts = in_state(connection, key, version)
    lost = {
        state.key: Lost(state, counts[state.key])
        for old in olds
        for state in old.states.values()
        if state.key not in new.states and counts.get(state.key)
    }
    return Plan(olds, new, versions, tuple(lost.values()))


def _page(
    request: Request, plan: Plan, text: str = "", wrong: list[str] | None = None, status: int = 200
) -> HTMLResponse:
    form = form_of(request)
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        runs = [one for one in jobs.listed(connection, (KIND,)) if one.name == plan.new.key]
    context: dict[str, Any] = {
        "plan": plan,
        "changes": told(differences(plan.olds[0], plan.new)) if plan.olds else [],
        "chosen": {one.state.key: form.text(PREFIX + one.state.key) for one in plan.lost},
        "map": text or form.text("map"),
        "wrong": wrong or [],
        "runs": runs,
    }
    return show(request, PLACE, "migrate", status, **context)


ROUTES = (admin_get(f"{OWN}/umstellen", page), admin_post(f"{OWN}/umstellen", submit))
