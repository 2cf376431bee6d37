"""Guards over records: is a form there, filled in, with the values that are needed?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from states import wording
from states.blockers import Blocker, blocker
from states.guards.base import (
    BOOLEAN,
    NUMBER,
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
from states.sentences import Text
from states.snapshot import Needs, RecordFact
from states.visits import counting


def filled(data: Mapping[str, Any], field: str) -> bool:
    """Whether a field says something. `false` and 0 do; an empty text or list does not."""
    return data.get(field) not in (None, "", [], {})


def agrees(value: Any, allowed: Sequence[Any]) -> bool:
    """Whether a value, or every entry of a list that is not empty, is among the allowed ones."""
    if isinstance(value, list):
        return bool(value) and all(one in allowed for one in value)
    return value in allowed


def linked_records(question: Question, link: str, record: str) -> list[tuple[str, RecordFact]]:
    """The records of a kind that the items linked from this one hold, of their latest visits, each with its item."""
    found: dict[tuple[str, str], RecordFact] = {}
    for one in question.snapshot.links:
        if one.kind == link and one.outgoing:
            for fact in one.records:
                place = (one.other, fact.key)
                if fact.kind == record and (place not in found or fact.visit > found[place].visit):
                    found[place] = fact
    return [(number, fact) for (number, _), fact in found.items()]


def records_needed(params: Params) -> Needs:
    """The records that a guard with `record` and perhaps `of` reads."""
    kinds = frozenset({params["record"]})
    return Needs(links={params["of"]: kinds}) if "of" in params else Needs(records=kinds)


def woken_by_records(params: Params) -> frozenset[Wake]:
    return frozenset({Wake.LINK, Wake.LINKED_ITEM}) if "of" in params else frozenset({Wake.RECORD})


def _recorded(question: Question) -> Iterator[Blocker]:
    params, lifecycle = question.params, question.lifecycle
    if "of" in params:
        facts = [fact for _, fact in linked_records(question, params["of"], params["record"])]
    else:
        facts = counting(lifecycle.records[params["record"]], question.snapshot)
    if "key" in params:
        facts = [fact for fact in facts if fact.key == params["key"]]
    minimum = params.get("minimum", 1)
    right = sum(not any(_lacks(params, fact.data)) for fact in facts)
    if right >= minimum:
        return
    said = _said(question)
    if not facts and minimum == 1:
        yield blocker(
            "record_missing",
            "Es fehlt: {label}. Eintragen kann das: {who}.",
            "Missing: {label}. It can be entered by: {who}.",
            **said,
        )
    elif minimum > 1:
        yield blocker(
            "too_few_records",
            "{label}: vorhanden {right} von {minimum}. Eintragen kann das: {who}.",
            "{label}: {right} of {minimum} present. It can be entered by: {who}.",
            right=right,
            minimum=minimum,
            **said,
        )
    if facts and right == 0:
        # Of several that do not fit, the one that lacks the least is the shortest way on.
        yield from min((list(_reasons(question, fact.data, said)) for fact in facts), key=len)


def _lacks(params: Params, data: Mapping[str, Any]) -> Iterator[bool]:
    yield any(not filled(data, field) for field in params.get("fields", ()))
    if "any_of" in params:
        yield not any(filled(data, field) for field in params["any_of"])
    for field, allowed in params.get("values", {}).items():
        yield not agrees(data.get(field), allowed)
    for field, excluded in params.get("without", {}).items():
        yield _has(data.get(field), excluded)


def _has(value: Any, excluded: Sequence[Any]) -> bool:
    return any(one in excluded for one in value) if isinstance(value, list) else value in excluded


def _reasons(question: Question, data: Mapping[str, Any], said: dict[str, Any]) -> Iterator[Blocker]:
    params, lifecycle, kind = question.params, question.lifecycle, question.params["record"]
    missing = [field for field in params.get("fields", ()) if not filled(data, field)]
    if missing:
        yield blocker(
            "fields_missing",
            "Im Formular „{label}“ fehlt: {fields}. Ergänzen kann das: {who}.",
            "The form “{label}” lacks: {fields}. It can be completed by: {who}.",
            fields=wording.fields(lifecycle, kind, missing),
            **said,
        )
    alternatives = params.get("any_of", ())
    if alternatives and not any(filled(data, field) for field in alternatives):
        yield blocker(
            "one_field_missing",
            "Im Formular „{label}“ fehlt mindestens eine dieser Angaben: {fields}. Ergänzen kann das: {who}.",
            "The form “{label}” needs at least one of: {fields}. It can be completed by: {who}.",
            fields=wording.fields(lifecycle, kind, alternatives),
            **said,
        )
    for field, allowed in params.get("values", {}).items():
        if not agrees(data.get(field), allowed):
            yield differs(question, kind, field, allowed, said)
    for field, excluded in params.get("without", {}).items():
        if _has(data.get(field), excluded):
            yield blocker(
                "value_excluded",
                "Im Formular „{label}“ darf bei „{field}“ nicht {excluded} stehen. Ändern kann das: {who}.",
                "In the form “{label}”, “{field}” must not be {excluded}. It can be changed by: {who}.",
                field=wording.field(lifecycle, kind, field),
                excluded=wording.values(lifecycle, kind, field, excluded),
                **said,
            )


def differs(question: Question, kind: str, field: str, allowed: Sequence[Any], said: dict[str, Any]) -> Blocker:
    """The blocker for a field whose value is none of the allowed ones."""
    return blocker(
        "value_differs",
        "Im Formular „{label}“ muss bei „{field}“ {allowed} stehen. Ändern kann das: {who}.",
        "In the form “{label}”, “{field}” must be {allowed}. It can be changed by: {who}.",
        field=wording.field(question.lifecycle, kind, field),
        allowed=wording.values(question.lifecycle, kind, field, allowed),
        **said,
    )


def _said(question: Question) -> dict[str, Any]:
    """Which record, and who can write it. For a linked item's: the items, whose own people can."""
    params, snapshot, lifecycle = question.params, question.snapshot, question.lifecycle
    kind = params["record"]
    if "of" not in params:
        return {
            "label": wording.label(lifecycle, kind),
            "who": wording.writers(lifecycle, kind, snapshot.state),
            "record": kind,
        }
    link = lifecycle.links[params["of"]]
    others = [one.other for one in snapshot.links if one.kind == link.key and one.outgoing]
    if others:
        who = [Text(f"wer {number} bearbeitet", f"those who work on {number}") for number in others]
    else:
        who = wording.roles(lifecycle, link.write)
    label = Text(f"{kind} ({link.label.de})", f"{kind} ({link.label.en})")
    return {"label": label, "who": who, "record": kind, "link": link.key}


