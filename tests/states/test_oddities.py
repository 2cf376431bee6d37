"""What is odd about a record without being refused: votes of nobody, days that are still to come."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from states.blockers import Blocker
from states.oddities import oddities
from states.programme import Body, Programme
from states.record_kinds import Field, Per, RecordKind
from states.records import RecordPlan
from states.sentences import Text

DAY = {"type": "string", "format": "partial_date"}
KIND = RecordKind(
    "decision",
    Text("Beschluss", "Decision"),
    {
        "date": Field("date", DAY, Text("Datum", "Date"), happened=True),
        "due": Field("due", DAY, Text("Frist", "Due")),
    },
    per=Per.BODY,
    votes=("votes_for", "votes_against"),
)
TODAY = date(2026, 6, 9)


def odd(data: dict[str, Any], size: int | None = 90) -> list[Blocker]:
    bodies = {"council": Body("council", Text("Rat", "Council"), size=size)}
    return list(oddities(RecordPlan(KIND, (), "council", data=data), Programme("", 1, bodies=bodies), TODAY))


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
        (90, {"due": "2027"}, []),
        (90, {"date": "2027", "votes_for": 91}, ["votes_exceed_body", "date_ahead"]),
    ],
)
def test_more_votes_than_members_and_what_has_not_happened_yet_are_odd(
    size: int | None, data: dict[str, Any], codes: list[str]
) -> None:
    assert [one.code for one in odd(data, size)] == codes


def test_a_day_reads_as_its_language_writes_it() -> None:
    (one,) = odd({"date": "2026-07"})
    assert one.in_locale("de") == "„Datum“ liegt in der Zukunft: 7.2026."
    assert one.in_locale("en") == "“Date” lies ahead: 2026-07."
