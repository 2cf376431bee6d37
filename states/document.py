"""Reads YAML text into plain data that remembers where everything stands.

Scalars follow the core schema of YAML 1.2 (§ 10.3.2): `on`, `yes`, `no`, `off` and dates are text, `12:30` is no number
in base sixty. What makes files hard to trust is refused: keys given twice, keys that are not text, tags, a second
document, aliases that blow up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from states.errors import Finding, Place
from states.sentences import Sentence
from states.syntax import syntax_finding

Path = tuple[str | int, ...]
Event = Any
"""A parse event of PyYAML, whose type stubs leave out what events carry."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same events, ten times faster where PyYAML was built with libyaml."""

DEEPEST = 40
"""Levels of nesting; a lifecycle needs nine."""

LARGEST = 200_000
"""Values in a file, aliases counted as often as they are used; the shipped lifecycles have fewer than 5,000."""

# YAML 1.2 § 5.1, c-printable; a lone surrogate is not among them.
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_EXACT = 2**53 - 1  # the integers that every JSON reader keeps exact (RFC 8785 § 3.2.2.3)


@dataclass(frozen=True)
class Document:
    """Plain data (dict, list, str, int, float, bool, None) and the place of every value and key, by path."""

    data: Any
    values: Mapping[Path, Place]
    keys: Mapping[Path, Place]

    def place(self, path: Path) -> Place:
        """Where the entry `path` stands, or the nearest one around it: its key if it has one, else its value."""
        known = self._known(path)
        return self.keys.get(known) or self.value_place(known)

    def value_place(self, path: Path) -> Place:
        """Where the value of the entry `path` stands, or that of the nearest one around it."""
        return self.values.get(self._known(path), Place(1, 1))

    def _known(self, path: Path) -> Path:
        """`path` as far as it leads. A step 0 leads nowhere where one entry stands alone instead of in a list."""
        known: Path = ()
        for step in path:
            if (*known, step) in self.values:
                known = (*known, step)
            elif step != 0:
                break
        return known


def read(text: str) -> tuple[Document, list[Finding]]:
    """The document in `text` and what is wrong with it as YAML; faulty entries are left out of the data."""
    if (found := _NOT_PRINTABLE.search(text)) is not None:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        message = Sentence(
            f"Das Zeichen U+{ord(found[0]):04X} darf in einer YAML-Datei nicht stehen.",
            f"The character U+{ord(found[0]):04X} must not stand in a YAML file.",
        )
        hint = Sentence(
            "Löschen Sie es, und speichern Sie die Datei als UTF-8.", "Delete it, and save the file as UTF-8."
        )
        return _nothing(Finding("yaml", message, hint, Place(line, column)))
    composer = _Composer(text)
    try:
        data = composer.document()
    except yaml.YAMLError as error:
        return _nothing(*composer.findings, syntax_finding(error, text))
    except _TooMuch as error:
        return _nothing(*composer.findings, error.finding)
    return Document(data, composer.values, composer.keys), composer.findings


