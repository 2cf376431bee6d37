"""Reads the sessions of a body from a calendar (ICS, RFC 5545) or a table (CSV). Each stands for itself: one that
cannot be read is told with its line and keeps none of the others out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from states.programme import Programme
from states.sentences import Sentence, Text, in_locale
from workflow.errors import BadInput
from workflow.imports.csv_files import lines_of_csv
from workflow.imports.keys import key_of
from workflow.imports.rules import Unfit
from workflow.imports.tables import Row, table
from workflow.imports.values import as_date, entry

LARGEST = 4_000_000
"""Bytes of a file that is read."""

MOST = 2000
"""Sessions in one file."""

FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S")
"""How a table may write a date; the time of day is left aside."""

HEADERS = {
    "date": ("date", "datum", "sitzung am", "sitzungstag", "session on"),
    "title": ("title", "titel", "bezeichnung", "sitzung", "session"),
    "body": ("body", "gremium"),
    "papers_by": ("papers_by", "papers by", "papers due by", "vorlagenschluss", "vorlagen bis"),
    "place": ("place", "ort", "sitzungsort", "raum"),
    "link": ("link", "verweis", "url", "adresse"),
    "uid": ("uid", "kennung"),
}
"""Field -> what its column may be called, in small letters."""


NAMES = {"date": "Datum", "title": "Titel", "body": "Gremium"}
"""What every session has -> its name in German."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session as the file has it. key: tells it apart, however often it comes. data: what it says, by the fields of
    a session's sheet; what it does not say is not there."""

    line: int
    key: str
    data: Mapping[str, str]
    cancelled: bool = False

    @property
    def name(self) -> str:
        return f"{self.data.get('title', '?')}, {self.data.get('date', '?')}"


@dataclass(frozen=True, slots=True)
class Told:
    """Something to be said of a line of the file."""

    line: int
    text: Text


Read = tuple[list[Meeting], list[Told]]


def read_meetings(raw: bytes, name: str, body: str | None, programme: Programme) -> Read:
    """The sessions in a file, and what of it cannot be read, by line.

    name: its name; one that ends in .ics, or a text that begins as a calendar does, is read as one. body: whose
    sessions they are, where the file does not say. Raises BadInput where it is neither, or too large.
    """
    if len(raw) > LARGEST:
        size = LARGEST // 1_000_000
        raise BadInput(
            Sentence(f"Die Datei ist größer als {size} MB.", f"The file is larger than {size} MB."), name,
            remedy=Sentence("Geben Sie einen kürzeren Zeitraum an.", "Give a shorter period."),
        )  # fmt: skip
    if body is not None and body not in programme.bodies:
        known = ", ".join(programme.bodies)
        raise BadInput(
            Sentence(f"Es gibt das Gremium „{body}“ nicht.", f"There is no body {body!r}."),
            remedy=Sentence(f"Die Gremien sind: {known}.", f"The bodies are: {known}."),
        )
    calendar = Path(name).suffix.lower() == ".ics" or raw.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"BEGIN:VCALENDAR")
    found = _of_calendar(raw, name, body, programme) if calendar else _of_table(raw, name, body, programme)
    if len(found[0]) > MOST:
        many = len(found[0])
        message = Sentence(
            f"Das sind {many} Sitzungen; gelesen werden höchstens {MOST}.",
            f"These are {many} sessions; at most {MOST} are read.",
        )
        raise BadInput(message, name, remedy=Sentence("Teilen Sie die Datei.", "Divide the file."))
    return found


def _of_calendar(raw: bytes, name: str, body: str | None, programme: Programme) -> Read:
    if body is None:
        message = Sentence(
            "Ein Kalender sagt nicht, wessen Sitzungen es sind.", "A calendar does not say whose sessions they are."
        )
        raise BadInput(message, name, remedy=Sentence("Nennen Sie das Gremium.", "Name the body."))
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = Sentence("Ein Kalender ist UTF-8 (RFC 5545 §3.1.4).", "A calendar is UTF-8 (RFC 5545 §3.1.4).")
        remedy = Sentence("Exportieren Sie ihn noch einmal.", "Export it again.")
        raise BadInput(message, f"{name}:{line}", remedy=remedy) from None
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines):
        raise BadInput(
            Sentence("Das ist kein Kalender.", "This is no calendar."), name,
            remedy=Sentence("Geben Sie eine ICS-Datei oder eine Tabelle als CSV an.",
                            "Give an ICS file, or a table as CSV."),
        )  # fmt: skip
    zone = programme.zone
    meetings: list[Meeting] = []
    faults: list[Told] = []
    zones = "\r\n".join(text for _, block in _blocks(lines, "VTIMEZONE") for text in block)
    for line, block in _blocks(lines, "VEVENT"):
        try:
            meetings.append(_meeting(line, _event(block, zones), body, zone))
        except _Wrong as wrong:
            faults.append(Told(line, wrong.text))
    return meetings, faults


def _blocks(lines: list[str], component: str) -> Iterator[tuple[int, list[str]]]:
    """The components of that name, each with the line on which it begins; one that never ends goes to the next."""
    begun: int | None = None
    for place, text in enumerate([*lines, f"BEGIN:{component}"]):
        said = text.strip().upper()
        if said == f"BEGIN:{component}":
            if begun is not None:
                yield begun + 1, lines[begun:place]
            begun = place if place < len(lines) else None
        elif said == f"END:{component}" and begun is not None:
            yield begun + 1, lines[begun : place + 1]
            begun = None


