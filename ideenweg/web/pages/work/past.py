"""What has happened on an item, in words, with who did it and in whose place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ideenweg.web.pages.work.opened import Opened
from ideenweg.web.values import VOICES
from workflow.events import Kind
from workflow.queries.past import Past

SHOWN = 20
"""Events that the page shows at once; the earlier ones open on demand."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One event: `what` happened, `who` did it, `text` that was said with it."""

    at: str
    on: str
    what: str
    who: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on the item."""

    at: str
    on: str
    who: str
    text: str
    public: bool


def stops(opened: Opened) -> list[Stop]:
    """The history, newest first; comments stand elsewhere."""
    return [stop(opened, one) for one in reversed(opened.detail.history) if one.kind != Kind.COMMENTED]


def since(opened: Opened, revision: int) -> list[Stop]:
    """What has happened after `revision`, newest first."""
    return [stop(opened, one) for one in reversed(opened.detail.history) if one.seq > revision]


def remarks(opened: Opened) -> list[Remark]:
    """The comments, oldest first."""
    return [
        Remark(one.at.isoformat(), opened.say.moment(one.at), _who(opened, one), one.text, _public(opened, one))
        for one in opened.detail.history
        if one.kind == Kind.COMMENTED and one.text
    ]


def stop(opened: Opened, one: Past) -> Stop:
    """One event in words."""
    return Stop(one.at.isoformat(), opened.say.moment(one.at), _what(opened, one), _who(opened, one), one.text)


def state_at(opened: Opened, revision: int) -> str:
    """The state that the item was in at a revision, as it is called."""
    targets = [one.target for one in opened.detail.history if one.seq <= revision and one.target]
    state = opened.lifecycle.states.get(targets[-1]) if targets else None
    return opened.text(state.label) if state else ""


def _public(opened: Opened, one: Past) -> bool:
    return bool(one.details.get("public")) or not opened.detail.view.works


def _what(opened: Opened, one: Past) -> str:
    state = opened.lifecycle.states.get(one.target or "")
    move = opened.lifecycle.transitions.get(one.transition or "")
    params = dict(_params(opened, one))
    params["state"] = opened.text(state.label) if state else (one.target or "")
    params["move"] = opened.text(move.label) if move else (one.transition or "")
    return opened.say(f"item_past_{one.kind}", **params)


def _params(opened: Opened, one: Past) -> Iterator[tuple[str, str]]:
    """The parts of the sentence that the kind of event needs; "…" for what the visitor may not know."""
    lifecycle, details = opened.lifecycle, one.details
    kind = lifecycle.records.get(str(details.get("record", "")))
    yield "record", opened.text(kind.label) if kind else opened.say("item_a_form")
    key = str(details.get("key", ""))
    yield "about", f" ({opened.values.term(VOICES[kind.per], key)})" if kind and kind.per in VOICES and key else ""
    role = lifecycle.roles.get(str(details.get("role", "")))
    yield "role", opened.text(role.label) if role else "…"
    yield "person", opened.name(str(details["person"])) if "person" in details else "…"
    link = lifecycle.links.get(str(details.get("link", "")))
    yield "link", opened.text(link.label) if link else "…"
    yield "other", str(details.get("other", "…"))


def _who(opened: Opened, one: Past) -> str:
    parts = [opened.name(one.actor)]
    if one.on_behalf_of:
        parts.append(opened.say("item_in_place_of", person=opened.name(one.on_behalf_of)))
    if one.via in ("import", "api", "cli"):
        parts.append(opened.say(f"item_via_{one.via}"))
    return " · ".join(parts)
