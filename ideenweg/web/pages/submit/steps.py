"""The steps of the submission form, as the lifecycle file names them; what was typed, as data. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ideenweg.web.forms import Form
from ideenweg.web.record_forms.boxes import Box, Forms
from ideenweg.web.record_forms.typed import data_of, name_of
from states import machine
from states.blockers import Blocker
from states.lifecycle import Lifecycle
from states.permissions import plan_create
from states.programme import Programme
from states.record_kinds import RecordKind
from states.sentences import Text
from states.snapshot import AssignmentFact, Person, RecordFact, Request, Snapshot
from states.submission import Part, SubmissionStep
from states.validation import checked
from states.visits import visit_of

NOBODY_YET = "p-draft"
"""Stands for whoever hands in, before they are known."""

WHOLE = "details"
"""The key of the one step of a lifecycle that names none."""

Typed = Mapping[str, Mapping[str, Sequence[str]]]
"""Record kind -> name of a box -> what was typed there."""


@dataclass(frozen=True, slots=True)
class Step:
    """A page of the form. kinds: the sheet and another record, each with those of its fields that are asked here.

    label: None where the file names no such step, and the pages have words of their own.
    """

    key: str
    label: Text | None = None
    hint: Text | None = None
    kinds: tuple[RecordKind, ...] = ()
    asks: Part | None = None


@dataclass(frozen=True, slots=True)
class Typing:
    """What was typed so far. spoken: the language in which numbers were written."""

    spoken: str
    fields: Typed = field(default_factory=dict)
    contact: Mapping[str, str] = field(default_factory=dict)
    agreed: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any], locale: str) -> Typing:
        """What a draft keeps; an empty one speaks `locale`."""
        return cls(
            data.get("spoken", locale), data.get("fields", {}), data.get("contact", {}), tuple(data.get("agreed", ()))
        )

    def kept(self) -> dict[str, Any]:
        """What a draft keeps of it."""
        return {
            "spoken": self.spoken,
            "fields": {
                kind: {name: list(values) for name, values in some.items()} for kind, some in self.fields.items()
            },
            "contact": dict(self.contact),
            "agreed": list(self.agreed),
        }

    def data(self, kind: RecordKind) -> dict[str, Any]:
        """What was typed of the kind, as its data."""
        return data_of(kind, self.fields.get(kind.key, {}), self.spoken)


def steps_of(lifecycle: Lifecycle) -> tuple[Step, ...]:
    """The steps in their order. Contact and terms are always asked, at the end where the file does not say when."""
    if lifecycle.submission is None:
        sheet = sheet_of(lifecycle)
        found = [Step(WHOLE, sheet.label, kinds=(sheet,))]
    else:
        found = [_step(lifecycle, one) for one in lifecycle.submission.steps]
    asked = {step.asks for step in found}
    return (*found, *(Step(part.value, asks=part) for part in (Part.CONTACT, Part.TERMS) if part not in asked))


def sheet_of(lifecycle: Lifecycle) -> RecordKind:
    """The record kind that an item begins with."""
    return lifecycle.records[lifecycle.sheet or "sheet"]


def others_of(lifecycle: Lifecycle) -> Iterator[RecordKind]:
    """The other record kinds that the form fills in."""
    for step in lifecycle.submission.steps if lifecycle.submission else ():
        if step.record is not None:
            yield lifecycle.records[step.record]


def _step(lifecycle: Lifecycle, told: SubmissionStep) -> Step:
    sheet = sheet_of(lifecycle)
    kinds = [narrowed(sheet, told.fields)] if told.fields else []
    if told.record:
        kinds.append(lifecycle.records[told.record])
    return Step(told.key, told.label, told.hint, tuple(kinds), told.asks)


def narrowed(kind: RecordKind, names: Sequence[str]) -> RecordKind:
    """The kind with these fields alone, in this order."""
    return replace(kind, fields={name: kind.fields[name] for name in names})


# --- what a page sends ------------------------------------------------------------------------------------------------


def sent(step: Step, form: Form, before: Typing, locale: str) -> Typing:
    """What was typed before, with what the form of this step sends in place of what it asks for."""
    fields = {kind: dict(typed) for kind, typed in before.fields.items()}
    for kind in step.kinds:
        own = tuple(name_of(key) for key in kind.fields)
        kept = {name: values for name, values in fields.get(kind.key, {}).items() if not _within(name, own)}
        marks = f"{kind.key}:"
        typed = {name.removeprefix(marks): form.all(name) for name in form.fields if name.startswith(marks)}
        fields[kind.key] = kept | {name: values for name, values in typed.items() if _within(name, own)}
    contact, agreed = before.contact, before.agreed
    if step.asks is Part.CONTACT:
        contact = {name: form.text(f"contact-{name}") for name in ("email", "name")}
    if step.asks is Part.TERMS:
        agreed = tuple(form.all("agreed"))
    return Typing(locale, fields, contact, agreed)


def _within(name: str, boxes: Sequence[str]) -> bool:
    return any(name == box or name.startswith(f"{box}.") for box in boxes)


# --- what a page shows ------------------------------------------------------------------------------------------------


def boxes(step: Step, forms: Forms, typing: Typing, blockers: Sequence[Blocker] = ()) -> tuple[Box, ...]:
    """The boxes of the step's fields; each is named after its record kind, of which a page may have two."""
    found: list[Box] = []
    for kind in step.kinds:
        found += [_marked(box, kind.key) for box in forms.boxes(kind, typing.fields.get(kind.key, {}), blockers)]
    return tuple(found)


