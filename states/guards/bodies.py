"""Guards over the bodies and units of a programme: has every one that is concerned said what is needed?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from states import wording
from states.blockers import Blocker, blocker
from states.guards.base import (
    VALUES,
    Guard,
    Params,
    Question,
    Wake,
    name_of,
    names_of,
    parameters,
    values_of,
    wakes,
)
from states.guards.forms import agrees, records_needed
from states.lifecycle import GuardUse, Lifecycle
from states.programme import Body, Office
from states.roles import concerned_cities, concerns
from states.sentences import Text
from states.snapshot import Needs, Request, Snapshot
from states.visits import counting

NAMED_IN = parameters(
    ("record", "field"),
    record=name_of("record"),
    field=name_of("field"),
    entry=name_of("entry"),
    where={**VALUES, "propertyNames": {"x-names": "entry"}},
)
"""A list field of a record, whose entries are keys or (`entry`) hold one; `where`: only entries with these values."""


def named(question: Question, source: Mapping[str, Any]) -> list[str]:
    """The keys that a record names in a list field, in its order; [] where there is no such record."""
    found: dict[str, None] = {}
    for fact in counting(question.lifecycle.records[source["record"]], question.snapshot):
        for one in fact.data.get(source["field"]) or ():
            if all(one.get(field) in allowed for field, allowed in source.get("where", {}).items()):
                key = one.get(source["entry"]) if "entry" in source else one
                if key is not None:
                    found[key] = None
    return list(found)


def required_voices(lifecycle: Lifecycle, snapshot: Snapshot, per: str) -> list[str] | None:
    """The bodies or units (`per`) whose records the moves that leave the item's state ask for; None: they name none."""
    listed, guard = {"body": ("bodies", "every_body"), "unit": ("units", "every_unit")}[per]
    uses = [use for move in lifecycle.leaving[snapshot.state] for use in move.guards if use.name == guard]
    found: dict[str, None] = {}
    for use in uses:
        found |= dict.fromkeys(use.params.get(listed, ()))
        if "named_in" in use.params:
            question = Question(use.params, snapshot, Request(""), snapshot.entered_at, lifecycle)
            found |= dict.fromkeys(named(question, use.params["named_in"]))
    return list(found) if uses else None


def voices_needed(uses: Iterable[GuardUse]) -> Needs:
    """The facts that `required_voices` reads for these guards of a move."""
    found = Needs()
    for use in uses:
        if use.name in ("every_body", "every_unit") and "named_in" in use.params:
            found |= records_needed(use.params["named_in"])
    return found


def _every(question: Question, keys: Iterable[str], known: Mapping[str, Body | Office]) -> Iterator[Blocker]:
    """For each of these bodies or units that the item concerns: what its record lacks."""
    params, snapshot, lifecycle = question.params, question.snapshot, question.lifecycle
    kind, field, allowed = params["record"], params["field"], params["among"]
    facts = {fact.key: fact for fact in counting(lifecycle.records[kind], snapshot)}
    for key in dict.fromkeys(keys):
        if not concerns(snapshot, known, key):
            continue
        fact = facts.get(key)
        if fact is not None and agrees(fact.data.get(field), allowed):
            continue
        said = {
            "label": wording.label(lifecycle, kind),
            "of": known[key].label,
            "who": wording.writers(lifecycle, kind, snapshot.state),
            "record": kind,
            "key": key,
        }
        if fact is None:
            yield blocker(
                "voice_missing",
                "Es fehlt: {label} – {of}. Eintragen kann das: {who} ({of}).",
                "Missing: {label} – {of}. It can be entered by: {who} ({of}).",
                **said,
            )
        else:
            yield blocker(
                "voice_differs",
                "{label} – {of}: nötig ist {allowed}. Neu eintragen kann das: {who} ({of}).",
                "{label} – {of}: needed is {allowed}. It can be entered anew by: {who} ({of}).",
                allowed=wording.values(lifecycle, kind, field, allowed),
                **said,
            )


def _every_body(question: Question) -> Iterator[Blocker]:
    params, bodies = question.params, question.snapshot.programme.bodies
    keys = list(params.get("bodies", ()))
    if "named_in" in params:
        keys += named(question, params["named_in"])
        if not any(concerns(question.snapshot, bodies, key) for key in keys):
            yield _nobody_named(question, params["named_in"])
    yield from _every(question, keys, bodies)


def _every_unit(question: Question) -> Iterator[Blocker]:
    params = question.params
    keys = [*params.get("units", ()), *(named(question, params["named_in"]) if "named_in" in params else ())]
    yield from _every(question, keys, question.snapshot.programme.offices)


def _route_complete(question: Question) -> Iterator[Blocker]:
    snapshot, source = question.snapshot, question.params
    bodies = snapshot.programme.bodies
    keys = [key for key in named(question, source) if concerns(snapshot, bodies, key)]
    if not keys:
        yield _nobody_named(question, source)
        return
    heard = {bodies[key].city for key in keys}
    for city in concerned_cities(snapshot):
        if city not in heard and any(body.city == city for body in bodies.values()):
            yield _nobody_named(question, source, snapshot.programme.cities[city].label)


def _nobody_named(question: Question, source: Mapping[str, Any], city: Text | None = None) -> Blocker:
    lifecycle, kind = question.lifecycle, source["record"]
    said = {
        "label": wording.label(lifecycle, kind),
        "field": wording.field(lifecycle, kind, source["field"]),
        "who": wording.writers(lifecycle, kind, question.snapshot.state),
        "record": kind,
    }
    if city is None:
        return blocker(
            "nobody_named",
            "Im Formular „{label}“ fehlt bei „{field}“ ein Gremium, auf das es ankommt. Ergänzen kann das: {who}.",
            "In the form “{label}”, “{field}” lacks a body whose word counts. It can be completed by: {who}.",
            **said,
        )
    return blocker(
        "nobody_named",
        "Im Formular „{label}“ fehlt bei „{field}“ ein Gremium ({city}), auf das es ankommt. Ergänzen kann das: {who}.",
        "In the form “{label}”, “{field}” lacks a body ({city}) whose word counts. It can be completed by: {who}.",
        city=city,
        **said,
    )


def _needs(params: Params) -> Needs:
    named_in = params.get("named_in")
    return records_needed(params) | (records_needed(named_in) if named_in else Needs())


def _voices(listed: str, what: str) -> dict[str, Any]:
    schema = parameters(
        ("record", "field", "among"),
        record=name_of("record"),
        field=name_of("field"),
        among=values_of("field"),
        named_in=NAMED_IN,
        **{listed: names_of(what)},
    )
    return {**schema, "anyOf": [{"required": [listed]}, {"required": ["named_in"]}]}


BODIES = (
    Guard(
        "every_body",
        "Every body that is named and concerned has a record in which the field has one of the values.",
        _voices("bodies", "body"),
        _needs,
        wakes(Wake.RECORD),
        _every_body,
    ),
    Guard(
        "every_unit",
        "Every unit that is named and concerned has a record in which the field has one of the values.",
        _voices("units", "unit"),
        _needs,
        wakes(Wake.RECORD),
        _every_unit,
    ),
    Guard(
        "route_complete",
        "A record names such a body for every city that the item concerns.",
        NAMED_IN,
        records_needed,
        wakes(Wake.RECORD),
        _route_complete,
    ),
)
