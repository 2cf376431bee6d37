"""What is wrong with a file, by path; and the words for a place and a value of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from states.document import Document, Path
from states.errors import Finding
from states.sentences import Sentence, said

_SECTIONS = {
    "roles": Sentence("Rolle", "role"),
    "stages": Sentence("Phase", "stage"),
    "states": Sentence("Zustand", "state"),
    "transitions": Sentence("Übergang", "transition"),
    "records": Sentence("Formularart", "record kind"),
    "links": Sentence("Linkart", "link"),
    "fields": Sentence("Feld", "field"),
    "cities": Sentence("Stadt", "city"),
    "bodies": Sentence("Gremium", "body"),
    "offices": Sentence("Stelle", "office"),
    "provenance": Sentence("Herkunft", "kind of provenance"),
    "funding": Sentence("Finanzierung", "source of funding"),
    "values": Sentence("Wert", "value"),
}


class Fault(NamedTuple):
    """One fault: the check that found it, the path of the entry, what is wrong, what would be right.

    value: the place is the value's, not its key's.
    broken: the entry cannot be read, so it is left out when the rest of the file is checked.
    meant: the key that an unknown one is most likely a misspelling of; the rest is checked as if it stood there.
    """

    check: str
    path: Path
    message: str
    hint: str
    value: bool = False
    broken: bool = False
    meant: str | None = None

    def finding(self, document: Document) -> Finding:
        """The fault with its place in the file."""
        place = document.value_place(self.path) if self.value else document.place(self.path)
        return Finding(self.check, self.message, self.hint, place, ".".join(map(str, self.path)))


def place_words(path: Sequence[str | int]) -> Sentence:
    """A path in words: `field 'cost' of record kind 'sheet'`."""
    words: list[Sentence] = []
    rest = list(path)
    while rest:
        match rest:
            case [section, str(name), *inner] if section in _SECTIONS:
                kind = _SECTIONS[str(section)]
                words.append(said("{kind} „{name}“", "{kind} {name!r}", kind=kind, name=name))
            case ["guards" | "when", int(), str(name), *inner]:
                words.append(said("Guard „{name}“", "guard {name!r}", name=name))
            case [key, int(at), *inner]:
                words.append(said("{key} {at}", "{key} {at}", key=key, at=at + 1))  # people count from one
            case [key, *inner]:
                words.append(said("{key}", "{key}", key=key))
        rest = inner
    if not words:
        return Sentence("der Datei", "the file")
    return Sentence(" von ".join(one.de for one in reversed(words)), " of ".join(reversed(words)))


def shown(value: Any) -> Sentence:
    """A value as a message quotes it."""
    if isinstance(value, bool):
        return Sentence(str(value).lower(), str(value).lower())
    if isinstance(value, Mapping):
        return Sentence("ein Abschnitt mit Schlüsseln", "a mapping")
    if isinstance(value, list):
        return Sentence("eine Liste", "a list")
    text = repr(value)
    text = text if len(text) <= 60 else f"{text[:57]}…'"
    return Sentence(text, text)


def capitalised(text: Sentence) -> Sentence:
    """The sentence as it stands at the beginning of one."""
    return Sentence(text.de[:1].upper() + text.de[1:], text[:1].upper() + text[1:])
