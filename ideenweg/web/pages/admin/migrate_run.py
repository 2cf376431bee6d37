"""`/verwaltung/lebenszyklen/{key}/umstellen/{job}`: a migration as it goes – tried out first, then carried out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.pages.admin.desk import admin_get, admin_post, origin_of, show
from ideenweg.web.pages.admin.lifecycles import OWN, PATH, PLACE
from ideenweg.web.pages.admin.running import Outcome, standing, start
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from states.deadline_rules import DeadlineRule
from states.lifecycle import Lifecycle, State
from workflow import jobs
from workflow.errors import BadInput, NotFound
from workflow.jobs import Job
from workflow.migrating import Migrated, migration_to
from workflow.progress import Progress
from workflow.transaction import Transaction

KIND = "migration"
LISTED = 200
"""Items that stay, as a result keeps them; all are counted."""


def page(request: Request) -> HTMLResponse:
    """How far it is, or what it came to or would. Raises NotFound."""
    site, job = site_of(request), _job(request)
    result = job.result or {}
    labels: dict[str, dict[str, str]] = {}
    locale = site.wording(request).locale
    with site.workflow.database.reading() as connection:
        tx = Transaction(connection)
        new = site.workflow.rules.newest(tx, request.path_params["key"])
        versions = {row["version"] for part in ("moved", "left") for row in result.get(part, ())}
        for version in sorted({*versions, *([result["version"]] if "version" in result else [])}):
            lifecycle = site.workflow.rules.lifecycle(tx, new.key, version)
            labels[str(version)] = {key: state.label[locale] for key, state in lifecycle.states.items()}
    return show(
        request, PLACE, "migrate_run", job=job, running=standing(request, job), lifecycle=new, labels=labels,
        deadlines={
            one.key: _deadline(new, state, one, locale) for state in new.states.values() for one in state.deadlines
        },
        result=result if "moved" in result else None,
    )  # fmt: skip


def _deadline(lifecycle: Lifecycle, state: State, rule: DeadlineRule, locale: str) -> str:
    """A deadline by what it is for."""
    kind = lifecycle.records.get(rule.until or "")
    return f"{state.label[locale]}: {kind.label[locale]}" if kind else str(state.label[locale])


def carry_out(request: Request) -> Response:
    """Move the items as the dry run said, or go on with what was broken off."""
    site, job = site_of(request), _job(request)
    key = job.id
    with site.workflow.database.reading() as connection:
        asked = json.loads(jobs.file_of(connection, job.id))
    if job.status == jobs.CHECKED:
        key = prepare(request, {**asked, "dry_run": False})
    begin(request, key)
    return site.redirect(f"{PATH}/{request.path_params['key']}/umstellen/{key}")


def prepare(request: Request, asked: Mapping[str, Any]) -> str:
    """A job for what is asked: key, version, map, dry_run; its id."""
    site, person = site_of(request), visitor_of(request).person or ""
    content = json.dumps(asked, ensure_ascii=False).encode()
    return site.workflow.database.attempt(
        lambda connection: jobs.prepare(connection, KIND, person, site.now(), name=asked["key"], content=content)
    )


def begin(request: Request, key: str) -> None:
    """Start the job. Raises Conflict where it runs or is done."""
    site = site_of(request)
    app, origin, now = site.workflow, origin_of(request), site.now()
    with app.database.reading() as connection:
        asked = json.loads(jobs.file_of(connection, key))
    dry_run = bool(asked["dry_run"])

    def work(progress: Progress) -> Outcome:
        key, version = asked["key"], asked["version"]
        try:
            migration = migration_to(app.database, app.rules, key, version, asked["map"], "map.yaml", origin)
            done = migration.run(now, dry_run=dry_run, progress=progress)
        except BadInput:  # somebody else has moved all of them meanwhile
            done = Migrated(key, version)
        return Outcome(jobs.CHECKED if dry_run else jobs.DONE, _told(done), keep_file=dry_run)

    start(app.database, key, work, now)


def _told(done: Migrated) -> dict[str, Any]:
    return {
        "version": done.version,
        "moved": [
            {"version": old, "from": state, "to": target, "items": items}
            for (old, state, target), items in sorted(done.moved.items())
        ],
        "stay": len(done.left),
        "left": [
            {
                "number": one.number,
                "version": one.version,
                "state": one.state,
                "de": [two.text["de"] for two in one.blockers],
                "en": [two.text["en"] for two in one.blockers],
            }
            for one in done.left[:LISTED]
        ],
        "records": dict(sorted(done.records.items())),
        "deadlines": {
            rule: {what: counts[what] for what in ("kept", "closed", "opened")}
            for rule, counts in sorted(done.deadlines.items())
        },
    }


def _job(request: Request) -> Job:
    with site_of(request).workflow.database.reading() as connection:
        job = jobs.find(connection, request.path_params["job"])
    if job.kind != KIND or job.name != request.path_params["key"]:
        raise NotFound("job", job.id)
    return job


ROUTES = (admin_get(f"{OWN}/umstellen/{{job}}", page), admin_post(f"{OWN}/umstellen/{{job}}", carry_out))
