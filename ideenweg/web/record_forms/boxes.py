"""What a form shows: a tree of boxes, each with its label, its hint, what was typed and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from ideenweg.web.record_forms.typed import Schema, Typed, is_choice, name_of, rows_of, ticked, word
from states.blockers import Blocker
from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import Field, RecordKind
from states.sentences import Text

FEW = 6
"""Up to so many choices are shown at once; more are a list that opens."""

SCALE = 10
"""Whole numbers of at most so many steps are chosen, not typed."""

SPARE = 1
"""Empty rows that a list offers."""


class Widget(StrEnum):
    """How a value is filled in."""

    LINE = "line"
    TEXT = "text"
    DATE = "date"
    RADIOS = "radios"
    SCALE = "scale"
    SELECT = "select"
    BOXES = "boxes"
    GROUP = "group"
    ROWS = "rows"


def id_of(name: str) -> str:
    """The HTML id of the box of that name, where links lead to: `f-title`."""
    return name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values to choose from, as the form sends it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Box:
    """A place of the form. `parts`: what a group or a list of rows consists of. `attributes`: of the HTML input."""

    name: str
    label: str
    widget: Widget
    hint: str = ""
    required: bool = False
    private: bool = False
    typed: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    parts: tuple[Box, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return id_of(self.name)

    @property
    def text(self) -> str:
        """What was typed into a box that takes one value."""
        return self.typed[0] if self.typed else ""


class Saying(Protocol):
    """The sentences of the pages."""

    @property
    def locale(self) -> str: ...

    def __call__(self, key: str, **params: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Forms:
    """Makes forms in one language for items of one lifecycle."""

    say: Saying
    lifecycle: Lifecycle
    programme: Programme

    def boxes(
        self,
        kind: RecordKind,
        typed: Typed,
        blockers: Sequence[Blocker] = (),
        *,
        spare: Mapping[str, int] | None = None,
    ) -> tuple[Box, ...]:
        """The form of a kind with what was typed; what is wrong stands at its place.

        spare: name of a list -> how many empty rows it shows (SPARE where it is not named).
        """
        page = _Page(self, typed, self._errors(kind, blockers), spare or {})
        return tuple(page.field(kind, one) for one in kind.fields.values())

    def elsewhere(self, kind: RecordKind | None, blockers: Sequence[Blocker]) -> list[Blocker]:
        """The blockers that belong to no box of the form."""
        return [one for one in blockers if kind is None or not _belongs(kind, one)]

    def _errors(self, kind: RecordKind, blockers: Sequence[Blocker]) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for one in blockers:
            if _belongs(kind, one):
                name = name_of(one.params["path"])
                found[name] = (*found.get(name, ()), one.in_locale(self.say.locale))
        return found

    def options(self, schema: Schema) -> Iterator[Option]:
        """The values that a choice offers."""
        form = schema.get("format", "")
        if "enum" in schema:
            labels = schema.get("x-labels", {})
            for one in schema["enum"]:
                yield Option(word(one), labels[one][self.say.locale] if one in labels else self._plain(one))
        elif schema.get("type") == "boolean":
            yield Option("true", self.say("yes"))
            yield Option("false", self.say("no"))
        elif form == "transition":
            for key, move in self.lifecycle.transitions.items():
                yield Option(key, self._in(move.label))
        else:
            for key, entry in self.programme.vocabulary(form.removesuffix("_or_unknown")).items():
                yield Option(key, self._in(entry.label))
            if form.endswith("_or_unknown"):
                yield Option("unknown", self.say("form_unknown"))

    def _plain(self, value: object) -> str:
        return self.say("yes" if value else "no") if isinstance(value, bool) else str(value)

    def _in(self, text: Text) -> str:
        return text[self.say.locale]


@dataclass(frozen=True, slots=True)
class _Page:
    """One form while it is made."""

    forms: Forms
    typed: Typed
    errors: Mapping[str, tuple[str, ...]]
    spare: Mapping[str, int]

    def field(self, kind: RecordKind, one: Field) -> Box:
        locale = self.forms.say.locale
        private = one.personal and not (one.public and kind.read.public)
        hint = one.hint[locale] if one.hint else ""
        return self._box(name_of(one.key), one.schema, one.label[locale], hint, one.required, private)

    def _box(self, name: str, schema: Schema, label: str, hint: str, required: bool, private: bool = False) -> Box:
        widget, options = self._widget(schema, required)
        return Box(
            name,
            label,
            widget,
            hint or self._limits(schema, widget),
            required,
            private,
            tuple(self.typed.get(name, ())),
            options,
            tuple(self._parts(name, schema, widget)),
            _attributes(schema, widget),
            tuple(self._wrong(name, widget)),
        )

    def _wrong(self, name: str, widget: Widget) -> Iterator[str]:
        """What is wrong with the value, and of boxes to tick with any of them: these have no place of their own."""
        yield from self.errors.get(name, ())
        if widget is Widget.BOXES:
            for place, texts in self.errors.items():
                if place.startswith(f"{name}."):
                    yield from texts

    def _widget(self, schema: Schema, required: bool) -> tuple[Widget, tuple[Option, ...]]:
        match schema.get("type"):
            case "object":
                return Widget.GROUP, ()
            case "array" if ticked(schema):
                return Widget.BOXES, tuple(self.forms.options(schema["items"]))
            case "array":
                return Widget.ROWS, ()
        if is_choice(schema):
            options = tuple(self.forms.options(schema))
            if len(options) > FEW:
                return Widget.SELECT, options
            return Widget.RADIOS, options if required else (*options, Option("", self.forms.say("form_not_said")))
        if _is_scale(schema):
            steps = range(schema["minimum"], schema["maximum"] + 1)
            options = tuple(Option(str(step), str(step)) for step in steps)
            return Widget.SCALE, options if required else (*options, Option("", self.forms.say("form_not_said")))
        if schema.get("format") == "text":
            return Widget.TEXT, ()
        return (Widget.DATE if schema.get("format") == "date" else Widget.LINE), ()

    def _parts(self, name: str, schema: Schema, widget: Widget) -> Iterator[Box]:
        if widget is Widget.GROUP:
            for key, inner in schema.get("properties", {}).items():
                yield self._inner(f"{name}.{key}", inner, key, key in schema.get("required", ()))
        elif widget is Widget.ROWS:
            there = len(rows_of(name, self.typed))
            rows = there + self.spare.get(name, SPARE)
            for row in range(max(there, min(rows, schema.get("maxItems", rows)))):
                label = self.forms.say("form_row", n=row + 1)
                yield self._box(f"{name}.{row}", schema.get("items", {}), label, "", False)

    def _inner(self, name: str, schema: Schema, key: str, required: bool) -> Box:
        locale = self.forms.say.locale
        label = schema["x-label"][locale] if "x-label" in schema else key.replace("_", " ").capitalize()
        return self._box(name, schema, label, schema.get("x-description", {}).get(locale, ""), required)

    def _limits(self, schema: Schema, widget: Widget) -> str:
        """What the schema says of a value that people type and cannot see."""
        say = self.forms.say
        if widget is Widget.LINE and schema.get("format") in ("partial_date", "email", "uri", "item"):
            return say(f"form_{schema['format']}")
        if widget is Widget.LINE and {"minimum", "maximum"} <= schema.keys():
            return say("form_between", least=schema["minimum"], most=schema["maximum"])
        return ""


def _is_scale(schema: Schema) -> bool:
    low, high = schema.get("minimum"), schema.get("maximum")
    return (
        schema.get("type") == "integer" and isinstance(low, int) and isinstance(high, int) and 0 <= high - low <= SCALE
    )


def _belongs(kind: RecordKind, one: Blocker) -> bool:
    path = one.params.get("path")
    return isinstance(path, str) and one.params.get("record") == kind.key and path.split(".")[0] in kind.fields


def _attributes(schema: Schema, widget: Widget) -> Mapping[str, str]:
    if widget is Widget.TEXT:
        return {"maxlength": str(schema["maxLength"])} if "maxLength" in schema else {}
    if widget is not Widget.LINE:
        return {}
    found = {"type": "text"}
    match schema.get("type"), schema.get("format"):
        case ("number" | "integer") as kind, _:
            found["inputmode"] = "decimal" if kind == "number" else "numeric"
        case _, "email":
            found |= {"type": "email", "autocomplete": "off"}
        case _, "uri":
            found |= {"type": "url", "inputmode": "url"}
    if "maxLength" in schema:
        found["maxlength"] = str(schema["maxLength"])
    return found