class _Wrong(Exception):
    def __init__(self, de: str, en: str) -> None:
        self.text = Text(de, en)
        super().__init__(en)


def _event(block: list[str], zones: str) -> Event:
    """The event of these lines. One of them that is broken breaks no other event."""
    head, tail = ["BEGIN:VCALENDAR", *([zones] if zones else [])], ["END:VCALENDAR", ""]
    try:
        read = Calendar.from_ical("\r\n".join([*head, *block, *tail]))
        found = [one for one in read.walk("VEVENT") if isinstance(one, Event)]
    except (ValueError, IndexError, KeyError) as error:
        raise _Wrong(f"Dieser Termin ist nicht lesbar: {error}", f"This event cannot be read: {error}") from None
    if not found:
        raise _Wrong("Dieser Termin ist nicht abgeschlossen.", "This event does not end.")
    event = found[0]
    if event.errors:
        what, why = event.errors[0]
        raise _Wrong(f"{what} ist nicht lesbar: {why}", f"{what} cannot be read: {why}")
    return event


def _meeting(line: int, event: Event, body: str, zone: ZoneInfo) -> Meeting:
    uid = str(event.get("UID", "")).strip()
    if not uid:
        raise _Wrong("Der Termin hat keine UID.", "The event has no UID.")
    if "RRULE" in event or "RDATE" in event:
        raise _Wrong(
            "Der Termin wiederholt sich; eine Sitzung ist ein einzelner Termin.",
            "The event recurs; a session is a single event.",
        )
    start = event.get("DTSTART")
    if start is None:
        raise _Wrong("Der Termin hat keinen Beginn (DTSTART).", "The event has no beginning (DTSTART).")
    again = event.get("RECURRENCE-ID")
    said: dict[str, Any] = {
        "title": event.get("SUMMARY"),
        "place": event.get("LOCATION"),
        "link": event.get("URL"),
    }
    data = {key: text for key, value in said.items() if (text := str(value or "").strip())}
    data |= {"date": _day(start.dt, zone), "body": body}
    key = key_of([uid, str(again.dt) if again is not None else ""])
    return Meeting(line, key, data, str(event.get("STATUS", "")).strip().upper() == "CANCELLED")


def _day(start: date | datetime, zone: ZoneInfo) -> str:
    """The day on which it begins, where the programme is. One without a time or a zone is as it is written."""
    if isinstance(start, datetime) and start.tzinfo is not None:
        return start.astimezone(UTC).astimezone(zone).date().isoformat()
    return (start.date() if isinstance(start, datetime) else start).isoformat()


def _of_table(raw: bytes, name: str, body: str | None, programme: Programme) -> Read:
    if not raw.strip():
        raise BadInput(
            Sentence("Die Datei ist leer.", "The file is empty."), name,
            remedy=Sentence(
                "Geben Sie einen Kalender (ICS) oder eine Tabelle (CSV) an.", "Give a calendar (ICS) or a table (CSV)."
            ),
        )  # fmt: skip
    form, lines, flaws = lines_of_csv(raw, name, None, None)
    read = table(name, "", form, lines, flaws)
    columns = {field: column for column in read.columns for field, names in HEADERS.items() if _names(column, names)}
    missing = [field for field in ("date", "title") if field not in columns]
    if missing:
        there, names = ", ".join(read.columns), ", ".join(HEADERS[missing[0]])
        raise BadInput(
            Sentence(
                f"Es fehlt die Spalte „{NAMES[missing[0]]}“. Die Spalten sind: {there}.",
                f"There is no column {missing[0]!r}. The columns are: {there}.",
            ),
            name,
            remedy=Sentence(f"Sie kann so heißen: {names}.", f"Call it one of: {names}."),
        )
    meetings: list[Meeting] = []
    faults = [Told(flaw.line, _both(flaw.message, flaw.remedy)) for flaw in read.flaws]
    for row in read.rows:
        try:
            meetings.append(_of_row(row, columns, body, programme))
        except _Wrong as wrong:
            faults.append(Told(row.line, wrong.text))
    return meetings, sorted(faults, key=lambda one: one.line)


def _of_row(row: Row, columns: Mapping[str, str], body: str | None, programme: Programme) -> Meeting:
    said = {field: text for field, column in columns.items() if (text := row.cells[column])}
    try:
        for field in ("date", "papers_by"):
            if field in said:
                said[field] = as_date(said[field], FORMATS, partial=False)
        if "body" in said:
            labels = {key: (one.label.de, one.label.en) for key, one in programme.bodies.items()}
            said["body"] = entry(said["body"], labels, "body")
    except Unfit as error:
        both = _both(error.message, error.remedy)
        raise _Wrong(both.de, both.en) from None
    if body is not None:
        said.setdefault("body", body)
    for field, german in NAMES.items():
        if field not in said:
            raise _Wrong(f"Es fehlt: {german}.", f"Missing: {field}.")
    uid = said.pop("uid", None)
    # Without a name of its own a row is told apart by what it is; its place and its papers' day may change.
    return Meeting(row.line, key_of([uid] if uid else [said["body"], said["date"], said["title"]]), said)


def _names(column: str, names: tuple[str, ...]) -> bool:
    return " ".join(column.split()).casefold() in names


def _both(*sentences: str) -> Text:
    return Text(*(" ".join(in_locale(one, locale) for one in sentences) for locale in ("de", "en")))
