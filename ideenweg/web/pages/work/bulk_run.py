"""`/ideen/mehrere/{job}`: a step on many items while it is carried out, and what it came to, under its batch's id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.pages.admin.running import Outcome, Work, part_of, standing, start
from ideenweg.web.pages.work.asked import seen
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from workflow import jobs
from workflow.bulk import Bulk, batch_id, carry_out
from workflow.commands import Advance
from workflow.engine import Engine
from workflow.errors import NotFound
from workflow.jobs import Job
from workflow.progress import Progress
from workflow.queries.chosen import chosen

KIND = "bulk"
PATH = "/ideen/mehrere"
OWN = f"{PATH}/{{key}}"


@dataclass(frozen=True, slots=True)
class Step:
    """One item, with the reason for it in its own words."""

    item: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A transition on many items. whole: on all of them or on none. in_place: in whose place, by id."""

    transition: str
    steps: tuple[Step, ...]
    data: Mapping[str, Any] | None
    whole: bool
    in_place: str | None

    def commands(self, person: str) -> list[Advance]:
        """The commands, in the name of `person`."""
        return [
            Advance(
                actor=person, on_behalf_of=self.in_place, item=one.item, transition=self.transition, reason=one.reason,
                data=self.data,
            )
            for one in self.steps
        ]  # fmt: skip

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Batch:
        """What a job keeps of it."""
        steps = tuple(Step(**one) for one in kept["steps"])
        return cls(kept["transition"], steps, kept["data"], kept["whole"], kept["in_place"])


def begin(request: Request, batch: Batch) -> str:
    """Begin to carry it out; the job's id."""
    site, person = site_of(request), visitor_of(request).person or ""
    kept = {**asdict(batch), "batch": batch_id()}
    content = json.dumps(kept, ensure_ascii=False).encode()
    now = site.now()
    key = site.workflow.database.attempt(
        lambda connection: jobs.prepare(connection, KIND, person, now, name=batch.transition, content=content)
    )
    start(site.workflow.database, key, _work(site.engine, person, kept, now), now)
    return key


def again(request: Request) -> Response:
    """Go on with one that was broken off: what it did is not done twice."""
    site, job = site_of(request), _job(request)
    with site.workflow.database.reading() as connection:
        kept = json.loads(jobs.file_of(connection, job.id))
    now = site.now()
    start(site.workflow.database, job.id, _work(site.engine, job.person, kept, now), now)
    return site.redirect(f"{PATH}/{job.id}")


def page(request: Request) -> HTMLResponse:
    """How far it is, or what it came to. Raises NotFound for anybody but who began it."""
    site, job = site_of(request), _job(request)
    result = job.result or {}
    numbers = [*result.get("done", ()), *(one["number"] for one in result.get("held", ()))]
    with site.workflow.database.reading() as connection:
        within = seen(request, connection)
        items = {one.number: one for one in chosen(connection, site.workflow.rules, numbers, within)}
    moves = [one.lifecycle.transitions.get(job.name or "") for one in items.values()]
    label = next((move.label for move in moves if move), None)
    return site.page(
        request, "work/bulk_run.html", job=job, running=standing(request, job, PATH), items=items, label=label
    )


def progress_part(request: Request) -> Response:
    """The progress alone."""
    return part_of(request, standing(request, _job(request), PATH))


def _work(engine: Engine, person: str, kept: Mapping[str, Any], now: datetime) -> Work:
    batch = Batch.of(kept)

    def work(progress: Progress) -> Outcome:
        done = carry_out(engine, batch.commands(person), now, whole=batch.whole, batch=kept["batch"], progress=progress)
        refused = batch.whole and bool(done.held)
        return Outcome(jobs.REFUSED if refused else jobs.DONE, _told(done))

    return work


def _told(done: Bulk) -> dict[str, Any]:
    return {
        "batch": done.batch,
        "done": list(done.allowed),
        "held": [
            {
                "number": one.item,
                "de": [two.text["de"] for two in one.blockers],
                "en": [two.text["en"] for two in one.blockers],
            }
            for one in done.held
        ],
    }


def _job(request: Request) -> Job:
    with site_of(request).workflow.database.reading() as connection:
        job = jobs.find(connection, request.path_params["key"])
    if job.kind != KIND or job.person != visitor_of(request).person:
        raise NotFound("job", job.id)
    return job


ROUTES = (
    get(OWN, page, Who.SIGNED_IN),
    post(OWN, again, Who.SIGNED_IN),
    get(f"{OWN}/stand", progress_part, Who.SIGNED_IN),
)
