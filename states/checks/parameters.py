"""Do the parameters of guards name what there is, and can a record ever satisfy them?

What a parameter names is told by the guard's schema (`Guard`), so guards of plug-ins are checked alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from states.checks.graph import MOVES
from states.checks.names import date_field, record_key, unknown
from states.checks.subject import Subject, fault, meant, value_fault
from states.document import Path
from states.errors import nearest
from states.faults import Fault
from states.lifecycle import Fire
from states.record_kinds import Per, RecordKind
from states.schema.breaks import Validator
from states.sentences import Sentence
from states.uses import Parameter, Schema, Used
from states.validation import VOCABULARIES


def parameters(subject: Subject) -> Iterator[Fault]:
    """Names and values in guards that there are not, and guards that can never hold."""
    for used in subject.used:
        yield from _without_person(subject, used)
        yield from named(subject, used)
        yield from _possible(subject, used)


def named(subject: Subject, used: Used) -> Iterator[Fault]:
    """Names and values in a guard's parameters that there are not, wherever the guard stands."""
    for one in used.parameters():
        for wrong in _names(subject, one):
            yield wrong._replace(value=not one.is_key)
        yield from _values(subject, one)


def _names(subject: Subject, one: Parameter) -> Iterator[Fault]:
    what = one.schema.get("x-names")
    if what is None or not isinstance(one.value, str):
        return
    lifecycle, name, path = subject.lifecycle, one.value, one.path
    foreign = "of" in one.beside and not one.schema.get("x-here")
    if what in ("record", "field", "entry", "record.field") and foreign:
        return
    match what:
        case "record.field":
            record, _, field = name.partition(".")
            kind = lifecycle.records.get(record)
            if kind is None:
                yield unknown("record", record, path, lifecycle.records)
            else:
                yield from date_field(kind, field, path)
        case "field" | "entry":
            fields = _fields(subject, one.beside, what)
            if fields is not None and name not in fields:
                yield unknown("field", name, path, fields)
            elif fields is not None and fields[name].get("type") != one.schema.get("x-type", fields[name].get("type")):
                message = Sentence(
                    f"Das Feld „{name}“ ist nicht vom Typ {one.schema['x-type']}; das kann nie zutreffen.",
                    f"Field {name!r} is no {one.schema['x-type']}, so this can never hold.",
                )
                yield value_fault(
                    "impossible-guard",
                    path,
                    message,
                    Sentence(
                        f"Nennen Sie ein Feld mit `type: {one.schema['x-type']}`.",
                        f"Name a field of `type: {one.schema['x-type']}`.",
                    ),
                )
        case "role" if name in lifecycle.roles:
            yield from _assignable(subject, name, path)
        case _:
            known = _known(subject, what)
            if known is not None and name not in known:
                yield unknown(what, name, path, known)


def _known(subject: Subject, what: str) -> Mapping[str, Any] | None:
    """The names that there are; None where they are not to be looked up."""
    lifecycle, programme = subject.lifecycle, subject.programme
    known: dict[str, Mapping[str, Any] | None] = {
        "record": lifecycle.records,
        "role": lifecycle.roles,
        "state": lifecycle.states,
        "transition": lifecycle.transitions,
        "link": lifecycle.links,
        "body": programme.bodies if programme else None,
        "unit": programme.offices if programme else None,
        "city": programme.cities if programme else None,
    }
    return known.get(what)


def _fields(subject: Subject, beside: Mapping[str, Any], what: str) -> dict[str, Schema] | None:
    """The schemas by name of what a `field` or `entry` may name; None where that is unknown, and told already."""
    kind = subject.lifecycle.records.get(beside.get("record", ""))
    if kind is None:
        return None
    schemas: dict[str, Schema] = {key: field.schema for key, field in kind.fields.items()}
    if what == "field":
        return schemas
    listed = schemas.get(beside.get("field", ""))
    return None if listed is None else dict(listed.get("items", {}).get("properties", {}))


def _values(subject: Subject, one: Parameter) -> Iterator[Fault]:
    field = one.schema.get("x-values")
    if field is None or not isinstance(one.value, (list, tuple)) or "of" in one.beside:
        return
    name = one.key if field == "key" else one.beside.get(field)
    fields = _fields(subject, one.beside, one.named if field == "key" else "field")
    schema = fields.get(name) if fields is not None and isinstance(name, str) else None
    if schema is None:
        return
    entry = schema.get("items", {}) if schema.get("type") == "array" else schema
    for at, value in enumerate(one.value):
        if not _fits(subject, entry, value):
            message = Sentence(
                f"Das Feld „{name}“ kann nie den Wert „{value}“ haben.",
                f"Field {name!r} can never have the value {value!r}.",
            )
            known = [str(one) for one in entry.get("enum", _vocabulary(subject, entry))]
            hint = (
                nearest(str(value), known)
                if known
                else Sentence(
                    f"Es nimmt einen Wert vom Typ {entry.get('type')}.",
                    f"It takes a value of type {entry.get('type')}.",
                )
            )
            yield value_fault("impossible-guard", (*one.path, at), message, hint)


def _fits(subject: Subject, schema: Schema, value: Any) -> bool:
    vocabulary = _vocabulary(subject, schema)
    return Validator(schema).is_valid(value) and (not vocabulary or value in vocabulary)


