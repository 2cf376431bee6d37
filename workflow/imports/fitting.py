"""Holds a mapping file against what it maps: the columns of the table, the lifecycle, the programme.

Every name that does not exist and every value that no field takes is a fault with its place in the mapping file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from states.document import Path
from states.errors import nearest
from states.faults import Fault
from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import Per, RecordKind
from states.sentences import Sentence
from workflow.imports.forms import sheet_kind
from workflow.imports.mapping import Activity, Form, MappingFile
from workflow.imports.rules import Rule, Unfit
from workflow.imports.tables import Table
from workflow.imports.values import entry, fit

OF_PERSONS = Sentence(
    "Wer es sagt, schreibt es: Lassen Sie die Leute selbst schreiben, oder importieren Sie ein Protokoll.",
    "Its author says it: let the people write it themselves, or import a log.",
)


PER = {
    Per.ITEM: Sentence("Vorgang", "item"),
    Per.PERSON: Sentence("Person", "person"),
    Per.BODY: Sentence("Gremium", "body"),
    Per.UNIT: Sentence("Stelle", "unit"),
    Per.CITY: Sentence("Stadt", "city"),
    Per.KEY: Sentence("Schlüssel", "key"),
}
"""What there is one record of a kind for."""


def faults_of(mapping: MappingFile, table: Table, lifecycle: Lifecycle, programme: Programme) -> list[Fault]:
    """Everything in the mapping file that does not fit this table, lifecycle and programme."""
    checks = _Checks(lifecycle, programme)
    return [
        *_columns(mapping, table),
        *checks.sheet(mapping),
        *checks.entry(mapping),
        *(fault for form in mapping.records for fault in checks.form(form)),
        *(fault for role in mapping.people for fault in checks.role(role, ("people", role))),
        *(fault for one in (mapping.log.activities.values() if mapping.log else ()) for fault in checks.activity(one)),
    ]


def unmapped(mapping: MappingFile, table: Table) -> tuple[str, ...]:
    """The columns of the table that the mapping neither uses nor leaves out on purpose."""
    spoken_of = {column for column, _ in mapping.columns}
    return tuple(column for column in table.columns if column not in spoken_of)


def _columns(mapping: MappingFile, table: Table) -> Iterator[Fault]:
    for column, path in mapping.columns:
        if column not in table.columns:
            message = Sentence(f"Die Tabelle hat keine Spalte „{column}“.", f"The table has no column {column!r}.")
            yield Fault("unknown-column", path, message, nearest(column, table.columns), value=True)


class _Checks:
    def __init__(self, lifecycle: Lifecycle, programme: Programme) -> None:
        self.lifecycle = lifecycle
        self.programme = programme
        self.states = {key: (state.label.de, state.label.en) for key, state in lifecycle.states.items()}

    def sheet(self, mapping: MappingFile) -> Iterator[Fault]:
        kind = sheet_kind(self.lifecycle)
        if "title" in mapping.fields:
            message = Sentence("Der Titel hat eigene Regeln.", "The title has rules of its own.")
            hint = Sentence("Setzen Sie sie unter `title:`.", "Put them under `title:`.")
            yield Fault("value", ("fields", "title"), message, hint)
        yield from self._fields(mapping.fields, kind, ("fields",), given={"title", mapping.notes or "title"})
        if mapping.notes is not None and mapping.notes not in kind.fields:
            yield self._unknown_field(mapping.notes, kind, ("notes",))._replace(value=True)
        elif mapping.notes is not None and kind.fields[mapping.notes].schema.get("type") != "string":
            message = Sentence(
                f"Das Feld „{mapping.notes}“ nimmt keinen Text.", f"The field {mapping.notes!r} takes no text."
            )
            hint = Sentence("Nennen Sie eins, das es tut.", "Name one that does.")
            yield Fault("value", ("notes",), message, hint, value=True)

    def entry(self, mapping: MappingFile) -> Iterator[Fault]:
        if mapping.entry is None:
            return
        for rule in (mapping.entry.to, mapping.entry.origin):
            for value, path in rule.own_values() if rule else ():
                try:
                    entry(str(value), self.states, "state")
                except Unfit as error:
                    yield Fault("unknown-state", path, error.message, error.remedy, value=True)

    def form(self, form: Form) -> Iterator[Fault]:
        kind = self.lifecycle.records.get(form.record)
        if kind is None:
            hint = nearest(form.record, list(self.lifecycle.records))
            message = Sentence(
                f"Die Formularart „{form.record}“ gibt es nicht.", f"There is no record kind {form.record!r}."
            )
            yield Fault("unknown-record", (*form.path, "record"), message, hint, value=True)
            return
        if kind.key == self.lifecycle.sheet:
            message = Sentence(f"„{kind.key}“ ist der Steckbrief.", f"{kind.key!r} is the sheet.")
            fill_hint = Sentence("Füllen Sie ihn unter `fields:`.", "Fill it under `fields:`.")
            yield Fault("value", (*form.path, "record"), message, fill_hint, value=True)
        if kind.per is Per.PERSON and form.path[0] == "records":
            message = Sentence(
                f"„{kind.key}“ schreibt jede Person für sich.", f"Each person writes {kind.key!r} for themselves."
            )
            yield Fault("value", (*form.path, "record"), message, OF_PERSONS, value=True)
        keyed = kind.per not in (Per.ITEM, Per.PERSON)
        if keyed and form.key is None:
            message = Sentence(
                f"„{kind.key}“ gibt es je {PER[kind.per].de} einmal, braucht also einen Schlüssel.",
                f"There is one {kind.key!r} for each {PER[kind.per]}, so it needs a key.",
            )
            key_hint = Sentence("Ergänzen Sie `key:` mit einer Regel.", "Add `key:` with a rule.")
            yield Fault("missing-key", form.path, message, key_hint)
        if not keyed and form.key is not None:
            message = Sentence(
                f"„{kind.key}“ hat keinen Schlüssel: Es gibt eins je {PER[kind.per].de}.",
                f"{kind.key!r} has no key: there is one for each {PER[kind.per]}.",
            )
            yield Fault("value", (*form.path, "key"), message, Sentence("Lassen Sie ihn weg.", "Leave it out."))
        yield from self._fields(form.fields, kind, (*form.path, "fields"))
        if form.key is not None and keyed:
            yield from self._values(form.key, key_schema(kind))

    def role(self, role: str, path: Path) -> Iterator[Fault]:
        if role not in self.lifecycle.roles:
            message = Sentence(f"Die Rolle „{role}“ gibt es nicht.", f"There is no role {role!r}.")
            yield Fault("unknown-role", path, message, nearest(role, list(self.lifecycle.roles)))

    def activity(self, activity: Activity) -> Iterator[Fault]:
        if activity.form is not None:
            yield from self.form(activity.form)
        if activity.assign is not None:
            yield from (one._replace(value=True) for one in self.role(activity.assign, (*activity.path, "assign")))
        if activity.transition is None:
            return
        transition = self.lifecycle.transitions.get(activity.transition)
        if transition is None:
            hint = nearest(activity.transition, list(self.lifecycle.transitions))
            message = Sentence(
                f"Den Übergang „{activity.transition}“ gibt es nicht.",
                f"There is no transition {activity.transition!r}.",
            )
            yield Fault("unknown-transition", activity.path, message, hint, value=True)
        elif activity.fields is not None and transition.form is None:
            message = Sentence(
                f"Der Übergang „{transition.key}“ hat kein Formular.", f"The transition {transition.key!r} has no form."
            )
            out = Sentence("Lassen Sie die Felder weg.", "Leave the fields out.")
            yield Fault("value", (*activity.path, "fields"), message, out)
        elif activity.fields is not None and transition.form is not None:
            kind = self.lifecycle.records[transition.form]
            yield from self._fields(activity.fields, kind, (*activity.path, "fields"))

    def _fields(
        self, rules: Mapping[str, Rule], kind: RecordKind, path: Path, *, given: Iterable[str] = ()
    ) -> Iterator[Fault]:
        for name, rule in rules.items():
            if name not in kind.fields:
                yield self._unknown_field(name, kind, (*path, name))
            else:
                yield from self._values(rule, kind.fields[name].schema)
        for name, field in kind.fields.items():
            if field.required and name not in rules and name not in given:
                message = Sentence(
                    f"Das Feld „{name}“ von „{kind.key}“ ist Pflicht.",
                    f"The field {name!r} of {kind.key!r} must be filled.",
                )
                hint = Sentence(f"Ergänzen Sie `{name}:` mit einer Regel.", f"Add `{name}:` with a rule.")
                yield Fault("missing-key", path, message, hint)

    def _unknown_field(self, name: str, kind: RecordKind, path: Path) -> Fault:
        message = Sentence(f"„{kind.key}“ hat kein Feld „{name}“.", f"{kind.key!r} has no field {name!r}.")
        return Fault("unknown-field", path, message, nearest(name, list(kind.fields)))

    def _values(self, rule: Rule, schema: Mapping[str, object]) -> Iterator[Fault]:
        """The values that the mapping file itself gives to a field, held to what the field takes."""
        for value, path in rule.own_values():
            several = isinstance(value, list) and schema.get("type") == "array"
            for one, at in ((part, (*path, at)) for at, part in enumerate(value)) if several else ((value, path),):
                try:
                    fit(one, _one(schema), self.programme)
                except Unfit as error:
                    yield Fault("unknown-value", at, error.message, error.remedy, value=True)


def key_schema(kind: RecordKind) -> dict[str, object]:
    """What the key of a record is, in the words of a field."""
    formats = {Per.BODY: "body", Per.UNIT: "office", Per.CITY: "city"}
    return {"type": "string", "format": formats[kind.per]} if kind.per in formats else {"type": "string"}


def _one(schema: Mapping[str, object]) -> Mapping[str, object]:
    """A list field takes a single value as a list of one."""
    items = schema.get("items")
    return items if schema.get("type") == "array" and isinstance(items, Mapping) else schema
