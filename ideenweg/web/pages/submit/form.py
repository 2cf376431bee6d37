"""`/einreichen`: the pages on which an item is handed in, one for each step, and the look over at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.submit import asked
from ideenweg.web.pages.submit.kept import PATH, Kept, begun, forget, keep, kept, lifecycle_of, remember
from ideenweg.web.pages.submit.sending import hand_in
from ideenweg.web.pages.submit.steps import Step, Typing, boxes, errors, faults, sent, sheet_of, steps_of
from ideenweg.web.record_forms.boxes import Forms
from ideenweg.web.routes import get, post
from ideenweg.web.shelf import UPLOAD, accept
from ideenweg.web.site import Site, site_of
from ideenweg.web.throttle import Throttle
from ideenweg.web.values import Row, Values
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording
from states.blockers import Blocker
from states.lifecycle import ANYONE, Lifecycle
from states.submission import Part
from workflow import drafts
from workflow.errors import NotFound, Refused
from workflow.own_links import Own, generations, token
from workflow.queries.alike import Alike, alike
from workflow.words import texts_of

LEAST_SECONDS = 3
"""How long somebody at least takes from the first page to the last; a program takes less."""

TRAP = "homepage"
"""A field that nobody sees and people leave empty."""

BEGUN = Throttle("draft", 60)
SENT = Throttle("submission", 20)


@dataclass(frozen=True, slots=True)
class Looked:
    """A step as the look over shows it."""

    step: Step
    rows: tuple[Row, ...]


def start(request: Request) -> Response:
    """What is asked, how long it takes, and the draft there may be."""
    site, lifecycle = site_of(request), lifecycle_of(request)
    return site.page(
        request,
        "submit/start.html",
        steps=_shown(request, lifecycle),
        first=_address(_shown(request, lifecycle)[0]),
        draft=kept(request, lifecycle),
        open=ANYONE in lifecycle.create or visitor_of(request).staff,
        kept_days=drafts.KEPT.days,
    )


def step(request: Request) -> Response:
    """One step with what was typed before. Raises NotFound for a step that there is not."""
    lifecycle = lifecycle_of(request)
    found, _ = _step(request, lifecycle)
    one = kept(request, lifecycle)
    return _page(
        request, lifecycle, found, one, one.typing if one else Typing(site_of(request).wording(request).locale)
    )


def go(request: Request) -> Response:
    """Keep what was typed, and go on, back, or stay where something is wrong. Raises NotFound."""
    site, lifecycle, form = site_of(request), lifecycle_of(request), form_of(request)
    found, steps = _step(request, lifecycle)
    place = steps.index(found)
    one = kept(request, lifecycle)
    if one is None:
        if place and found.asks is None:  # a browser without cookies would begin anew for ever
            return site.redirect(PATH, "submit_no_draft")
        BEGUN.count(request)
        one = begun(request, lifecycle)
    typing = sent(found, form, one.typing, site.wording(request).locale)
    keep(request, one, typing)
    deed = form.text("go")
    if deed == "back":
        return remember(request, RedirectResponse(_address(steps[place - 1]) if place else PATH, 303), one)
    if deed == "attach" or (found.asks is Part.DOCUMENTS and form.file("file")):
        wrong = asked.attach(request, one)
        if wrong or deed == "attach":
            return _attached(request, lifecycle, found, one, typing, wrong)
    if deed.startswith("remove-"):
        key = deed.removeprefix("remove-")
        site.workflow.database.attempt(lambda connection: drafts.detach(connection, one.draft.digest, key))
        return RedirectResponse(_address(found), 303)
    blockers = faults(found, lifecycle, site.workflow.rules.programme, typing)
    wrong = asked.wrong(request, found, typing)
    if blockers or wrong:
        return remember(request, _page(request, lifecycle, found, one, typing, blockers, wrong, 422), one)
    on = f"{PATH}/pruefen" if form.text("then") == "check" or place + 1 == len(steps) else _address(steps[place + 1])
    return remember(request, RedirectResponse(on, 303), one)


def check(request: Request, *, wrong: Sequence[str] = (), status: int = 200) -> Response:
    """Everything that was typed, to be looked over; and what still stands against handing it in."""
    site, lifecycle = site_of(request), lifecycle_of(request)
    one = kept(request, lifecycle)
    if one is None:
        return site.redirect(PATH, "submit_no_draft")
    say = site.wording(request)
    values = Values(say, lifecycle, site.workflow.rules.programme)
    return site.page(
        request,
        "submit/check.html",
        status,
        parts=[_part(values, found, one.typing) for found in _shown(request, lifecycle)],
        draft=one.draft,
        typing=one.typing,
        wrong=[*wrong, *([] if wrong else asked.against_it(request, lifecycle, one))],
        trap=TRAP,
        alike=_alike(site, lifecycle, one),
        count=len(_shown(request, lifecycle)) + 1,
    )


def send(request: Request) -> Response:
    """Hand the draft in, and show the receipt. Sent twice, it is handed in once."""
    site, lifecycle, form = site_of(request), lifecycle_of(request), form_of(request)
    say = site.wording(request)
    one = kept(request, lifecycle)
    if one is None:
        return site.redirect(PATH, "submit_no_draft")
    if form.text(TRAP):
        return check(request, wrong=[say("submit_trap")], status=422)
    if (site.now() - one.draft.made_at).total_seconds() < LEAST_SECONDS:
        return check(request, wrong=[say("submit_too_fast")], status=422)
    if against_it := asked.against_it(request, lifecycle, one):
        return check(request, wrong=against_it, status=422)
    SENT.count(request)
    try:
        own = hand_in(request, lifecycle, one)
    except Refused as error:
        return check(request, wrong=[blocker.in_locale(say.locale) for blocker in error.blockers], status=422)
    address = receipt(site, own)
    if address.startswith("/ideen"):
        return forget(request, site.redirect(address, "submit_received", number=own.item))
    return forget(request, RedirectResponse(address, 303))


def throw_away(request: Request) -> Response:
    """Throw the draft away."""
    site, lifecycle = site_of(request), lifecycle_of(request)
    one = kept(request, lifecycle)
    if one is not None:
        site.workflow.database.attempt(lambda connection: drafts.throw_away(connection, one.draft.digest))
    return forget(request, site.redirect(PATH, "submit_thrown_away"))


def _shown(request: Request, lifecycle: Lifecycle) -> tuple[Step, ...]:
    """The steps that this visitor takes: who is signed in need not say how they are reached."""
    steps = steps_of(lifecycle)
    if not visitor_of(request).known:
        return steps
    left = (replace(one, asks=None) if one.asks is Part.CONTACT else one for one in steps)
    return tuple(one for one in left if one.kinds or one.asks)


def _step(request: Request, lifecycle: Lifecycle) -> tuple[Step, tuple[Step, ...]]:
    steps = _shown(request, lifecycle)
    key = request.path_params["key"]
    for one in steps:
        if one.key == key:
            return one, steps
    raise NotFound("step", key)


def _page(
    request: Request,
    lifecycle: Lifecycle,
    found: Step,
    one: Kept | None,
    typing: Typing,
    blockers: Sequence[Blocker] = (),
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    site = site_of(request)
    say, programme = site.wording(request), site.workflow.rules.programme
    steps = _shown(request, lifecycle)
    shown = boxes(found, Forms(say, lifecycle, programme), typing, blockers)
    context: dict[str, Any] = {
        "step": found,
        "title": title(found, say),
        "place": steps.index(found) + 1,
        "count": len(steps) + 1,
        "back": steps.index(found) > 0,
        "boxes": shown,
        "errors": {**dict(errors(shown)), **(wrong or {})},
        "typing": typing,
        "files": one.draft.documents if one else (),
        "limits": programme.documents,
        "accept": accept(programme.documents),
        "then": request.query_params.get("then") or form_of(request).text("then"),
    }
    return site.page(request, "submit/step.html", status, **context)


def _alike(site: Site, lifecycle: Lifecycle, one: Kept) -> list[tuple[Alike, str]]:
    """Released items that are like what was typed, with their addresses: a hint, and no reason against it."""
    sheet = sheet_of(lifecycle)
    with site.workflow.database.reading() as connection:
        found = alike(connection, lifecycle.key, texts_of(sheet, one.typing.data(sheet)))
    return [(like, f"/ideen/{like.number}") for like in found]


def title(found: Step, say: Wording) -> str:
    """What a step is called."""
    return found.label[say.locale] if found.label else say(f"submit_step_{found.key}")


def _attached(
    request: Request, lifecycle: Lifecycle, found: Step, one: Kept, typing: Typing, wrong: Mapping[str, str]
) -> Response:
    if wrong:
        return remember(request, _page(request, lifecycle, found, one, typing, (), wrong, 422), one)
    return remember(request, RedirectResponse(_address(found, then=form_of(request).text("then")), 303), one)


def _part(values: Values, found: Step, typing: Typing) -> Looked:
    rows = [
        values.row(field, data[key])
        for kind in found.kinds
        for data in [typing.data(kind)]
        for key, field in kind.fields.items()
        if key in data
    ]
    return Looked(found, tuple(rows))


def receipt(site: Site, own: Own) -> str:
    """The address of the receipt: on the page that the link opens, or the item's for who signs in anyway."""
    with site.workflow.database.reading() as connection:
        present = generations(connection, [own.person]).get(own.person)
    if present is None:
        return f"/ideen/{own.item}"
    text = token(site.keys, own, present.get(own.item, 1), site.now().date())
    return f"/meine-idee/{text}/eingang"


def _address(found: Step, then: str = "") -> str:
    return f"{PATH}/schritt/{found.key}" + (f"?{urlencode({'then': then})}" if then else "")


ROUTES = (
    get(PATH, start),
    get(f"{PATH}/schritt/{{key:name}}", step),
    post(f"{PATH}/schritt/{{key:name}}", go, body=UPLOAD),
    get(f"{PATH}/pruefen", check),
    post(f"{PATH}/pruefen", send),
    post(f"{PATH}/verwerfen", throw_away),
)
