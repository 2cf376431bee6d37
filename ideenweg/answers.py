"""Answers written beforehand: a reason in the words of the city, in which each item's own name is filled in.

A file `answers/<language>/<name>.txt` of the configuration folder: its first line says what the answer is called, what
follows is its text. A file of the folder of IDEENWEG_CONFIG_DIR takes the place of the shipped one of the same name. A
placeholder is a name in braces and nothing else: no template can reach what is not listed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from string import Formatter

from sqlalchemy import Connection

from states.errors import nearest
from states.programme import Programme
from workflow.errors import BadInput
from workflow.queries.chosen import Chosen, chosen
from workflow.rules import Rules

LANGUAGES = ("de", "en")
FOLDER = "answers"


@dataclass(frozen=True, slots=True)
class Filling:
    """What the placeholders of an answer stand for. office: which coordinates where the item belongs; state: which the
    item is in before the step."""

    number: str
    title: str
    office: str
    state: str


PLACEHOLDERS = tuple(field.name for field in fields(Filling))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. name: `de/already-there`; title: what it is called; text: with its placeholders."""

    name: str
    title: str
    text: str

    @property
    def language(self) -> str:
        return self.name.partition("/")[0]


def answers(folders: Iterable[Path]) -> dict[str, Answer]:
    """Every answer by name, those of later folders in the place of earlier ones. Raises BadInput for a file that is
    not UTF-8, has no text, or has a placeholder that there is not."""
    files: dict[str, Path] = {}
    for folder in folders:
        for language in LANGUAGES:
            files |= {f"{language}/{file.stem}": file for file in sorted((folder / FOLDER / language).glob("*.txt"))}
    return {name: _read(name, file) for name, file in sorted(files.items())}


def find(known: Mapping[str, Answer], asked: str) -> Answer:
    """The answer of that name; a name without a language is a German one. Raises BadInput."""
    name = asked if "/" in asked else f"{LANGUAGES[0]}/{asked}"
    if name not in known:
        raise BadInput(f"There is no answer {asked!r}.", remedy=nearest(name, list(known)))
    return known[name]


def reasons(connection: Connection, rules: Rules, answer: Answer, numbers: Sequence[str]) -> dict[str, str]:
    """Item -> the answer with the item's own name filled in, for those of the items that there are."""
    return {
        one.number: filled(answer.text, filling_of(one, rules.programme, answer.language))
        for one in chosen(connection, rules, numbers)
    }


def checked(text: str, place: str) -> str:
    """`text`, if all of its placeholders can be filled in. Raises BadInput that names the line and what there is."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise BadInput("a brace stands alone.", place, remedy="Write {{ or }} for a brace as such.") from None
    line = 1
    for literal, name, spec, conversion in parts:
        line += literal.count("\n")
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise BadInput(f"line {line}: there is no placeholder {{{name}}}.", place, remedy=f"There are {known}.")
    return text


def filled(text: str, filling: Filling) -> str:
    """The text with everything filled in. Raises BadInput as `checked` does."""
    return checked(text, "answer").format(**asdict(filling))


def filling_of(one: Chosen, programme: Programme, locale: str) -> Filling:
    """What the placeholders stand for on an item, in `locale`."""
    cities = [programme.cities[key] for key in one.cities if key in programme.cities] or [*programme.cities.values()]
    office = next((programme.offices[city.office] for city in cities if city.office), None)
    label = office.label if office else programme.label
    return Filling(one.number, one.title, label[locale], one.state.label[locale])


def _read(name: str, file: Path) -> Answer:
    try:
        title, _, text = file.read_text("utf-8").partition("\n")
    except UnicodeDecodeError:
        raise BadInput("this is not UTF-8 text.", str(file), remedy="Save the file as UTF-8.") from None
    if not title.strip() or not text.strip():
        raise BadInput("an answer has what it is called in its first line and its text below.", str(file))
    return Answer(name, title.strip(), checked(text.strip(), str(file)))
