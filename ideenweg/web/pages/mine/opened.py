"""An item opened by the signed link of whoever handed it in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.record_forms.boxes import Forms
from ideenweg.web.shelf import Shelf, shelf
from ideenweg.web.site import Site, site_of
from ideenweg.web.wording import Wording
from states.lifecycle import Fire, Lifecycle, Transition
from states.record_kinds import RecordKind
from states.snapshot import RecordFact
from workflow.own_links import Own, opened
from workflow.queries.detail import Detail, Next, find

PATH = "/meine-idee"


class Shut(Exception):
    """The link opens nothing: it is forged, too old or was made invalid."""


@dataclass(frozen=True, slots=True)
class Mine:
    """What the link opens, as its owner sees it."""

    request: Request
    site: Site
    say: Wording
    own: Own
    detail: Detail
    shelf: Shelf

    @property
    def lifecycle(self) -> Lifecycle:
        return self.detail.lifecycle

    @property
    def address(self) -> str:
        return f"{PATH}/{self.request.path_params['token']}"

    @property
    def forms(self) -> Forms:
        return Forms(self.say, self.lifecycle, self.detail.programme)

    def steps(self) -> Iterator[Next]:
        """What they may set off now, whatever they still have to say with it."""
        role = self.lifecycle.created_by
        for one in self.detail.steps:
            if one.transition.fire is Fire.PERSON and role in one.transition.roles and one.open:
                yield one

    def record(self, kind: RecordKind) -> RecordFact | None:
        """The present record of a kind of which an item has one."""
        return next((one for one in self.detail.records if one.kind == kind.key), None)

    def own_records(self) -> Iterator[RecordKind]:
        """The records beside the sheet that the submission form fills in: they stay theirs to change."""
        for step in self.lifecycle.submission.steps if self.lifecycle.submission else ():
            if step.record:
                yield self.lifecycle.records[step.record]

    def question(self) -> list[tuple[RecordKind, RecordFact]]:
        """What was asked with the step that led here: its form, as far as they may read it."""
        last = next(reversed(self.detail.snapshot.steps), None)
        move = self.lifecycle.transitions.get(last.transition or "") if last else None
        if last is None or move is None or move.form is None or last.target != self.detail.item.state:
            return []
        kind = self.lifecycle.records[move.form]
        found = [one for one in self.detail.records if one.kind == kind.key and one.at >= last.at]
        return [(kind, one) for one in found[-1:]]

    def leads_to_an_end(self, move: Transition) -> bool:
        """Whether the transition ends the item's way, so that nobody sets it off by mistake."""
        return any(way.state in self.lifecycle.states and self.lifecycle.states[way.state].final for way in move.ways)

    def said(self) -> dict[str, Any]:
        """What every command says."""
        return {"actor": self.own.person, "item": self.own.item}

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page of the link, of which nobody else is to learn the address."""
        return sealed(self.site.page(self.request, template, status, mine=self, kept=self.kept(), **context))

    def kept(self) -> Mapping[str, str]:
        """The hidden fields of every form."""
        return {"revision": str(self.detail.item.revision), "command_id": f"own-{secrets.token_hex(12)}"}


def sealed(answer: Response) -> Response:
    """The answer, not to be kept, and its address not to be told: it is the key."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def look(request: Request) -> Mine:
    """What the link of the address opens. Raises Shut."""
    site = site_of(request)
    workflow, now = site.workflow, site.now()
    with workflow.database.reading() as connection:
        own = opened(connection, workflow.rules, site.keys, request.path_params["token"], now)
        if own is None:
            raise Shut
        detail = find(connection, workflow.rules, own.item, own.person, now)
        there = shelf(connection, detail.lifecycle, detail.snapshot, released=bool(detail.item.released))
    return Mine(request, site, site.wording(request), own, detail, there)


def by_link(endpoint: Callable[[Mine], Response]) -> Callable[[Request], Response]:
    """The endpoint for what the link opens; a plain page where it opens nothing."""

    @wraps(endpoint)
    def answer(request: Request) -> Response:
        try:
            mine = look(request)
        except Shut:
            return sealed(site_of(request).page(request, "mine/shut.html", 404))
        return sealed(endpoint(mine))

    return answer
