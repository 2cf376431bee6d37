"""Makes the `Programme`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from states.assembly.words import Data, label_of, text
from states.document import Document
from states.durations import parse_zone
from states.errors import Place
from states.programme import Body, City, DocumentLimits, Notice, Office, Programme, Term

T = TypeVar("T")


def assemble_programme(data: Data, document: Document, source: str, sha256: str) -> Programme:
    """The programme in `data`."""

    def entries(section: str, make: Callable[[str, Data, Place], T]) -> dict[str, T]:
        found: Data = data.get(section, {})
        return {key: make(key, entry, document.place((section, key))) for key, entry in found.items()}

    def term(key: str, entry: Data, place: Place) -> Term:
        return Term(key, label_of(entry, key), place)

    return Programme(
        key=str(data.get("programme", "")),
        version=int(data.get("version", 0)),
        label=label_of(data, str(data.get("programme", ""))),
        zone=parse_zone(data.get("zone", "Europe/Berlin")),
        cities=entries(
            "cities",
            lambda key, entry, place: City(
                key, label_of(entry, key), entry.get("office"), place, entry.get("municipality")
            ),
        ),
        fields=entries("fields", term),
        bodies=entries(
            "bodies",
            lambda key, entry, place: Body(key, label_of(entry, key), entry.get("city"), entry.get("size"), place),
        ),
        offices=entries(
            "offices",
            lambda key, entry, place: Office(key, label_of(entry, key), entry.get("city"), entry.get("email"), place),
        ),
        provenance=entries("provenance", term),
        funding=entries("funding", term),
        vision=text(data.get("vision", "")),
        values=entries("values", term),
        terms=entries("terms", _notice),
        documents=_limits(data.get("documents", {})),
        lifecycle=data.get("lifecycle"),
        contributor=data.get("contributor"),
        administration=tuple(data.get("administration", Programme.administration)),
        source=source,
        sha256=sha256,
    )


def _notice(key: str, entry: Data, place: Place) -> Notice:
    link: Data = entry.get("link", {})
    about = text(link["label"]) if "label" in link else None
    return Notice(key, label_of(entry, key), entry.get("consent", False), link.get("address"), about, place)


def _limits(data: Data) -> DocumentLimits:
    usual = DocumentLimits()
    return DocumentLimits(
        tuple(data.get("types", usual.types)),
        data.get("megabytes", usual.megabytes),
        data.get("number", usual.number),
    )
