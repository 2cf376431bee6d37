"""Reads the YAML of a mapping file for its shape alone: every fault of it at once, or the mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from states.document import Document, Path, read
from states.errors import FileFault, Finding, Place
from states.faults import Fault
from states.schema.breaks import Validator, held_to
from states.sentences import Sentence, said
from workflow.imports.mapping import Activity, Entry, Form, Log, MappingFile, Skip, Source, Title
from workflow.imports.rules import PLACEHOLDER, Mapped, Rule
from workflow.imports.shape import ORIGINS, history_schema, ideas_schema

AUTO = "auto"


def parse_mapping(text: str, name: str, *, history: bool) -> MappingFile:
    """The mapping that the YAML `text` gives; `history`: for the log of another tool.

    name: the file's, for messages. Raises FileFault with everything that is wrong with its shape.
    """
    document, findings = read(text)
    if not isinstance(document.data, dict):
        if not findings:
            message = Sentence("Die Datei besteht nicht aus Schlüsseln mit Werten.", "The file is no mapping.")
            hint = Sentence("Beginnen Sie mit `source:`.", "Begin with `source:`.")
            findings.append(Finding("value", message, hint, Place(1, 1)))
        raise FileFault(name, findings)
    _, faults = held_to(Validator(history_schema() if history else ideas_schema()), document.data)
    if not faults and not findings:
        reader = _Reader(document.data)
        mapping = reader.mapping(name, document, history)
        faults = reader.faults
    if faults or findings:
        raise FileFault(name, [*findings, *(fault.finding(document) for fault in faults)])
    return mapping


class _Reader:
    """Makes the frozen data, and notes every column that is spoken of on the way."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.columns: list[tuple[str, Path]] = []
        self.faults: list[Fault] = []

    def mapping(self, name: str, document: Document, history: bool) -> MappingFile:
        data = self.data
        source = data["source"]
        state = data.get("state")
        return MappingFile(
            name=name,
            document=document,
            source=Source(
                source["name"],
                self._named(source.get("key", ()), ("source", "key")),
                _unless_auto(source.get("encoding")),
                _unless_auto(source.get("delimiter")),
                source.get("worksheet"),
            ),
            lifecycle=data["lifecycle"],
            title=self._title(data["title"]),
            fields=self._rules(data.get("fields", {}), ("fields",)),
            actor=data.get("actor"),
            notes=data.get("notes"),
            skip=tuple(self._skip(one, ("skip", at)) for at, one in enumerate(data.get("skip", ()))),
            unused=frozenset(self._named(data.get("unused", ()), ("unused",))),
            entry=self._entry(state) if state else None,
            records=tuple(self._form(one, ("records", at)) for at, one in enumerate(data.get("records", ()))),
            people=self._rules(data.get("people", {}), ("people",)),
            log=self._log() if history else None,
            columns=tuple(self.columns),
        )

    def _title(self, data: Mapping[str, Any]) -> Title:
        columns = self._named(data["columns"], ("title", "columns"))
        if "fallback" in data:
            self._named(PLACEHOLDER.findall(data["fallback"]), ("title", "fallback"), one_place=True)
        return Title(columns, frozenset(data.get("empty", ())), data.get("fallback"), data.get("max"))

    def _skip(self, data: Mapping[str, Any], path: Path) -> Skip:
        self.columns += [(column, (*path, "when", column)) for column in data["when"]]
        return Skip({column: frozenset(texts) for column, texts in data["when"].items()}, data["because"])

    def _entry(self, data: Mapping[str, Any]) -> Entry:
        return Entry(
            self._rule(data["to"], ("state", "to")),
            self._optional(data, "since", ("state",)),
            self._optional(data, "origin", ("state",)),
        )

    def _form(self, data: Mapping[str, Any], path: Path) -> Form:
        fields = self._rules(data.get("fields", {}), (*path, "fields"))
        return Form(data["record"], fields, path, self._optional(data, "key", path))

    def _log(self) -> Log:
        data = self.data
        self.columns += [(data["case"], ("case",)), (data["activity"], ("activity",))]
        return Log(
            data["case"],
            data["activity"],
            self._rule(data["time"], ("time",)),
            self._rule(data["person"], ("person",)),
            {name: self._activity(one, ("activities", name)) for name, one in data["activities"].items()},
            data.get("order") == "time",
        )

    def _activity(self, data: Any, path: Path) -> Activity:
        if isinstance(data, str):
            return Activity(path, transition=data)
        kinds = [key for key in ("begin", "transition", "record", "assign", "ignore") if key in data]
        if len(kinds) != 1:
            message = Sentence(
                f"Eine Tätigkeit ist begin, transition, record, assign oder ignore; hier stehen {len(kinds)}.",
                f"An activity is one of begin, transition, record, assign and ignore; here are {len(kinds)}.",
            )
            hint = Sentence("Schreiben Sie genau eins davon.", "Write exactly one of them.")
            self.faults.append(Fault("value", path, message, hint))
        if "reason" in data and "transition" not in data:
            message = Sentence("Nur ein Übergang hat eine Begründung.", "Only a transition has a reason.")
            hint = Sentence("Lassen Sie sie weg, oder nennen Sie einen.", "Leave it out, or name one.")
            self.faults.append(Fault("value", (*path, "reason"), message, hint))
        return Activity(
            path,
            begin="begin" in data,
            transition=data.get("transition"),
            form=self._form(data, path) if "record" in data else None,
            assign=data.get("assign"),
            ignore=data.get("ignore"),
            reason=self._optional(data, "reason", path),
            key=self._optional(data, "key", path),
            fields=self._rules(data["fields"], (*path, "fields")) if "fields" in data else None,
        )

    def _rules(self, data: Mapping[str, Any], path: Path) -> dict[str, Rule]:
        return {key: self._rule(one, (*path, key)) for key, one in data.items()}

    def _optional(self, data: Mapping[str, Any], key: str, path: Path) -> Rule | None:
        return self._rule(data[key], (*path, key)) if key in data else None

    def _rule(self, data: Mapping[str, Any], path: Path) -> Rule:
        origins = [key for key in ORIGINS if key in data]
        if len(origins) != 1:
            message = said(
                "Eine Regel hat genau eins von {origins}; hier steht {there}.",
                "A rule has exactly one of {origins}; here is {there}.",
                origins=ORIGINS,
                there=Sentence(" und ".join(origins) or "keins", " and ".join(origins) or "none"),
            )
            hint = Sentence("Sagen Sie einmal, woher der Wert kommt.", "Say once where the value comes from.")
            self.faults.append(Fault("value", path, message, hint))
        for key, needs in (("join", "columns"), ("otherwise", "map")):
            if key in data and needs not in data:
                message = Sentence(f"`{key}` sagt nichts ohne `{needs}`.", f"`{key}` says nothing without `{needs}`.")
                hint = Sentence(f"Ergänzen Sie `{needs}`.", f"Add `{needs}`.")
                self.faults.append(Fault("value", (*path, key), message, hint))
        before = len(self.columns)
        if "column" in data:
            self.columns.append((data["column"], (*path, "column")))
        self._named(data.get("columns", ()), (*path, "columns"))
        self._named(PLACEHOLDER.findall(data.get("template", "")), (*path, "template"), one_place=True)
        formats = data.get("format", ())
        return Rule(
            path=path,
            constant=data.get("constant"),
            columns=tuple(data.get("columns", [data["column"]] if "column" in data else [])),
            join=data.get("join"),
            template=data.get("template"),
            empty=frozenset(data.get("empty", ())),
            default=data.get("default"),
            split=data.get("split"),
            values={text: _mapped(one, (*path, "map", text)) for text, one in data["map"].items()}
            if "map" in data
            else None,
            otherwise=_mapped(data["otherwise"], (*path, "otherwise")) if "otherwise" in data else None,
            formats=(formats,) if isinstance(formats, str) else tuple(formats),
            decimal=data.get("decimal"),
            reads=tuple(self.columns[before:]),
        )

    def _named(self, columns: Iterable[str], path: Path, *, one_place: bool = False) -> tuple[str, ...]:
        """These columns, noted with their places; `one_place`: all of them in one text."""
        found = tuple(columns)
        self.columns += [(column, path if one_place else (*path, at)) for at, column in enumerate(found)]
        return found


def _mapped(data: Any, path: Path) -> Mapped:
    """A value of a map: the plain value, or `{value: …, note: …}`."""
    if isinstance(data, dict) and "value" in data and data.keys() <= {"value", "note"}:
        return Mapped(data["value"], (*path, "value"), data.get("note"))
    return Mapped(data, path)


def _unless_auto(value: str | None) -> str | None:
    return None if value == AUTO else value
