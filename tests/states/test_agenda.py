"""One entry of a session's form: what the session fills in, and what is odd without being refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from states.agenda import Agenda, filled, warnings
from states.programme import Body
from states.record_kinds import Field, RecordKind
from states.sentences import Text

AGENDA = Agenda("on_agenda_of", "decision", "body", {"date": "held_on"}, ("votes_for", "votes_against"))
KIND = RecordKind(
    "decision",
    Text("Beschluss", "Decision"),
    {"date": Field("date", {"type": "string", "format": "partial_date"}, Text("Datum", "Date"))},
)
TODAY = date(2026, 6, 9)


def test_what_the_session_knows_is_filled_in_unless_the_entry_says_otherwise() -> None:
    sheet = {"held_on": "2026-06-08", "place": "Rathaus"}
    assert filled(AGENDA, sheet, {"paper": "1"}) == {"date": "2026-06-08", "paper": "1"}
    assert filled(AGENDA, sheet, {"date": "2026-06-07"}) == {"date": "2026-06-07"}
    assert filled(AGENDA, {}, {}) == {}


@pytest.mark.parametrize(
    ("size", "data", "codes"),
    [
        (90, {"votes_for": 60, "votes_against": 30}, []),
        (90, {"votes_for": 60, "votes_against": 31}, ["votes_exceed_body"]),
        (None, {"votes_for": 1000}, []),
        (90, {"vote": "unanimous"}, []),
        (90, {"date": "2026-06-10"}, ["date_ahead"]),
        (90, {"date": "2026-06-09"}, []),
        (90, {"date": "2026-07"}, ["date_ahead"]),
        (90, {"date": "2026-06"}, []),
        (90, {"date": "2027"}, ["date_ahead"]),
    ],
)
def test_more_votes_than_members_and_dates_that_lie_ahead_are_odd(
    size: int | None, data: dict[str, Any], codes: list[str]
) -> None:
    body = Body("council", Text("Rat", "Council"), size=size)
    assert [one.code for one in warnings(AGENDA, KIND, body, data, TODAY)] == codes


def test_a_day_reads_as_its_language_writes_it() -> None:
    (odd,) = warnings(AGENDA, KIND, Body("council", Text("Rat", "Council")), {"date": "2026-07"}, TODAY)
    assert odd.in_locale("de").endswith("liegt in der Zukunft: 7.2026.")
    assert odd.in_locale("en").endswith("lies ahead: 2026-07.")
