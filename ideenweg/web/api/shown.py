"""What the queries give, as documents: with a token as its person sees it, without one as everybody does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ideenweg.web.api import item_documents as documents
from ideenweg.web.api.caller import Caller
from ideenweg.web.api.problems import blocker_model
from ideenweg.web.api.values import label, optional_label
from states.lifecycle import Lifecycle
from states.record_kinds import Per
from states.snapshot import RecordFact
from workflow.queries.detail import Clock, Detail, Next, Tie
from workflow.queries.items import ItemLine
from workflow.queries.past import Past
from workflow.queries.public import PublicItem, Relation, Step

FACETS = ("cities", "fields", "provenance", "funding")


def line(one: ItemLine, lifecycle: Lifecycle, caller: Caller) -> documents.ItemLine:
    """An item of a list. When it is due is nobody's business but of those who work."""
    works = caller.token is not None
    return documents.ItemLine(
        number=one.number,
        title=one.title,
        lifecycle=one.lifecycle,
        version=one.version,
        state=one.state,
        label=label(lifecycle.states[one.state].label),
        stage=one.stage,
        revision=one.revision,
        released=one.released,
        **facets(one.facets),
        entered_at=caller.at(one.entered_at),
        created_at=caller.at(one.created_at),
        due=one.due if works else None,
        deadline=one.rule if works else None,
        overdue=works and one.due_at is not None and one.due_at <= caller.now,
    )