def _vocabulary(subject: Subject, schema: Schema) -> list[str]:
    """The keys of the programme that a value may be; [] where it names none, or no programme is known."""
    name, programme = schema.get("format"), subject.programme
    if programme is None:
        return []
    if name == "city_or_unknown":
        return [*programme.cities, "unknown"]
    return list(programme.vocabulary(name)) if name in VOCABULARIES else []


def _assignable(subject: Subject, name: str, path: Path) -> Iterator[Fault]:
    role = subject.lifecycle.roles[name]
    if not role.assign and name != subject.lifecycle.created_by:
        message = Sentence(
            f"Niemand wird je als „{name}“ bestimmt; dieser Guard sieht also niemanden.",
            f"Nobody is ever assigned as {name!r}, so this guard looks at nobody.",
        )
        yield value_fault(
            "impossible-guard",
            path,
            message,
            Sentence(
                f"Sagen Sie in `assign:` der Rolle „{name}“, wer sie vergibt.",
                f"Say in `assign:` of role {name!r} who assigns it.",
            ),
        )


def _without_person(subject: Subject, used: Used) -> Iterator[Fault]:
    move = subject.lifecycle.transitions[used.transition]
    if used.use.guard.person and move.fire is not Fire.PERSON:
        message = Sentence(
            f"Der Guard „{used.use.name}“ sieht auf die handelnde Person; „{move.key}“ löst aber keine aus.",
            f"Guard {used.use.name!r} looks at who acts, but nobody does: transition {move.key!r} fires by itself.",
        )
        yield fault(
            "guard-without-person",
            used.path,
            message,
            Sentence(
                "Streichen Sie den Guard, oder lassen Sie eine Person auslösen.",
                "Delete the guard, or let a person fire it.",
            ),
        )


def _possible(subject: Subject, used: Used) -> Iterator[Fault]:
    if subject.lost(*MOVES, "tags", "pauses"):
        return
    for one in used.parameters():
        kind = _kind(subject, one)
        if kind is None or subject.lost_in("records", kind.key):
            continue
        yield from _in_time(subject, used, kind, one.path)
        if one.key == "record":
            yield from _enough(subject, one.beside, kind, one.path[:-1])


def _kind(subject: Subject, one: Parameter) -> RecordKind | None:
    """The record kind of this lifecycle that a parameter names."""
    what = one.schema.get("x-names")
    if what not in ("record", "record.field") or not isinstance(one.value, str):
        return None
    if "of" in one.beside and not one.schema.get("x-here"):
        return None
    return subject.lifecycle.records.get(one.value.partition(".")[0])


def _in_time(subject: Subject, used: Used, kind: RecordKind, path: Path) -> Iterator[Fault]:
    """Whether a record of the kind can be there when an item leaves any of the transition's states."""
    move = subject.lifecycle.transitions[used.transition]
    states = subject.lifecycle.states
    sources = [key for key in move.sources if key in states]
    if kind.key in (move.form, subject.lifecycle.sheet) or not sources:
        return
    writable = subject.writable(kind.key)
    for source in sources:
        if source in {meant(key, states) for key in kind.visit}:
            # Only a record of the present visit counts: written here, or while the item waits in a pause.
            during = {source, *(key for key in subject.following[source] if states[key].pauses)}
        else:
            during = set(subject.preceding[source])
        if during & writable:
            return
    places, before = ", ".join(sorted(writable)), ", ".join(sources)
    message = Sentence(
        f"„{kind.key}“ kann nicht da sein, wenn „{move.key}“ ausgelöst werden soll: "
        + (f"Geschrieben wird es nur in {places}." if writable else "Es lässt sich nirgends schreiben."),
        f"No record {kind.key!r} can be there when {move.key!r} is to be fired: "
        + (f"it is written in {places} alone." if writable else "it can be written nowhere."),
    )
    hint = Sentence(
        f"Lassen Sie es in oder vor {before} schreiben (`while:`, `visit:`), oder nennen Sie eine andere Art.",
        f"Let it be written in or before {before} (`while:`, `visit:`), or name another record kind.",
    )
    yield value_fault("impossible-guard", path, message, hint)


def _enough(subject: Subject, beside: Mapping[str, Any], kind: RecordKind, path: Path) -> Iterator[Fault]:
    """Whether there can be as many records as `minimum` asks for."""
    key, minimum = beside.get("key"), beside.get("minimum")
    if isinstance(key, str):
        yield from record_key(kind, key, (*path, "key"), subject.programme)
    if not isinstance(minimum, int):
        return
    programme = subject.programme
    most: int | None = None
    if kind.per is Per.ITEM or key is not None:
        most = 1
    elif programme is not None:
        most = {Per.CITY: len(programme.cities), Per.BODY: len(programme.bodies), Per.UNIT: len(programme.offices)}.get(
            kind.per
        )
    if most is not None and minimum > most:
        message = Sentence(
            f"{minimum} mal „{kind.key}“ kann es nie geben: Ein Vorgang hat höchstens {most}.",
            f"There can never be {minimum} records {kind.key!r}: an item has at most {most}.",
        )
        hint = Sentence(
            "Verlangen Sie weniger, oder geben Sie der Art `per: person`, `unit`, `body`, `city` oder `key`.",
            "Ask for fewer, or let the kind be `per: person`, `unit`, `body`, `city` or `key`.",
        )
        yield value_fault("impossible-guard", (*path, "minimum"), message, hint)
