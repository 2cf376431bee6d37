"""`/ideen/mehrere`: one step on many items – chosen from a list, with one reason and one form, looked at beforehand.

Nothing is done before the page has shown what would become of every item. A reason may have placeholders
(ideenweg/answers.py), which are filled in for each item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.answers import PLACEHOLDERS, Answer, filled, filling_of
from ideenweg.web.forms import Form, form_of
from ideenweg.web.pages.work.asked import asked, seen
from ideenweg.web.pages.work.bulk_run import Batch, Step, begin
from ideenweg.web.pages.work.opened import represented, spoken
from ideenweg.web.pages.work.written import FILL, groups, written
from ideenweg.web.record_forms.boxes import Box, Forms
from ideenweg.web.record_forms.named import typed_under, under
from ideenweg.web.record_forms.typed import data_of, without_gaps
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording
from states.blockers import Blocker
from states.lifecycle import Reason
from states.record_kinds import RecordKind
from states.snapshot import local_day
from workflow.bulk import Bulk, preview
from workflow.errors import BadInput
from workflow.queries.acting import away
from workflow.queries.board import board
from workflow.queries.chosen import Chosen, Offer, chosen, offers

PATH = "/ideen/mehrere"
MOST = 200
"""Items that are chosen on one page: each of them is judged while somebody waits."""

PREFIX = "step"
"""Of the fields of a step's record, apart from what the page itself asks."""

LOOK, GO = "look", "go"
"""What a button of the form asks for."""


@dataclass(frozen=True, slots=True)
class Held:
    """An item that the step is not possible on, and every reason why, which also says who can remove it."""

    number: str
    title: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What would become of the items."""

    allowed: tuple[Chosen, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True)
class Asking:
    """The form as it was sent: the items that the visitor may see, what they offer, and the step that is asked for.

    away: id -> name of those in whose place the visitor may act.
    """

    request: Request
    items: tuple[Chosen, ...]
    offers: tuple[Offer, ...]
    answers: Mapping[str, Answer]
    away: Mapping[str, str]

    @property
    def site(self) -> Site:
        return site_of(self.request)

    @property
    def say(self) -> Wording:
        return self.site.wording(self.request)

    @property
    def form(self) -> Form:
        return form_of(self.request)

    @property
    def offer(self) -> Offer | None:
        """The step asked for, if one of the items offers it."""
        wanted = self.form.text("transition")
        return next((one for one in self.offers if one.transition.key == wanted), None)

    @property
    def kind(self) -> RecordKind | None:
        """The record that the step fills."""
        offer = self.offer
        return offer.lifecycle.records[offer.transition.form] if offer and offer.transition.form else None

    @property
    def reason(self) -> str:
        """The reason as it was typed, or the answer that is to take its place."""
        answer = self.answers.get(self.form.text("answer"))
        return answer.text if answer and self.form.text("do") == FILL else self.form.text("reason")

    def typed(self) -> dict[str, list[str]]:
        """What was typed into the record's form."""
        assert self.kind is not None
        drop = self.form.text("less").removeprefix(f"{PREFIX}.")
        return without_gaps(self.kind, typed_under(PREFIX, self.form), drop=drop)

    def batch(self) -> Batch:
        """What is to be carried out. Raises BadInput for a placeholder that there is not."""
        offer, kind, programme = self.offer, self.kind, self.site.workflow.rules.programme
        assert offer is not None
        answer = self.answers.get(self.form.text("answer"))
        language = answer.language if answer else self.say.locale
        text = "" if offer.transition.reason is Reason.NONE else self.reason
        return Batch(
            transition=offer.transition.key,
            steps=tuple(
                Step(one.number, filled(text, filling_of(one, programme, language)) or None) for one in self.items
            ),
            data=data_of(kind, self.typed(), spoken(self.form, self.say)) if kind else None,
            whole=self.form.text("way") == "whole",
            in_place=represented(self.request),
        )