def errors(some: Sequence[Box]) -> Iterator[tuple[str, str]]:
    """Name of a box -> what is wrong with it, for the summary."""
    for box in some:
        if box.errors:
            yield box.name, " ".join(box.errors)
        yield from errors(box.parts)


def _marked(box: Box, kind: str) -> Box:
    return replace(box, name=f"{kind}:{box.name}", parts=tuple(_marked(part, kind) for part in box.parts))


# --- whether it is right ----------------------------------------------------------------------------------------------


def faults(step: Step, lifecycle: Lifecycle, programme: Programme, typing: Typing) -> list[Blocker]:
    """What is wrong with the fields of the step; of the other fields of its records nothing is said yet."""
    found: list[Blocker] = []
    for kind in step.kinds:
        whole = lifecycle.records[kind.key]
        wrong = checked(lifecycle, programme, whole, typing.data(whole))[1]
        found += [one for one in wrong if str(one.params["path"]).split(".")[0] in kind.fields]
    return found


def against(lifecycle: Lifecycle, programme: Programme, typing: Typing, who: Person, now: datetime) -> list[Blocker]:
    """Everything that stands against handing it in now: the data, who may, and what the transition at the end asks."""
    sheet = sheet_of(lifecycle)
    plan = plan_create(lifecycle, programme, who, None, typing.data(sheet), now)
    found = list(plan.blockers)
    for kind in others_of(lifecycle):
        found += checked(lifecycle, programme, kind, typing.data(kind))[1]
    submit = lifecycle.submission.submit if lifecycle.submission else None
    if submit is None or found:
        return found
    empty = Snapshot("", lifecycle.initial, 1, 0, now, who, programme=programme)
    record = RecordFact(sheet.key, "", visit_of(sheet, empty) or 0, 1, who.id, {**plan.data, **plan.personal}, now)
    role = lifecycle.created_by
    snapshot = replace(
        empty,
        records=(record,),
        assignments=(AssignmentFact(role, who.id),) if role else (),
        cities=tuple(one for column, value in plan.columns.items() if column == "cities" for one in value or ()),
    )
    return list(machine.plan(lifecycle, snapshot, Request(submit), now).blockers)
