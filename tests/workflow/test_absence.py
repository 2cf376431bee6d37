"""Whoever is away names their own deputy, and nobody else's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ideenweg.wiring import App
from workflow import absence, access
from workflow.absence import WrongAbsence
from workflow.errors import NotFound
from workflow.queries.people import deputies_of
from workflow.streams import Origin

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
TODAY = date(2026, 6, 1)
AWAY, DEPUTY = "koordination@dortmund.example", "vertretung@dortmund.example"


def test_an_absence_is_entered_and_ended_by_whoever_is_away(app: App) -> None:
    def enter(connection: Any, deputy: str = DEPUTY, begin: int = 0, days: int = 14) -> str:
        who = access.find(connection, AWAY).id
        first = TODAY + timedelta(days=begin)
        return absence.name_deputy(
            connection, who, deputy, TODAY, Origin(who, "page"), NOW,
            valid_from=first, valid_to=first + timedelta(days=days),
        )  # fmt: skip

    wrong: list[tuple[dict[str, Any], str]] = [
        ({"begin": -1}, "past"),
        ({"days": -1}, "order"),
        ({"days": 400}, "long"),
        ({"deputy": AWAY}, "self"),
        ({"deputy": "niemand@dortmund.example"}, "unknown"),
        ({"deputy": "buergerin@dortmund.example"}, "unknown"),
    ]
    for asked, code in wrong:
        with pytest.raises(WrongAbsence) as error:
            app.database.attempt(lambda connection, a=asked: enter(connection, **a))  # type: ignore[misc]
        assert error.value.code == code
    key = app.database.attempt(enter)
    with app.database.reading() as connection:
        own, other = access.find(connection, AWAY).id, access.find(connection, DEPUTY).id
        assert [(one.person, one.deputy) for one in deputies_of(connection, own)] == [(AWAY, DEPUTY)]
    with pytest.raises(NotFound):
        app.database.attempt(lambda it: absence.end_absence(it, other, key, TODAY, Origin(other, "page"), NOW))
    app.database.attempt(lambda it: absence.end_absence(it, own, key, TODAY, Origin(own, "page"), NOW))
    with app.database.reading() as connection:
        assert deputies_of(connection, own)[0].valid_to < TODAY
    assert app.audit.verify().findings == ()
