"""One item as JSON, and as a page of text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ideenweg.cli.errors import blocker_json
from ideenweg.cli.output import iso, line, minute
from ideenweg.cli.session import Session
from ideenweg.cli.who import name
from states.lifecycle import Fire
from states.snapshot import RecordFact
from workflow.queries.detail import Clock, Detail, Next
from workflow.queries.past import Past


def as_document(detail: Detail, session: Session, now: datetime) -> dict[str, Any]:
    """The item as the one JSON document of the call."""
    item, lifecycle, zone = detail.item, detail.lifecycle, detail.programme.zone
    state = lifecycle.states[item.state]
    return {
        "item": {
            "number": item.number,
            "title": item.title,
            "lifecycle": item.lifecycle,
            "version": item.version,
            "state": item.state,
            "label": state.label[session.locale],
            "public": state.public[session.locale] if state.public else None,
            "stage": item.stage,
            "revision": item.revision,
            "visit": item.visit,
            "origin": item.origin,
            "released": bool(item.released),
            **{facet: list(detail.facets.get(facet, ())) for facet in ("cities", "fields", "provenance", "funding")},
            "entered_at": iso(item.entered_at, zone),
            "created_at": iso(item.created_at, zone),
        },
        "turn": [
            {"role": role, "people": [_person(detail, one) for one in people if one in detail.names]}
            for role, people in detail.turn
        ],
        "shares": [{"record": one.kind.key, "done": one.done, "of": one.of} for one in detail.shares],
        "deadlines": [_clock(one, detail, now) for one in detail.clocks],
        "transitions": [_step(one, session) for one in detail.steps],
        "records": [_record(one, detail) for one in detail.records],
        "links": [
            {
                "kind": one.kind,
                "outgoing": one.outgoing,
                "number": one.number,
                "title": one.title,
                "lifecycle": one.lifecycle,
                "state": one.state,
            }
            for one in detail.ties
        ],
        "people": [{"role": one.role, "unit": one.unit, **_person(detail, one.person)} for one in detail.assigned],
        "history": [_past(one, detail) for one in detail.history],
    }


def as_text(detail: Detail, session: Session, now: datetime) -> None:
    """The item as a page of text."""
    item, lifecycle, zone = detail.item, detail.lifecycle, detail.programme.zone
    state = lifecycle.states[item.state]
    line(f"{item.number}  {item.title}", style="bold")
    if state.public:
        line(state.public[session.locale])
    since = minute(item.entered_at, zone)
    stage = f", {lifecycle.stages[item.stage].label[session.locale]}" if item.stage else ""
    line()
    _pair(
        session.say("Zustand", "State"),
        f"{state.label[session.locale]} [{item.state}]{stage}",
        session.say(f"seit {since}", f"since {since}"),
    )
    for role, people in detail.turn:
        who = ", ".join(detail.names[one][0] for one in people if one in detail.names)
        _pair(session.say("Am Zug", "Turn"), lifecycle.roles[role].label[session.locale], who)
    for share in detail.shares:
        done = session.say(f"{share.done} von {share.of} erledigt", f"{share.done} of {share.of} done")
        _pair(share.kind.label[session.locale], done)
    for clock in detail.clocks:
        _pair(session.say("Frist", "Due"), *_due(clock, session, now))
    cities = [
        detail.programme.cities[key].label[session.locale]
        for key in detail.facets.get("cities", ())
        if key in detail.programme.cities
    ]
    if cities:
        _pair(session.say("Städte", "Cities"), ", ".join(cities))
    for one in detail.assigned:
        unit = f" ({one.unit})" if one.unit else ""
        _pair(lifecycle.roles[one.role].label[session.locale] + unit, name(detail.names, one.person, session))
    for tie in detail.ties:
        kind = lifecycle.links.get(tie.kind)
        label = (kind.label if tie.outgoing else kind.inverse)[session.locale] if kind else tie.kind
        _pair(label, f"{tie.number} {tie.title}", f"[{tie.state}]")
    _heading(session.say("Nächste Schritte", "Next steps"))
    for step in detail.steps:
        _show_step(step, session)
    _heading(session.say("Angaben", "Records"))
    for record in detail.records:
        _show_record(record, detail, session)
    _heading(session.say("Verlauf", "History"))
    for past in detail.history:
        _show_past(past, detail, session)


def _pair(label: str, *values: str) -> None:
    line(f"{label + ':':<14} {'  '.join(value for value in values if value)}")


def _heading(text: str) -> None:
    line()
    line(text, style="bold")


def _due(clock: Clock, session: Session, now: datetime) -> Iterator[str]:
    label = f"{clock.rule} {clock.key}".rstrip()
    if clock.status == "stopped":
        yield session.say("steht still", "stopped")
    elif clock.due is None:
        yield session.say("wartet auf ein Datum", "waits for a date")
    else:
        late = clock.due_at is not None and clock.due_at <= now
        yield f"{clock.due}" + (session.say(" (überfällig)", " (overdue)") if late else "")
    yield f"[{label}]"


def _show_step(step: Next, session: Session) -> None:
    move = step.transition
    label = f"{move.label[session.locale]} [{move.key}]"
    if step.plan is None:
        by_itself = move.fire is not Fire.PERSON and not move.roles
        line(f"  {label}" + (session.say(" – von selbst", " – by itself") if by_itself else ""))
    elif step.open:
        asked = {"reason": "--reason TEXT", "data": f"--data FILE ({move.form})"}
        needs = ", ".join(asked[one] for one in step.asks)
        line(f"  ✓ {label}" + (session.say(f" – dazu {needs}", f" – with {needs}") if needs else ""), style="green")
    else:
        line(f"  ✗ {label}")
        for one in step.plan.blockers:
            line(f"      {one.in_locale(session.locale)}")


def _show_record(record: RecordFact, detail: Detail, session: Session) -> None:
    kind = detail.lifecycle.records.get(record.kind)
    label = kind.label[session.locale] if kind else record.kind
    key = name(detail.names, record.key, session) if record.key in detail.names else record.key
    by = name(detail.names, record.author, session) if detail.view.knows(record.author) else ""
    late = session.say("nach Ablauf der Frist", "after its deadline") if _late(record, detail) else ""
    told = [minute(record.at, detail.programme.zone), by, f"Version {record.version}", late]
    line(f"  {label} [{record.kind}{' ' + key if key else ''}]  {', '.join(one for one in told if one)}")
    for field, value in record.data.items():
        known = kind.fields.get(field) if kind else None
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        line(f"    {known.label[session.locale] if known else field}: {text}")


def _show_past(past: Past, detail: Detail, session: Session) -> None:
    move = detail.lifecycle.transitions.get(past.transition or "")
    state = detail.lifecycle.states.get(past.target or "")
    what = move.label[session.locale] if move else past.kind
    about = past.details.get("record") or past.details.get("link") or past.details.get("role")
    told = [
        minute(past.at, detail.programme.zone),
        what + (f" {about}" if about else "") + (f" -> {state.label[session.locale]}" if state else ""),
        _by(past, detail, session),
    ]
    line(f"  {past.seq:>3}  " + "  ".join(one for one in told if one))
    if past.text:
        line(f"       „{past.text}“" if session.locale == "de" else f"       “{past.text}”")


def _by(past: Past, detail: Detail, session: Session) -> str:
    if not detail.view.knows(past.actor):
        return ""
    actor = name(detail.names, past.actor, session)
    if past.on_behalf_of is None or not detail.view.knows(past.on_behalf_of):
        return actor
    represented = name(detail.names, past.on_behalf_of, session)
    return session.say(f"{actor} für {represented}", f"{actor} for {represented}")


def _person(detail: Detail, person: str) -> dict[str, Any]:
    called = detail.names.get(person)
    return {"person": person, "name": called[0] if called else None, "email": called[1] if called else None}


def _clock(clock: Clock, detail: Detail, now: datetime) -> dict[str, Any]:
    return {
        "rule": clock.rule,
        "key": clock.key,
        "status": clock.status,
        "due": clock.due.isoformat() if clock.due else None,
        "ends_at": iso(clock.due_at, detail.programme.zone) if clock.due_at else None,
        "overdue": clock.status == "running" and clock.due_at is not None and clock.due_at <= now,
        "left": clock.left,
        "responsible": clock.responsible,
    }


def _step(step: Next, session: Session) -> dict[str, Any]:
    move, plan = step.transition, step.plan
    told: dict[str, Any] = {
        "transition": move.key,
        "label": move.label[session.locale],
        "to": [way.state for way in move.ways],
        "fire": move.fire.value,
        "roles": list(move.roles),
        "reason": move.reason.value,
        "form": move.form,
    }
    if plan is not None:
        told |= {
            "allowed": plan.allowed,
            "asks": list(step.asks) if step.open else [],
            "blockers": [blocker_json(one, session) for one in plan.blockers],
        }
    return told


def _late(record: RecordFact, detail: Detail) -> bool:
    """Whether it was first handed in after its deadline: it counts as any other."""
    return (record.kind, record.key, record.visit) in detail.late


def _record(record: RecordFact, detail: Detail) -> dict[str, Any]:
    knows = detail.view.knows(record.author)
    return {
        "kind": record.kind,
        "key": record.key,
        "visit": record.visit,
        "version": record.version,
        "author": record.author if knows else None,
        "at": iso(record.at, detail.programme.zone),
        "late": _late(record, detail),
        "data": dict(record.data),
    }


def _past(past: Past, detail: Detail) -> dict[str, Any]:
    zone, view = detail.programme.zone, detail.view
    return {
        "seq": past.seq,
        "kind": past.kind,
        "transition": past.transition,
        "from": past.source,
        "to": past.target,
        "actor": past.actor if view.knows(past.actor) else None,
        "on_behalf_of": past.on_behalf_of if past.on_behalf_of and view.knows(past.on_behalf_of) else None,
        "via": past.via,
        "account": past.account,
        "at": iso(past.at, zone),
        "recorded_at": iso(past.recorded_at, zone),
        "text": past.text,
        "details": dict(past.details),
    }
