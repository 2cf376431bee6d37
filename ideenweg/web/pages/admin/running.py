"""Runs a job beside the pages, in a thread of its own, and keeps what came of it where every process sees it.

A process that is stopped takes its jobs with it: each is one transaction or reads only, so nothing is half done.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.pages.admin.desk import said
from ideenweg.web.site import site_of
from workflow import jobs
from workflow.db import Database
from workflow.errors import StorageError
from workflow.jobs import Job
from workflow.progress import Progress

log = logging.getLogger(__name__)

FAULT = {"error": "fault"}
"""The result of a job that we did not think of."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job. keep_file: it can be started again."""

    status: str
    result: Mapping[str, Any]
    keep_file: bool = False


Work = Callable[[Progress], Outcome]


def start(database: Database, key: str, work: Work, now: datetime) -> threading.Thread:
    """Begin `work` as the job `key`. Raises Conflict where it runs already."""
    database.attempt(lambda connection: jobs.start(connection, key, now))
    thread = threading.Thread(target=_run, args=(database, key, work), name=f"job {key}", daemon=True)
    thread.start()
    return thread


def _run(database: Database, key: str, work: Work) -> None:
    try:
        outcome = work(jobs.Telling(database, key))
    except StorageError as error:
        outcome = Outcome(jobs.FAILED, {"error": "storage", "message": str(error)}, keep_file=True)
    except Exception:  # whoever waits for it is told that it ended
        log.exception("the job %s failed", key)
        outcome = Outcome(jobs.FAILED, FAULT, keep_file=True)
    with suppress(StorageError):  # then it counts as broken off
        database.attempt(
            lambda connection: jobs.end(
                connection, key, outcome.status, outcome.result, datetime.now(UTC), keep_file=outcome.keep_file
            )
        )


def standing(request: Request, job: Job, place: str = "/verwaltung/auftrag") -> Mapping[str, Any]:
    """How far a job is, for the macro `progress` of admin/jobs.html. place: under which its progress is asked for."""
    site = site_of(request)
    say = site.wording(request)
    return {
        "job": job,
        "address": f"{place}/{job.id}/stand",
        "lost": job.lost(site.now()),
        "percent": 100 * job.reached // job.total if job.total else None,
        "phase": said(say, f"phase_{job.phase or 'begun'}", job.phase or ""),
    }


def part(request: Request) -> Response:
    """`…/stand`: the progress alone, for a page that asks now and then; when it has ended, the page asks anew."""
    with site_of(request).workflow.database.reading() as connection:
        return part_of(request, standing(request, jobs.find(connection, request.path_params["key"])))


def part_of(request: Request, told: Mapping[str, Any]) -> Response:
    """`part` of a job that stands as `told`."""
    site, job = site_of(request), told["job"]
    if job.status != jobs.RUNNING or told["lost"]:
        return Response(headers={"HX-Refresh": "true"})
    template = site.templates.get_template("admin/progress.html")
    return HTMLResponse(template.render(say=site.wording(request), running=told))
