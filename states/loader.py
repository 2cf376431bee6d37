"""YAML text in, frozen `Lifecycle`, `Programme` or `WorkingCalendar` out; or every fault at once, each with its place.

Reads no file: the caller brings the text, and a name of it for the messages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from states.assembly import assemble_lifecycle, assemble_programme
from states.calendar import WorkingCalendar
from states.calendar_file import assemble_calendar, calendar_faults, calendar_schema
from states.checks import Subject, check
from states.checks.programme import check_programme
from states.document import Document, Path, read
from states.errors import FileFault, Finding, Place
from states.faults import Fault
from states.guards import GUARDS
from states.guards.base import Guard
from states.lifecycle import Lifecycle
from states.programme import Programme
from states.schema import lifecycle_structure, programme_schema
from states.schema.breaks import Validator, held_to
from states.sentences import Sentence
from states.uses import GuardUses


def load_lifecycle(
    text: str,
    name: str,
    *,
    vocabulary: Mapping[str, Guard] | None = None,
    notices: Collection[str] | None = None,
    programme: Programme | None = None,
    calendars: Collection[str] | None = None,
) -> Lifecycle:
    """The lifecycle that the YAML `text` describes, sound by every check.

    name: the file's, for messages. vocabulary: the guards by name; absent: the built-in ones. notices: those that have
    templates. programme: for the bodies, offices and cities that guards name. calendars: those there are. Where one of
    these is absent, such names are not looked up. Raises FileFault with all findings.
    """
    document, findings = read(text)
    data, faults = _valid(document, _validator("lifecycle"), findings, name)
    uses = GuardUses(GUARDS if vocabulary is None else vocabulary)
    lifecycle = assemble_lifecycle(data, document, uses, text, _digest(text))
    faults += uses.faults
    subject = Subject(lifecycle, uses.found, programme, notices, calendars, _damaged(faults))
    _raise(name, document, findings, [*faults, *check(subject)])
    return lifecycle


def read_stored(text: str, name: str, *, vocabulary: Mapping[str, Guard] | None = None) -> Lifecycle:
    """The lifecycle in a text that `load_lifecycle` has let in before, without checking it again.

    So it starts in a third of the time, and what was sound when it was stored stays so, whatever later versions of the
    program come to check. Raises FileFault for a text that was altered into something else than YAML, and where the
    vocabulary has lost a guard.
    """
    document, findings = read(text)
    uses = GuardUses(GUARDS if vocabulary is None else vocabulary, checked=True)
    if findings or not isinstance(document.data, dict):
        raise FileFault(name, findings)
    lifecycle = assemble_lifecycle(document.data, document, uses, text, _digest(text))
    _raise(name, document, findings, uses.faults)
    return lifecycle


def load_programme(text: str, name: str) -> Programme:
    """The programme that the YAML `text` describes. Raises FileFault with all findings."""
    document, findings = read(text)
    data, faults = _valid(document, _validator("programme"), findings, name)
    programme = assemble_programme(data, document, text, _digest(text))
    _raise(name, document, findings, [*faults, *check_programme(programme)])
    return programme


def load_calendar(text: str, name: str) -> WorkingCalendar:
    """The working-day calendar that the YAML `text` describes. Raises FileFault with all findings."""
    document, findings = read(text)
    data, faults = _valid(document, _validator("calendar"), findings, name)
    _raise(name, document, findings, [*faults, *calendar_faults(document.data)])
    return assemble_calendar(data)


TEXTS = frozenset({"label", "public", "inverse", "description", "reason"})
"""The keys that hold texts for people."""


@cache
def _validator(kind: str) -> Any:
    match kind:
        case "lifecycle":
            return Validator(lifecycle_structure())
        case "programme":
            return Validator(programme_schema())
    return Validator(calendar_schema())


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _valid(
    document: Document, validator: Any, findings: list[Finding], name: str
) -> tuple[dict[str, Any], list[Fault]]:
    """The part of the document that keeps to the schema, and the faults of the rest."""
    if not isinstance(document.data, dict):
        if not findings:
            message = (
                Sentence("Die Datei ist leer.", "The file is empty.")
                if document.data is None
                else Sentence("Die Datei besteht nicht aus Schlüsseln mit Werten.", "The file is not a mapping.")
            )
            hint = Sentence("Beginnen Sie mit Zeilen wie `Schlüssel: Wert`.", "Begin with `key: value` lines.")
            findings.append(Finding("value", message, hint, Place(1, 1)))
        raise FileFault(name, findings)
    data, faults = held_to(validator, document.data)
    return data or {}, faults


def _damaged(faults: Iterable[Fault]) -> frozenset[Path]:
    """The paths of entries that could not be read and that other checks go by: no texts for people."""
    lost = (fault.path for fault in faults if fault.broken or fault.check == "missing-key")
    return frozenset(path for path in lost if TEXTS.isdisjoint(path[2:]))


def _raise(name: str, document: Document, findings: Iterable[Finding], faults: Iterable[Fault]) -> None:
    found = [*findings, *(fault.finding(document) for fault in faults)]
    if found:
        raise FileFault(name, found)