class _TooMuch(Exception):
    """Reading on is pointless or dangerous."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding


@dataclass(frozen=True, slots=True)
class _Anchored:
    data: Any
    size: int


class _Composer:
    """Builds data from parse events. PyYAML's own composer recurses without bound and resolves as YAML 1.1."""

    def __init__(self, text: str) -> None:
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.findings: list[Finding] = []
        self._events: Iterator[Event] = yaml.parse(text, Loader=LOADER)
        self._anchors: dict[str, _Anchored | None] = {}
        self._size = 0

    def document(self) -> Any:
        data = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    hint = Sentence(
                        "Eine Datei hat ein Dokument: Löschen Sie, was nach der Zeile --- kommt.",
                        "Keep one document a file: delete what follows the line ---.",
                    )
                    message = Sentence("Hier beginnt ein zweites Dokument.", "A second document begins here.")
                    self._fault("yaml", message, hint, event, ())
                    break
                data = self._node(next(self._events), ())
        return data

    def _node(self, event: Event, path: Path) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        self._grow(1, event, path)
        self.values[path] = _place(event)
        if event.tag is not None:
            message = Sentence(f"Das Tag {event.tag} wird nicht gelesen.", f"The tag {event.tag} is not read.")
            hint = Sentence("Löschen Sie es; Text gehört in Anführungszeichen.", "Delete it; quote a text instead.")
            self._fault("yaml", message, hint, event, path)
        if event.anchor is None:
            return self._content(event, path)
        before = self._size
        self._anchors[event.anchor] = None  # until it is complete: an alias to it in here would have no end
        data = self._content(event, path)
        self._anchors[event.anchor] = _Anchored(data, self._size - before)
        return data

    def _content(self, event: Event, path: Path) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if len(path) >= DEEPEST:
            message = Sentence(
                f"Mehr als {DEEPEST} Ebenen sind hier verschachtelt.", f"More than {DEEPEST} levels are nested here."
            )
            hint = Sentence("So viele braucht kein Lebenszyklus.", "No lifecycle needs that many.")
            raise _TooMuch(Finding("yaml", message, hint, _place(event), _dotted(path)))
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._node(entry, (*path, index)) for index, entry in enumerate(self._until(yaml.SequenceEndEvent))]
        return self._mapping(path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for event in self._until(yaml.MappingEndEvent):
            key = self._key(event, path)
            inner = (*path, key if key is not None else "?")
            again = key in data
            before = self.values, self.keys
            if key is None or again:
                self.values, self.keys = {}, {}  # places of entries that are left out
            value = self._node(next(self._events), inner)
            self.values, self.keys = before
            if key is None:
                continue
            if again:
                first = self.keys[inner]
                message = Sentence(
                    f"Der Schlüssel „{key}“ steht hier zweimal (zuerst in Zeile {first.line}).",
                    f"The key {key!r} stands here twice (first in line {first.line}).",
                )
                hint = Sentence("Behalten Sie einen davon.", "Keep one of them.")
                self._fault("duplicate-key", message, hint, event, inner)
                continue
            data[key] = value
            self.keys[inner] = _place(event)
        return data

    def _key(self, event: Event, path: Path) -> str | None:
        if isinstance(event, yaml.ScalarEvent):
            key = self._scalar(event, path)
            if isinstance(key, str):
                return key
            message = Sentence(f"Der Schlüssel „{event.value}“ ist kein Text.", f"The key {event.value!r} is no text.")
            hint = Sentence(f'Setzen Sie Anführungszeichen: "{event.value}".', f'Put it in quotes: "{event.value}".')
        else:
            if not isinstance(event, yaml.AliasEvent):
                self._node(event, (*path, "?"))
            message = Sentence("Ein Schlüssel ist ein einfacher Text.", "A key must be a plain text.")
            hint = Sentence("Schreiben Sie `key: value`.", "Write `key: value`.")
        self._fault("key-not-text", message, hint, event, path)
        return None

    def _alias(self, event: Event, path: Path) -> Any:
        anchored = self._anchors.get(event.anchor)
        self.values[path] = _place(event)
        if anchored is None:
            known = event.anchor in self._anchors
            if known:
                message = Sentence(
                    f"Der Alias *{event.anchor} steht in dem, was er wiederholt.",
                    f"The alias *{event.anchor} stands within what it repeats.",
                )
                hint = Sentence("Schreiben Sie die Einträge aus.", "Write the entries out.")
            else:
                message = Sentence(
                    f"Der Alias *{event.anchor} wiederholt nichts, was darüber steht.",
                    f"The alias *{event.anchor} repeats nothing that stands above.",
                )
                hint = Sentence(
                    f"Markieren Sie das erste mit &{event.anchor}, oder schreiben Sie es aus.",
                    f"Mark the first one with &{event.anchor}, or write it out.",
                )
            self._fault("yaml", message, hint, event, path)
            return None
        self._grow(anchored.size, event, path)
        return anchored.data

    def _scalar(self, event: Event, path: Path) -> Any:
        text = str(event.value)
        if event.style:  # quotes, or a block
            return text
        if text in _NULL:
            return None
        if text in _BOOLEAN:
            return _BOOLEAN[text]
        if _FLOAT.fullmatch(text) is None:
            return text
        whole = _INTEGER.fullmatch(text) is not None
        number = int(text) if whole and len(text) < 20 else float(text)
        if not math.isfinite(number) or (whole and abs(number) > _EXACT):
            message = Sentence(f"Die Zahl {text[:30]} ist zu groß.", f"The number {text[:30]} is too large.")
            hint = Sentence("Ist es Text, setzen Sie Anführungszeichen.", "Put it in quotes if it is a text.")
            self._fault("yaml", message, hint, event, path)
            return 0
        return number

    def _until(self, end: type) -> Iterator[Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _grow(self, size: int, event: Event, path: Path) -> None:
        self._size += size
        if self._size > LARGEST:
            message = Sentence(
                f"Mit ihren Aliasen hat die Datei mehr als {LARGEST} Werte.",
                f"With its aliases the file has more than {LARGEST:,} values.",
            )
            hint = Sentence("Teilen Sie sie.", "Split it.")
            raise _TooMuch(Finding("yaml", message, hint, _place(event), _dotted(path)))

    def _fault(self, check: str, message: Sentence, hint: Sentence, event: Event, path: Path) -> None:
        self.findings.append(Finding(check, message, hint, _place(event), _dotted(path)))


def _nothing(*findings: Finding) -> tuple[Document, list[Finding]]:
    return Document(None, {}, {}), list(findings)


def _place(event: Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1)


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))