def facets(found: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What lists filter by, each as a list."""
    return {name: list(found.get(name, ())) for name in FACETS}


def brief(detail: Detail, caller: Caller) -> dict[str, Any]:
    """The fields of an item in few words."""
    one = detail.item
    return {
        "number": one.number,
        "title": one.title,
        "lifecycle": one.lifecycle,
        "version": one.version,
        "state": one.state,
        "label": label(detail.lifecycle.states[one.state].label),
        "stage": one.stage,
        "revision": one.revision,
        "released": bool(one.released),
        **facets(detail.facets),
        "entered_at": caller.at(one.entered_at),
        "created_at": caller.at(one.created_at),
    }


def item(detail: Detail, caller: Caller) -> documents.Item:
    """The item as the person of the token sees it."""
    return documents.Item(
        **brief(detail, caller),
        public=optional_label(detail.lifecycle.states[detail.item.state].public),
        records=[record(one, detail, caller) for one in detail.records],
        links=[link(one) for one in detail.ties],
        turn=[
            documents.Turn(role=role, people=[person(detail, one) for one in people if one in detail.names])
            for role, people in detail.turn
        ],
        shares=[documents.Share(record=one.kind.key, done=one.done, of=one.of) for one in detail.shares],
        deadlines=clocks(detail, caller),
        people=assigned(detail),
    )


def public_item(found: PublicItem, caller: Caller) -> documents.Item:
    """The released item as everybody sees it."""
    state = found.lifecycle.states[found.state]
    return documents.Item(
        number=found.number,
        title=found.title,
        lifecycle=found.lifecycle.key,
        version=found.lifecycle.version,
        state=found.state,
        label=label(state.label),
        stage=state.stage,
        revision=found.revision,
        released=True,
        **facets(found.facets),
        entered_at=caller.at(found.entered_at),
        created_at=caller.at(found.created_at),
        public=optional_label(state.public),
        records=[public_record(one, found.lifecycle, caller) for one in found.records],
        links=[link(one) for one in found.relations],
        turn=None,
        shares=None,
        deadlines=None,
        people=None,
    )


def record(one: RecordFact, detail: Detail, caller: Caller) -> documents.RecordDocument:
    """A record, and whose word it is for those who may know."""
    knows = detail.view.knows(one.author)
    late = (one.kind, one.key, one.visit) in detail.late
    return _record(
        one, caller, author=one.author if knows else None, key=_key(detail.lifecycle, one) or knows, late=late
    )


def public_record(one: RecordFact, lifecycle: Lifecycle, caller: Caller) -> documents.RecordDocument:
    """The same for everybody: nobody is named."""
    return _record(one, caller, author=None, key=_key(lifecycle, one), late=None)


def link(one: Tie | Relation) -> documents.LinkDocument:
    """A link as either end tells it."""
    return documents.LinkDocument(
        kind=one.kind,
        outgoing=one.outgoing,
        number=one.number,
        title=one.title or "",
        lifecycle=one.lifecycle,
        state=one.state,
    )


def person(detail: Detail, who: str) -> documents.Person:
    """Somebody the reader may know."""
    name, email = detail.names.get(who, (None, None))
    return documents.Person(person=who, name=name, email=email)


def assigned(detail: Detail) -> list[documents.Assigned]:
    """The roles given on the item."""
    return [
        documents.Assigned(role=one.role, unit=one.unit, **person(detail, one.person).model_dump())
        for one in detail.assigned
    ]


def clocks(detail: Detail, caller: Caller) -> list[documents.Clock]:
    """The deadlines of the item."""
    return [clock(one, caller, caller.now) for one in detail.clocks]


def clock(one: Clock, caller: Caller, now: datetime) -> documents.Clock:
    """A deadline."""
    return documents.Clock(
        rule=one.rule,
        key=one.key,
        status=one.status,
        due=one.due,
        ends_at=caller.at(one.due_at) if one.due_at else None,
        overdue=one.status == "running" and one.due_at is not None and one.due_at <= now,
        left=one.left,
        responsible=one.responsible,
    )


def step(one: Next) -> documents.Step:
    """A transition with what stands against it. What happens by itself is allowed to nobody."""
    move = one.transition
    return documents.Step(
        transition=move.key,
        label=label(move.label),
        to=[way.state for way in move.ways],
        fire=move.fire.value,
        roles=list(move.roles),
        reason=move.reason.value,
        form=move.form,
        allowed=one.plan is not None and one.plan.allowed,
        asks=list(one.asks) if one.open else [],
        blockers=[blocker_model(blocker) for blocker in one.plan.blockers] if one.plan else [],
    )


def happened(one: Past, detail: Detail, caller: Caller) -> documents.Happened:
    """An event of the history, with the people the reader may know."""
    view = detail.view
    return documents.Happened.model_validate(
        {
            "seq": one.seq,
            "kind": one.kind,
            "transition": one.transition,
            "from": one.source,
            "to": one.target,
            "at": caller.at(one.at),
            "text": one.text,
            "role": None,
            "scope": None,
            "actor": one.actor if view.knows(one.actor) else None,
            "on_behalf_of": one.on_behalf_of if one.on_behalf_of and view.knows(one.on_behalf_of) else None,
            "via": one.via,
            "details": dict(one.details),
        }
    )


def public_step(one: Step, caller: Caller) -> documents.Happened:
    """A step that everybody may know: in which role somebody acted, and not who."""
    return documents.Happened.model_validate(
        {
            "seq": None,
            "kind": one.kind,
            "transition": one.transition,
            "from": None,
            "to": one.target,
            "at": caller.at(one.at),
            "text": one.text,
            "role": one.voice.role if one.voice else None,
            "scope": one.voice.scope if one.voice else None,
            "actor": None,
            "on_behalf_of": None,
            "via": None,
            "details": {},
        }
    )


def _key(lifecycle: Lifecycle, one: RecordFact) -> bool:
    """Whether the record's key tells what it is about, and not whose it is."""
    kind = lifecycle.records.get(one.kind)
    return kind is not None and kind.per is not Per.PERSON


def _record(
    one: RecordFact, caller: Caller, *, author: str | None, key: bool, late: bool | None
) -> documents.RecordDocument:
    return documents.RecordDocument(
        kind=one.kind,
        key=one.key if key else "",
        visit=one.visit,
        version=one.version,
        author=author,
        at=caller.at(one.at),
        late=late,
        data=dict(one.data),
    )
