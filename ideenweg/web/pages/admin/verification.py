"""`/verwaltung/protokoll/pruefung`: proof that nobody rewrote the history, in words; the latest checkpoint, to be kept
elsewhere; and the present history against what was kept."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, said, show
from ideenweg.web.pages.admin.running import Outcome, Work, part, standing, start
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording
from workflow import jobs
from workflow.audit import Audit
from workflow.checkpoints import latest
from workflow.errors import BadInput, NotFound
from workflow.events import moment
from workflow.jobs import Job
from workflow.kept import TABLES
from workflow.progress import Progress

PLACE = "protokoll"
PATH = "/verwaltung/protokoll/pruefung"
VERIFY, COMPARE = "verify", "compare"
LARGEST = 64 * 1024 * 1024
"""Bytes of a file; a larger export is compared on the command line."""

SHOWN = 200
"""Findings on the page; all that were kept are in the file."""


def page(request: Request) -> HTMLResponse:
    """The verifications so far, and the buttons for another."""
    return _page(request, {})


def begin(request: Request) -> Response:
    """Start one: of the database, or (with a file) of the database against what was kept."""
    site = site_of(request)
    who, now, upload = visitor_of(request).person or "", site.now(), form_of(request).file("file")
    comparing = form_of(request).text("what") == COMPARE
    if comparing and upload is None:
        return _page(request, {"file": site.wording(request)("verify_no_file")}, 422)
    name, content = (upload.name, upload.read()) if comparing and upload else (None, None)
    key = site.workflow.database.attempt(
        lambda connection: jobs.prepare(
            connection, COMPARE if comparing else VERIFY, who, now, name=name, content=content
        )
    )
    audit = site.workflow.audit
    start(site.workflow.database, key, _compares(audit, content) if content is not None else _verifies(audit), now)
    return site.redirect(f"{PATH}/{key}")


def result(request: Request) -> HTMLResponse:
    """One verification: how far it is, or what it found. Raises NotFound."""
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        job = jobs.find(connection, request.path_params["key"])
    return show(
        request,
        PLACE,
        "verification",
        running=standing(request, job),
        job=job,
        findings=[(one, _column(site.wording(request), one["what"])) for one in _found(job)[:SHOWN]],
        rebuilt=any(one["what"] in TABLES for one in _found(job)),
        more=max(0, len(_found(job)) - SHOWN) + int((job.result or {}).get("left_out", 0)),
    )


def kept(request: Request) -> Response:
    """The latest checkpoint as a file. Raises NotFound before the first."""
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        found = latest(connection)
    if found is None:
        raise NotFound("checkpoint", "latest")
    content = json.dumps(found.told(site.workflow.rules.programme.key), ensure_ascii=False, indent=2) + "\n"
    name = f"ideenweg-{found.at[:10]}-{found.size}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/json", headers=headers)


def _page(request: Request, errors: dict[str, str], status: int = 200) -> HTMLResponse:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        found = jobs.listed(connection, (VERIFY, COMPARE))
        sealed = latest(connection)
    now = site.now()
    return show(
        request, PLACE, "verifications", status, jobs=found, errors=errors, checkpoint=sealed,
        checkpoint_at=moment(sealed.at) if sealed else None,
        outcomes={job.id: _outcome(job) if not job.lost(now) else "lost" for job in found},
    )  # fmt: skip


def _outcome(job: Job) -> str:
    """The key of the sentence that says what a verification came to."""
    if job.status == jobs.DONE:
        return "ok" if (job.result or {}).get("ok") else "broken"
    return job.status


def _found(job: Job) -> list[dict[str, object]]:
    return list((job.result or {}).get("findings", ()))


def _column(say: Wording, what: object) -> str:
    """What a finding is about, in words: the table of `event.hash`."""
    table = str(what).partition(".")[0].partition(" ")[0]
    return said(say, f"finding_{table}", table)


def _verifies(audit: Audit) -> Work:
    return lambda progress: Outcome(jobs.DONE, audit.verify(progress).told)


def _compares(audit: Audit, content: bytes) -> Work:
    def work(progress: Progress) -> Outcome:
        with TemporaryDirectory(prefix="ideenweg-") as folder:
            file = Path(folder) / "kept"
            file.write_bytes(content)
            try:
                return Outcome(jobs.DONE, audit.compare(file, progress).told)
            except BadInput:
                return Outcome(jobs.REFUSED, {"error": "no_export"})

    return work


ROUTES = (
    admin_get(PATH, page),
    admin_post(PATH, begin, body=LARGEST),
    admin_get(f"{PATH}/pruefpunkt", kept),
    admin_get(f"{PATH}/{{key}}", result),
    admin_get("/verwaltung/auftrag/{key}/stand", part),
)
