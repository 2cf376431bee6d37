"""One entry of a session's form: what the session fills in."""

from __future__ import annotations

from states.agenda import Agenda, filled

AGENDA = Agenda("on_agenda_of", "decision", "body", {"date": "held_on"})


def test_what_the_session_knows_is_filled_in_unless_the_entry_says_otherwise() -> None:
    sheet = {"held_on": "2026-06-08", "place": "Rathaus"}
    assert filled(AGENDA, sheet, {"paper": "1"}) == {"date": "2026-06-08", "paper": "1"}
    assert filled(AGENDA, sheet, {"date": "2026-06-07"}) == {"date": "2026-06-07"}
    assert filled(AGENDA, {}, {}) == {}