def _boxes_ticked(question: Question) -> Iterator[Blocker]:
    kind, boxes = question.params["record"], question.params["boxes"]
    facts = counting(question.lifecycle.records[kind], question.snapshot)
    open_boxes = [box for box in boxes if not all(fact.data.get(box) is True for fact in facts)]
    said = _said(question)
    if not facts:
        yield blocker(
            "record_missing",
            "Es fehlt: {label}. Eintragen kann das: {who}.",
            "Missing: {label}. It can be entered by: {who}.",
            **said,
        )
    elif open_boxes:
        yield blocker(
            "boxes_open",
            "Im Formular „{label}“ ist nicht bestätigt: {boxes}. Ändern kann das: {who}.",
            "In the form “{label}” this is not ticked: {boxes}. It can be changed by: {who}.",
            boxes=wording.fields(question.lifecycle, kind, open_boxes),
            **said,
        )


def _every_record(question: Question) -> Iterator[Blocker]:
    params, lifecycle, kind = question.params, question.lifecycle, question.params["record"]
    field, allowed = params["field"], params["among"]
    said = _said(question)
    for fact in counting(lifecycle.records[kind], question.snapshot):
        if not agrees(fact.data.get(field), allowed):
            yield blocker(
                "record_open",
                "{label} {key}: „{field}“ muss {allowed} sein. Ändern kann das: {who}.",
                "{label} {key}: “{field}” must be {allowed}. It can be changed by: {who}.",
                key=fact.key,
                field=wording.field(lifecycle, kind, field),
                allowed=wording.values(lifecycle, kind, field, allowed),
                **said,
            )
            continue
        also = params.get("with", {}).get(str(fact.data[field]), ())
        missing = [name for name in also if not filled(fact.data, name)]
        if missing:
            yield blocker(
                "record_incomplete",
                "{label} {key}: Es fehlt: {fields}. Ergänzen kann das: {who}.",
                "{label} {key} lacks: {fields}. It can be completed by: {who}.",
                key=fact.key,
                fields=wording.fields(lifecycle, kind, missing),
                **said,
            )


def _each_has(question: Question) -> Iterator[Blocker]:
    lifecycle, kind, wanted = question.lifecycle, question.params["record"], question.params["for"]
    there = {fact.key for fact in counting(lifecycle.records[kind], question.snapshot)}
    for fact in counting(lifecycle.records[wanted], question.snapshot):
        if fact.key not in there:
            yield blocker(
                "counterpart_missing",
                "Es fehlt: {label} zu {of} {key}. Eintragen kann das: {who}.",
                "Missing: {label} for {of} {key}. It can be entered by: {who}.",
                of=wording.label(lifecycle, wanted),
                key=fact.key,
                **_said(question),
            )


FORMS = (
    Guard(
        "recorded",
        "A record is there, with the fields filled in and the values that are needed.",
        parameters(
            ("record",),
            record=name_of("record"),
            fields=names_of("field"),
            any_of=names_of("field"),
            values=VALUES,
            without=VALUES,
            minimum=NUMBER,
            key={"type": "string"},
            of=name_of("link"),
        ),
        records_needed,
        woken_by_records,
        _recorded,
    ),
    Guard(
        "boxes_ticked",
        "There is a record, and in every one that counts all boxes are ticked.",
        parameters(("record", "boxes"), record=name_of("record"), boxes=names_of("field", **BOOLEAN)),
        records_needed,
        wakes(Wake.RECORD),
        _boxes_ticked,
    ),
    Guard(
        "every_record",
        "In every record of the kind the field has one of the values.",
        parameters(
            ("record", "field", "among"),
            record=name_of("record"),
            field=name_of("field"),
            among=values_of("field"),
            with_={"type": "object", "additionalProperties": names_of("field"), "minProperties": 1},
        ),
        records_needed,
        wakes(Wake.RECORD),
        _every_record,
    ),
    Guard(
        "each_has",
        "Every record of one kind has one of another kind under the same key.",
        parameters(("for", "record"), for_=name_of("record"), record=name_of("record")),
        lambda params: Needs(records=frozenset({params["for"], params["record"]})),
        wakes(Wake.RECORD),
        _each_has,
    ),
)