def page(request: Request) -> HTMLResponse:
    """The items that the address asks for, each with a box to choose it."""
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        question = asked(request, site, connection)
        if question is None:
            return site.page(request, "unloaded.html", key=site.workflow.engine.default)
        only = question.values.get("state")
        piles = board(
            connection,
            question.lifecycle,
            question.filter,
            site.now(),
            limit=MOST,
            states=[only] if only else None,
            person=visitor_of(request).person if question.mine else None,
            overdue=question.overdue,
            within=question.sees,
        )
    heaps = [(question.lifecycle.states[key], pile.items) for key, pile in piles.items() if pile.items]
    total = sum(len(items) for _, items in heaps)
    return site.page(
        request, "work/bulk_choose.html", asked=question, heaps=heaps, total=total, most=MOST,
        chosen=set(request.query_params.getlist("item")),
    )  # fmt: skip


def submit(request: Request) -> Response:
    """The form of the step; what would become of every item; or the step itself, which goes on beside the pages."""
    site, form = site_of(request), form_of(request)
    numbers = list(dict.fromkeys(form.all("item")))
    if not numbers:
        return site.redirect(PATH, "bulk_none")
    if len(numbers) > MOST:
        return site.redirect(PATH, "bulk_too_many", most=MOST)
    with site.workflow.database.reading() as connection:
        items = chosen(connection, site.workflow.rules, numbers, seen(request, connection))
        today = local_day(site.now(), site.workflow.rules.programme)
        others = away(connection, visitor_of(request).person or "", today)
    asking = Asking(request, items, offers(items), written(site), others)
    if asking.offer is None or form.text("do") not in (LOOK, GO):
        return _shown(asking)
    try:
        batch = asking.batch()
    except BadInput:
        known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
        return _shown(asking, error=asking.say("answer_wrong", known=known), status=422)
    person = visitor_of(request).person or ""
    found = preview(site.engine, batch.commands(person), site.now())
    stops = not found.allowed or (batch.whole and bool(found.held))
    if form.text("do") == GO and not stops:
        return site.redirect(f"{PATH}/{begin(request, batch)}")
    return _shown(asking, found, status=422 if stops else 200)


def _shown(asking: Asking, found: Bulk | None = None, error: str | None = None, status: int = 200) -> HTMLResponse:
    form, say = asking.form, asking.say
    everywhere = _everywhere(found) if found else ()
    return asking.site.page(
        asking.request,
        "work/bulk.html",
        status,
        asking=asking,
        form=form,
        boxes=_boxes(asking, everywhere),
        seen=_seen(asking, found) if found else None,
        reason_error=error or next((one.in_locale(say.locale) for one in everywhere if _of_reason(one)), None),
        placeholders=", ".join(f"{{{one}}}" for one in PLACEHOLDERS),
        answers=groups(say, asking.answers),
        way=form.text("way") or "each",
    )  # fmt: skip


def _boxes(asking: Asking, blockers: Sequence[Blocker]) -> tuple[Box, ...]:
    kind, offer = asking.kind, asking.offer
    if kind is None or offer is None:
        return ()
    more = asking.form.text("more").removeprefix(f"{PREFIX}.")
    forms = Forms(asking.say, offer.lifecycle, asking.site.workflow.rules.programme)
    found = forms.boxes(kind, asking.typed(), blockers, spare={more: 3} if more else None)
    return tuple(under(PREFIX, box) for box in found)


def _everywhere(found: Bulk) -> tuple[Blocker, ...]:
    """What stands against the step on every item, as a form that was filled in wrongly does."""
    if found.allowed or not found.held:
        return ()
    first, *others = found.held
    codes = [{one.code for one in each.blockers} for each in others]
    return tuple(one for one in first.blockers if all(one.code in found_there for found_there in codes))


def _seen(asking: Asking, found: Bulk) -> Seen:
    known = {one.number: one for one in asking.items}
    locale = asking.say.locale
    return Seen(
        tuple(known[number] for number in found.allowed),
        tuple(
            Held(
                one.item,
                known[one.item].title,
                tuple(two.in_locale(locale) for two in one.blockers) or (asking.say("bulk_gone"),),
            )
            for one in found.held
        ),
    )


def _of_reason(one: Blocker) -> bool:
    return one.code in ("reason_missing", "invalid_reason")


ROUTES = (get(PATH, page, Who.SIGNED_IN), post(PATH, submit, Who.SIGNED_IN))
