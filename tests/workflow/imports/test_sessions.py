"""Sessions come in from a calendar or a table: each once, changed ones as a new version, broken ones told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import config
from ideenweg.wiring import App, open_workflow
from states.programme import Programme
from workflow import access
from workflow.errors import BadInput
from workflow.imports.meetings import read_meetings
from workflow.imports.sessions import Taken, import_sessions
from workflow.queries.detail import find
from workflow.streams import Origin

SHIPPED = Path(config.__file__).parent
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
OFFICE, BODY = "ratsbuero@dortmund.example", "council-dortmund"

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Rat//DE
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@rat.example
SUMMARY:Rat der Stadt\\, Juni
DTSTART;VALUE=DATE:20260618
LOCATION:{place}
URL:https://rat.example/1
END:VEVENT
BEGIN:VEVENT
UID:2@rat.example
SUMMARY:Sondersitzung um Mitternacht
DTSTART:20260930T223000Z
END:VEVENT
BEGIN:VEVENT
UID:3@rat.example
SUMMARY:Ohne Zone
DTSTART:20261008T150000
END:VEVENT
BEGIN:VEVENT
UID:4@rat.example
SUMMARY:Falsches Datum
DTSTART:2026-13-45
END:VEVENT
BEGIN:VEVENT
UID:5@rat.example
SUMMARY:Abgesagt
STATUS:CANCELLED
DTSTART;VALUE=DATE:20261105
END:VEVENT
BEGIN:VEVENT
SUMMARY:Ohne Kennung
DTSTART;VALUE=DATE:20261106
END:VEVENT
BEGIN:VEVENT
UID:6@rat.example
SUMMARY:Jede Woche
RRULE:FREQ=WEEKLY
DTSTART;VALUE=DATE:20261107
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def app(database_url: str) -> Iterator[App]:
    with open_workflow(database_url) as app:
        lifecycle = app.load(SHIPPED / "lifecycles" / "session.yaml", now=NOW)[0]
        with app.database.writing() as connection:
            origin = Origin("operator", "cli")
            access.add(connection, OFFICE, "Sitzungsdienst", origin, NOW)
            access.grant(
                connection, OFFICE, lifecycle.roles["session_office"], BODY, app.rules.programme, origin, NOW,
                valid_from=date(2020, 1, 1),
            )  # fmt: skip
        yield app


def take(app: App, text: str, name: str = "rat.ics", body: str | None = BODY, *, dry_run: bool = False) -> Taken:
    return import_sessions(app.engine, text.encode(), name, body=body, actor=OFFICE, now=NOW, dry_run=dry_run)


def sheet(app: App, number: str | None) -> dict[str, object]:
    assert number
    with app.database.reading() as connection:
        return dict(next(one.data for one in find(connection, app.rules, number, None, NOW).records))


def test_a_calendar_comes_in_once_and_what_has_changed_is_a_new_version(app: App) -> None:
    first = CALENDAR.format(place="Ratssaal")
    tried = take(app, first, dry_run=True)
    assert ([one.number for one in tried.made], len(tried.faults)) == ([None] * 3, 3)
    taken = take(app, first)
    assert [one.name for one in taken.made] == [
        "Rat der Stadt, Juni, 2026-06-18", "Sondersitzung um Mitternacht, 2026-10-01", "Ohne Zone, 2026-10-08",
    ]  # fmt: skip
    assert [one.line for one in taken.faults] == [29, 40, 44]
    assert "UID" in taken.faults[1].text.de
    assert [(one.name, one.number) for one in taken.cancelled] == [("Abgesagt, 2026-11-05", None)]
    number = taken.made[0].number
    assert sheet(app, number) == {
        "title": "Rat der Stadt, Juni", "date": "2026-06-18", "place": "Ratssaal", "link": "https://rat.example/1",
        "body": BODY, "cities": ["dortmund"],
    }  # fmt: skip

    again = take(app, first)
    assert (again.made, again.changed, again.same) == ((), (), 3)
    moved = take(app, CALENDAR.format(place="Westfalenhalle").replace("20260618", "20260625"))
    assert [(one.number, one.name) for one in moved.changed] == [(number, "Rat der Stadt, Juni, 2026-06-25")]
    assert (sheet(app, number)["place"], sheet(app, number)["date"]) == ("Westfalenhalle", "2026-06-25")


def test_a_table_comes_in_by_its_headers_and_each_line_stands_for_itself(app: App) -> None:
    text = (
        "Datum;Titel;Gremium;Vorlagenschluss;Ort\n"
        "18.06.2026;Rat;Rat der Stadt Dortmund;02.06.2026;Rathaus\n"
        "31.06.2026;Rat;;;\n"
        "25.06.2026;X;;;\n"
        "09.07.2026;Fremdes Gremium;Stadtparlament;;\n"
        "16.07.2026;Rat im Juli;;;\n"
    )
    taken = take(app, text, "sitzungen.csv", None)
    assert [one.line for one in taken.made] == [2]
    assert [one.line for one in taken.faults] == [3, 4, 5, 6]  # a wrong day, no body twice, one that is not known
    assert [one.text.de for one in taken.faults if one.text.de == one.text.en] == []
    assert "„Stadtparlament“" in taken.faults[2].text.de
    assert sheet(app, taken.made[0].number)["papers_by"] == "2026-06-02"
    with_body = take(app, text, "sitzungen.csv")
    assert ([one.line for one in with_body.made], with_body.same) == ([6], 1)
    assert [one.line for one in with_body.faults] == [3, 4, 5]  # the title of the second is too short for a sheet


@pytest.mark.parametrize(
    ("text", "name", "body", "said", "german"),
    [
        (CALENDAR, "rat.ics", None, "whose sessions", "wessen Sitzungen es sind. Nennen Sie das Gremium."),
        ("Datum;Titel\n", "rat.ics", BODY, "no calendar", "kein Kalender"),
        ("Wann;Was\n1;2\n", "rat.csv", BODY, "no column 'date'", "Es fehlt die Spalte „Datum“"),
        ("", "rat.csv", BODY, "empty", "Die Datei ist leer."),
        (CALENDAR, "rat.ics", "council-ulm", "no body 'council-ulm'", "Es gibt das Gremium „council-ulm“ nicht."),
    ],
)
def test_what_is_no_list_of_sessions_is_told(text: str, name: str, body: str | None, said: str, german: str) -> None:
    from states.loader import load_programme

    programme: Programme = load_programme((SHIPPED / "programme.yaml").read_text("utf-8"), "programme.yaml")
    with pytest.raises(BadInput, match=said) as error:
        read_meetings(text.encode(), name, body, programme)
    assert german in error.value.in_locale("de")
