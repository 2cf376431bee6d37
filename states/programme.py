"""The programme an installation serves: its cities, fields of action, bodies, offices and other vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from states.errors import Place
from states.sentences import Text


@dataclass(frozen=True, slots=True)
class City:
    """A city; `office` is the one that coordinates there and answers questions; `municipality` its official key."""

    key: str
    label: Text
    office: str | None = None
    place: Place | None = None
    municipality: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """An entry of a vocabulary: a field of action, a kind of provenance, a source of funding, a value."""

    key: str
    label: Text
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A council, committee, district council or board; `city` is whose it is (None: outside them, as the funder)."""

    key: str
    label: Text
    city: str | None = None
    size: int | None = None  # members with a vote
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """A unit of an administration: a department, a staff unit, an agency."""

    key: str
    label: Text
    city: str | None = None
    email: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that whoever hands in has to know: said, and (`consent`) agreed to. `link`, `about`: where more is."""

    key: str
    label: Text
    consent: bool = False
    link: str | None = None
    about: Text | None = None
    place: Place | None = None


DOCUMENT_TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "txt": "text/plain",
    "csv": "text/csv",
}
"""The kinds of file that can be looked into and so may be let in, with their media types."""


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """What may be attached to an item: kinds of file (keys of DOCUMENT_TYPES), megabytes of one, how many of them."""

    types: tuple[str, ...] = tuple(DOCUMENT_TYPES)
    megabytes: int = 10
    number: int = 20


@dataclass(frozen=True)
class Programme:
    """One version of `programme.yaml`. Frozen; an item is pinned to the version it was created under.

    Every mapping is from key to entry, in file order. Names may contain commas: nothing here is ever split at one.
    """

    key: str = ""
    version: int = 0
    label: Text = field(default_factory=lambda: Text("", ""))
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Berlin"))
    cities: Mapping[str, City] = field(default_factory=dict)
    fields: Mapping[str, Term] = field(default_factory=dict)
    bodies: Mapping[str, Body] = field(default_factory=dict)
    offices: Mapping[str, Office] = field(default_factory=dict)
    provenance: Mapping[str, Term] = field(default_factory=dict)
    funding: Mapping[str, Term] = field(default_factory=dict)
    vision: Text = field(default_factory=lambda: Text("", ""))
    values: Mapping[str, Term] = field(default_factory=dict)
    terms: Mapping[str, Notice] = field(default_factory=dict)
    documents: DocumentLimits = field(default_factory=DocumentLimits)
    lifecycle: str | None = None  # the lifecycle that new items take where nobody names one
    contributor: str | None = None  # by which address the national data portal knows whoever delivers
    administration: tuple[str, ...] = ("administrator",)  # the roles that may see the pages for administrators
    source: str = ""
    sha256: str = ""

    def vocabulary(self, name: str) -> Mapping[str, City | Term | Body | Office]:
        """The entries that a record field of `format: city | field | body | office | provenance | funding` may take."""
        vocabularies: dict[str, Mapping[str, City | Term | Body | Office]] = {
            "city": self.cities,
            "field": self.fields,
            "body": self.bodies,
            "office": self.offices,
            "provenance": self.provenance,
            "funding": self.funding,
        }
        return vocabularies[name]
