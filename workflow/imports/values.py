"""Turns the text of a cell into what a record's field takes: entries of the programme, numbers, dates, lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from states.durations import parse_date
from states.errors import nearest
from states.guards.dates import last_day
from states.programme import Programme
from states.sentences import Sentence, Text, said
from states.validation import VOCABULARIES
from workflow.imports.rules import Unfit

NOUNS = {
    "field": Sentence("Handlungsfeld", "field of action"),
    "provenance": Sentence("Herkunft", "kind of provenance"),
    "funding": Sentence("Finanzierung", "source of funding"),
    "city": Sentence("Stadt", "city"),
    "body": Sentence("Gremium", "body"),
    "office": Sentence("Stelle", "office"),
    "value": Sentence("Wert", "value"),
    "state": Sentence("Zustand", "state"),
}
"""What an entry of a vocabulary is called."""

AS_NUMBER = Sentence("Schreiben Sie sie wie 1234.5 oder 1.234,50.", "Write it as 1234.5 or 1.234,50.")

YES = frozenset({"true", "yes", "ja", "wahr", "1"})
NO = frozenset({"false", "no", "nein", "falsch", "0"})

_BLANKS = re.compile(r"[\s\u00a0\u202f']")
_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?")


def fit(
    value: Any,
    schema: Mapping[str, Any],
    programme: Programme,
    *,
    formats: Sequence[str] = (),
    decimal: str | None = None,
) -> Any:
    """`value`, from a cell or a mapping file, as a field with this JSON Schema takes it.

    formats: how dates are written. decimal: which character stands before the fraction of a number.
    What is left to say against it, record validation says. Raises Unfit.
    """
    kind = schema.get("type")
    if kind == "array":
        parts = value if isinstance(value, list) else [value]
        fitted = [fit(part, schema.get("items", {}), programme, formats=formats, decimal=decimal) for part in parts]
        return [one for at, one in enumerate(fitted) if one not in fitted[:at]] if schema.get("uniqueItems") else fitted
    if isinstance(value, list):
        raise Unfit(
            Sentence(
                "Hier stehen mehrere Werte; das Feld nimmt einen.",
                "Several values stand here, and the field takes one.",
            ),
            Sentence("Ordnen Sie sie einem zu, oder lassen Sie `split` weg.", "Map them to one, or leave `split` out."),
        )
    if isinstance(value, Mapping):
        return value
    if kind == "boolean":
        return _boolean(value)
    if kind in ("integer", "number"):
        return _number(value, kind, decimal)
    if kind == "string" or isinstance(value, str):
        return _text(str(value), schema, programme, formats)
    return value


def _text(text: str, schema: Mapping[str, Any], programme: Programme, formats: Sequence[str]) -> str:
    form = schema.get("format")
    if "enum" in schema:
        labels = schema.get("x-labels", {})
        return entry(text, {value: tuple(labels.get(value, {}).values()) for value in schema["enum"]}, "value")
    if form in VOCABULARIES:
        return _term(text, form, programme)
    if form == "city_or_unknown":
        return text if text == "unknown" else _term(text, "city", programme)
    if form in ("date", "partial_date"):
        return as_date(text, formats, partial=form == "partial_date")
    return text


def _term(text: str, vocabulary: str, programme: Programme) -> str:
    terms = programme.vocabulary(vocabulary)
    return entry(text, {key: _words(term.label) for key, term in terms.items()}, vocabulary)


def _words(label: Text) -> tuple[str, ...]:
    return (label.de, label.en)


def entry(text: str, known: Mapping[str, Sequence[str]], what: str) -> str:
    """The key that `text` is, or whose label it is in one of the languages."""
    if text in known:
        return text
    plain = _plain(text)
    keys = [key for key, labels in known.items() if plain in map(_plain, labels)]
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise Unfit(
            said("„{text}“ kann mehreres sein: {keys}.", "{text!r} may be any of {keys}.", text=text, keys=keys),
            Sentence("Ordnen Sie es einem davon zu.", "Map it to one of them."),
        )
    names = [name for key, labels in known.items() for name in dict.fromkeys((key, *labels))]
    unknown = said(
        "„{text}“ gibt es nicht ({what}).", "There is no {what} {text!r}.", text=text, what=NOUNS.get(what, what)
    )
    raise Unfit(unknown, nearest(text, names))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _boolean(value: Any) -> bool:
    plain = str(value).casefold()
    if plain in YES or plain in NO:
        return plain in YES
    raise Unfit(
        said("„{value}“ ist weder ja noch nein.", "{value!r} is neither yes nor no.", value=value),
        Sentence(
            "Schreiben Sie ja oder nein, yes oder no, true oder false, 1 oder 0; oder ordnen Sie es zu.",
            "Write ja or nein, yes or no, true or false, 1 or 0; or map it.",
        ),
    )


def _number(value: Any, kind: str, decimal: str | None) -> int | float:
    if isinstance(value, bool):
        raise Unfit(
            said("„{value}“ ist keine Zahl.", "{value!r} is no number.", value=value),
            Sentence("Schreiben Sie eine.", "Write one."),
        )
    number: int | float = value if isinstance(value, (int, float)) else _parsed(str(value), decimal)
    if kind == "number" or isinstance(number, int):
        return number
    if number.is_integer():
        return int(number)
    raise Unfit(
        said("„{value}“ ist keine ganze Zahl.", "{value!r} is no whole number.", value=value),
        Sentence("Schreiben Sie eine, oder ordnen Sie es zu.", "Write one, or map it."),
    )


def _parsed(text: str, decimal: str | None) -> int | float:
    """The number in a text with points and commas as Germans or English write them."""
    digits = _BLANKS.sub("", text).removesuffix("€").removesuffix("EUR")
    mark = decimal or _mark(digits, text)
    group = "." if mark == "," else ","
    if group in digits and not re.fullmatch(
        rf"[-+]?\d{{1,3}}({re.escape(group)}\d{{3}})+({re.escape(mark)}\d+)?", digits
    ):
        raise Unfit(said("„{text}“ ist keine Zahl.", "{text!r} is no number.", text=text), AS_NUMBER)
    plain = digits.replace(group, "").replace(mark, ".")
    if not _PLAIN.fullmatch(plain):
        raise Unfit(said("„{text}“ ist keine Zahl.", "{text!r} is no number.", text=text), AS_NUMBER)
    return float(plain) if "." in plain else int(plain)


def _mark(digits: str, text: str) -> str:
    """Which of comma and point stands before the fraction, where the number itself tells."""
    marks = [character for character in digits if character in ",."]
    if not marks:
        return "."
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return "," if marks[0] == "." else "."
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}[.,]\d{3}", digits):
        raise Unfit(
            said(
                "„{text}“ kann {whole} oder {parted} sein.",
                "{text!r} may be {whole} or {parted}.",
                text=text,
                whole=digits.replace(marks[0], ""),
                parted=digits.replace(marks[0], "."),
            ),
            Sentence(
                'Sagen Sie in der Regel, was gemeint ist: decimal: "," oder decimal: ".".',
                'Say in the rule which it is: decimal: "," or decimal: ".".',
            ),
        )
    return marks[0]


def as_date(text: str, formats: Sequence[str], *, partial: bool) -> str:
    """The date in ISO 8601, as exact as it is written. Raises Unfit where it is none, or not exact enough."""
    found = _by_format(text, formats) if formats else text
    try:
        exact = found is not None and (last_day(found) if partial else parse_date(found)) is not None
    except ValueError:
        exact = False
    if found is not None and exact:
        return found
    parted = Sentence(", 2026-06 oder 2026", ", 2026-06 or 2026") if partial else ""
    wanted = either(formats) if formats else said("2026-06-09{more}", "2026-06-09{more}", more=parted)
    raise Unfit(
        said("„{text}“ ist kein Datum wie {wanted}.", "{text!r} is no date as {wanted}.", text=text, wanted=wanted),
        Sentence(
            "Berichtigen Sie es, nennen Sie `format` in der Regel, oder ordnen Sie es zu.",
            "Correct it, name its `format` in the rule, or map it.",
        ),
    )


def either(formats: Sequence[str]) -> Sentence:
    """The ways of writing that are taken, one or another."""
    return Sentence(" oder ".join(formats), " or ".join(formats))


def _by_format(text: str, formats: Sequence[str]) -> str | None:
    for one in formats:
        try:
            day = datetime.strptime(text, one).date().isoformat()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            continue
        if any(directive in one for directive in ("%d", "%j", "%x", "%D", "%F")):
            return day
        return day[:7] if any(directive in one for directive in ("%m", "%b", "%B")) else day[:4]
    return None
