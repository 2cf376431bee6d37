"""Tells why a text is no YAML: the words of PyYAML, the place, and what most likely has to be done there."""

from __future__ import annotations

from yaml import YAMLError

from states.errors import Finding, Place
from states.sentences import Sentence

_QUOTE_BRACE = Sentence(
    "Schließen Sie die Klammer, oder setzen Sie Texte mit Komma und Doppelpunkt in Anführungszeichen.",
    "Close the brace, or put texts with commas and colons in quotes.",
)
_ALIKE = Sentence("Rücken Sie Schlüssel einer Ebene gleich ein.", "Indent keys of one level alike.")
_HINTS = (
    (
        "mapping values are not allowed",
        Sentence(
            "Setzen Sie Text mit Doppelpunkt in Anführungszeichen, und rücken Sie Schlüssel einer Ebene gleich ein.",
            "Put a text that contains a colon in quotes, and indent keys of a level alike.",
        ),
    ),
    (
        "cannot start any token",
        Sentence(
            "Rücken Sie mit Leerzeichen ein, nicht mit Tabulatoren; Texte, die mit % @ ` beginnen, gehören in "
            "Anführungszeichen.",
            "Indent with spaces, not with tabs; put texts that begin with % @ ` in quotes.",
        ),
    ),
    (
        "could not find expected ':'",
        Sentence(
            "Schreiben Sie `key: value`, mit Leerzeichen nach dem Doppelpunkt.",
            "Write `key: value`, with a space after the colon.",
        ),
    ),
    ("did not find expected ',' or '}'", _QUOTE_BRACE),
    ("expected ',' or '}'", _QUOTE_BRACE),
    (
        "expected ',' or ']'",
        Sentence(
            "Schließen Sie die Klammer, oder setzen Sie Texte mit Komma und Doppelpunkt in Anführungszeichen.",
            "Close the bracket, or put texts with commas and colons in quotes.",
        ),
    ),
    ("block end", _ALIKE),
    ("expected key", _ALIKE),
    ("quoted scalar", Sentence("Schließen Sie die Anführungszeichen.", "Close the quotes.")),
)


def syntax_finding(error: YAMLError, text: str) -> Finding:
    """What the parser stumbled over in `text`, where, and what would be right."""
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    said = ", ".join(part for part in (context, problem) if part) or str(error)
    mark, began = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    if began is not None and (mark is None or mark.line > text.rstrip().count("\n")):
        mark = began  # what is never closed is to be looked for where it began
    hint = next(
        (hint for words, hint in _HINTS if words in said),
        Sentence(
            "Sehen Sie hier auf Anführungszeichen und Einrückung.",
            "Look at the quotes and the indentation around here.",
        ),
    )
    place = _within(text, Place(mark.line + 1, mark.column + 1)) if mark else Place(1, 1)
    return Finding("yaml", Sentence(f"Das ist kein YAML: {said}.", f"This is not YAML: {said}."), hint, place)


def _within(text: str, place: Place) -> Place:
    """The place, or the end of the text where it lies behind that."""
    last = text.count("\n") + 1
    return place if place.line <= last else Place(last, len(text) - text.rfind("\n"))
