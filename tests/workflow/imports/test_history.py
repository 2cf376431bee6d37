"""Another tool's log becomes items with dated events; what does not fit the lifecycle is told, or marked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ideenweg.wiring import App
from workflow.commands import Advance
from workflow.imports.report import BadRows, Report
from workflow.models import contact, deadline, disclosure, event, follow_up, item, outbox, person, record

Import = Callable[..., Report]

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)

MAPPING = """
source: {name: redmine}
lifecycle: short
actor: verwaltung@dortmund.example
title: {columns: [Betreff], fallback: "Vorgang {Fall}"}
fields:
  cities: {constant: [dortmund]}
case: Fall
activity: Schritt
time: {column: Zeit, format: ["%d.%m.%Y %H:%M", "%d.%m.%Y"]}
person: {column: Wer, map: {KO: koordination@dortmund.example}, otherwise: nobody}
activities:
  Angelegt: {begin: true}
  Eingereicht: submit
  Rückfrage: {transition: ask, reason: {column: Text}}
  Antwort: answer
  Stellungnahme: {record: opinion, fields: {feasible: {constant: true}, remark: {column: Text}}}
  Angenommen: {transition: accept, fields: {feasible: {constant: true}}}
  Abgelegt: {transition: close, reason: {column: Text, default: Abgelegt.}}
  Zuständig: {assign: expert}
  Gelesen: {ignore: Lesen ist kein Schritt.}
""".replace(", map: {KO: koordination@dortmund.example}, otherwise: nobody", "")

HEADER = "Fall;Betreff;Schritt;Zeit;Wer;Text\n"

LOG = HEADER + (
    "17;Bänke;Angelegt;03.02.2025 09:15;A. Beispiel;\n"
    "17;Bänke;Eingereicht;03.02.2025 09:20;A. Beispiel;\n"
    "18;Brunnen;Angelegt;04.02.2025 10:00;koordination@dortmund.example;\n"
    "17;Bänke;Zuständig;05.02.2025 08:00;tiefbauamt@dortmund.example;\n"
    "17;Bänke;Gelesen;05.02.2025 08:05;tiefbauamt@dortmund.example;\n"
    "17;Bänke;Rückfrage;06.02.2025 11:00;koordination@dortmund.example;Wo genau?\n"
    "17;Bänke;Antwort;10.02.2025 18:30;A. Beispiel;\n"
    "17;Bänke;Stellungnahme;20.02.2025 12:00;tiefbauamt@dortmund.example;Geht.\n"
    "17;Bänke;Angenommen;01.07.2025 08:00;koordination@dortmund.example;\n"
)


def rows(app: App, *columns: Any, where: Any = None) -> list[tuple[Any, ...]]:
    query = select(*columns)
    with app.database.reading() as connection:
        return [tuple(row) for row in connection.execute(query if where is None else query.where(where))]


def events(app: App, number: str) -> list[tuple[Any, ...]]:
    """(kind, trigger, from, to, at, misfit codes) of an item's events."""
    found = rows(
        app, event.c.seq, event.c.kind, event.c.trigger, event.c["from"], event.c.to, event.c.at, event.c.payload,
        where=event.c.stream == f"item:{number}",
    )  # fmt: skip
    return [
        (kind, trigger, source, target, at[:16], json.loads(payload)["details"].get("misfit"))
        for _, kind, trigger, source, target, at, payload in sorted(found)
    ]


def lines(*steps: str) -> str:
    """A log of one case: each step is "activity, time, person, text"."""
    return HEADER + "".join("17;Bänke;" + ";".join([*step.split(", "), ""][:4]) + "\n" for step in steps)


def test_each_case_becomes_an_item_with_the_steps_it_had(app: App, history: Import) -> None:
    report = history(LOG, MAPPING)
    assert (report.items, report.steps, report.people) == (2, 8, 1)
    assert report.states == {"draft": 1, "accepted": 1}
    assert [str(one) for one in report.skipped] == ["6: Schritt: Lesen ist kein Schritt."]
    assert rows(app, item.c.title, item.c.state, item.c.entered_at) == [
        ("Bänke", "accepted", "2025-07-01T06:00:00.000000Z"),
        ("Brunnen", "draft", "2025-02-04T09:00:00.000000Z"),
    ]
    assert events(app, "2026-0001") == [
        ("created", None, None, "draft", "2025-02-03T08:15", None),
        ("recorded", None, None, None, "2025-02-03T08:15", None),
        ("assigned", None, None, None, "2025-02-03T08:15", None),
        ("advanced", "submit", "draft", "in_review", "2025-02-03T08:20", None),
        ("assigned", None, None, None, "2025-02-05T07:00", None),
        ("advanced", "ask", "in_review", "asked", "2025-02-06T10:00", None),
        ("advanced", "answer", "asked", "in_review", "2025-02-10T17:30", None),
        ("recorded", None, None, None, "2025-02-20T11:00", None),
        ("recorded", None, None, None, "2025-07-01T06:00", None),
        ("advanced", "accept", "in_review", "accepted", "2025-07-01T06:00", None),
    ]


def test_the_events_tell_then_and_now(app: App, history: Import) -> None:
    history(LOG, MAPPING)
    marked = rows(app, event.c.via, event.c.account, event.c.recorded_at, where=event.c.stream.like("item:%"))
    assert set(marked) == {("import", "operator", "2026-06-01T08:00:00.000000Z")}


def test_every_word_of_the_log_is_kept(app: App, history: Import) -> None:
    history(LOG, MAPPING)
    assert ("Wo genau?",) in rows(app, disclosure.c.text, where=disclosure.c.part == "reason")
    opinions = rows(app, record.c.personal, where=(record.c.kind == "opinion") & record.c.personal.is_not(None))
    assert opinions == [('{"remark":"Geht."}',)]


def test_who_is_known_by_name_alone_gets_a_stand_in_and_the_same_one_again(app: App, history: Import) -> None:
    history(LOG, MAPPING)
    stand_ins = contact.c.email.like("%.invalid")
    ((name, address),) = rows(app, contact.c.name, contact.c.email, where=stand_ins)
    assert name == "A. Beispiel"
    report = history(HEADER + "19;Baum;Angelegt;01.03.2025;A. Beispiel;\n", MAPPING)
    assert report.people == 0
    assert rows(app, contact.c.name, contact.c.email, where=stand_ins) == [(name, address)]


def test_an_address_nobody_knows_becomes_a_person_once(app: App, history: Import) -> None:
    before = len(rows(app, person.c.id))
    log = lines("Angelegt, 01.03.2025, Neu@Dortmund.example", "Eingereicht, 02.03.2025, neu@dortmund.example")
    assert history(log, MAPPING, actor="neu@dortmund.example").people == 1
    assert len(rows(app, person.c.id)) == before + 1


def test_a_dry_run_changes_nothing(app: App, history: Import) -> None:
    before = rows(app, event), rows(app, person)
    assert history(LOG, MAPPING, dry_run=True).states == {"draft": 1, "accepted": 1}
    assert (rows(app, event), rows(app, person)) == before


def test_a_second_run_leaves_known_cases_alone_and_tells_which_went_on(app: App, history: Import) -> None:
    history(LOG, MAPPING)
    more = LOG + "18;Brunnen;Eingereicht;05.03.2025;koordination@dortmund.example;\n19;Baum;Angelegt;06.03.2025;K;\n"
    report = history(more, MAPPING)
    assert (report.items, report.known, report.changed) == (1, 2, (11,))


# --- what does not fit ------------------------------------------------------------------------------------------------

MISFITS = [
    (
        "a step that the state does not have",
        ["Angelegt, 01.03.2025, A", "Angenommen, 02.03.2025, K"],
        [(3, ("wrong_state", "record_closed"))],
        [("advanced", "accept", "draft", "accepted", ["wrong_state", "record_closed"])],
    ),
    (
        "a step without the reason it needs",
        ["Angelegt, 01.03.2025, A", "Eingereicht, 02.03.2025, A", "Rückfrage, 03.03.2025, K"],
        [(4, ("reason_missing",))],
        [("advanced", "ask", "in_review", "asked", ["reason_missing"])],
    ),
    (
        "four eyes that were two",
        ["Angelegt, 01.03.2025, A", "Eingereicht, 02.03.2025, A", "Angenommen, 03.03.2025, A"],
        [(4, ("four_eyes",))],
        [("advanced", "accept", "in_review", "accepted", ["four_eyes"])],
    ),
    (
        "a record in a state where nobody writes it",
        ["Angelegt, 01.03.2025, A", "Stellungnahme, 02.03.2025, T, Geht."],
        [(3, ("record_closed",))],
        [("recorded", None, None, None, ["record_closed"])],
    ),
    (
        "a way back that nobody went forth",
        ["Angelegt, 01.03.2025, A", "Antwort, 02.03.2025, A"],
        [(3, ("wrong_state",))],
        [("commented", None, None, None, ["wrong_state"])],
    ),
    (
        "an activity that the mapping does not know",
        ["Angelegt, 01.03.2025, A", "Gestempelt, 02.03.2025, A"],
        [(3, ("unknown_activity",))],
        [("commented", None, None, None, ["unknown_activity"])],
    ),
    (
        "a case without a start",
        ["Eingereicht, 02.03.2025, A"],
        [(2, ("no_start",))],
        [("advanced", "submit", "draft", "in_review", ["no_start"])],
    ),
    (
        "a case that starts twice",
        ["Angelegt, 01.03.2025, A", "Angelegt, 02.03.2025, A"],
        [(3, ("started_again",))],
        [("commented", None, None, None, ["started_again"])],
    ),
    (
        "steps out of their order",
        ["Angelegt, 02.03.2025, A", "Eingereicht, 01.03.2025, A"],
        [(3, ("out_of_order",))],
        [("advanced", "submit", "draft", "in_review", ["out_of_order"])],
    ),
]


@pytest.mark.parametrize(("what", "steps", "told", "kept"), MISFITS, ids=[case[0] for case in MISFITS])
def test_what_does_not_fit_is_told_or_taken_in_and_marked(
    app: App, history: Import, what: str, steps: list[str], told: Any, kept: Any
) -> None:
    log = lines(*steps)
    before = rows(app, event)
    with pytest.raises(BadRows) as error:
        history(log, MAPPING)
    assert [(one.line, one.codes) for one in error.value.report.misfits] == told
    assert rows(app, event) == before

    report = history(log, MAPPING, lenient=True)
    assert [(one.line, one.codes) for one in report.misfits] == told
    marked = [
        (kind, trigger, source, target, codes) for kind, trigger, source, target, _, codes in events(app, "2026-0001")
    ]
    assert [one for one in marked if one[-1]] == kept


def test_a_misfit_says_in_words_what_stood_against_the_step(history: Import) -> None:
    with pytest.raises(BadRows) as error:
        history(lines("Angelegt, 01.03.2025, A", "Angenommen, 02.03.2025, K"), MAPPING)
    assert str(error.value.report.misfits[0]).startswith(
        "3: 17, Angenommen: “Accept” is not possible in the state “Draft”; it is in: In review."
    )
    assert "1 of 2 rows cannot be taken in, so nothing was." in str(error.value)


def test_the_steps_after_a_misfit_are_judged_by_the_way_the_case_went(history: Import) -> None:
    log = lines("Angelegt, 01.03.2025, A", "Rückfrage, 02.03.2025, K, Wo?", "Antwort, 03.03.2025, A")
    with pytest.raises(BadRows) as error:
        history(log, MAPPING)
    assert [one.line for one in error.value.report.misfits] == [3]


def test_an_unknown_activity_stays_readable(app: App, history: Import) -> None:
    history(lines("Angelegt, 01.03.2025, A", "Gestempelt, 02.03.2025, A"), MAPPING, lenient=True)
    assert rows(app, disclosure.c.text, where=disclosure.c.part == "text") == [("redmine: Gestempelt",)]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("Eingereicht, gestern, A", "3: Zeit: 'gestern' is no time as %d.%m.%Y %H:%M or %d.%m.%Y. Correct it."),
        ("Eingereicht, , A", "3: Zeit: There is no time. Give one."),
        ("Eingereicht, 02.03.2031, A", "3: Zeit: 02.03.2031 is still to come. Correct it."),
        ("Eingereicht, 02.03.2025, ", "3: Wer: Nobody is named. Name who did it, or give a `default`."),
        ("Eingereicht, 02.03.2025, a@b@c", "3: Wer: 'a@b@c' is no e-mail address"),
    ],
)
def test_what_can_be_read_in_no_way_stops_even_a_lenient_import(history: Import, step: str, said: str) -> None:
    with pytest.raises(BadRows) as error:
        history(lines("Angelegt, 01.03.2025, A", step), MAPPING, lenient=True)
    assert str(error.value.report.problems[0]).startswith(said)


def test_a_row_of_no_case_is_told(history: Import) -> None:
    with pytest.raises(BadRows) as error:
        history(HEADER + ";Bänke;Angelegt;01.03.2025;A;\n", MAPPING)
    assert [str(one) for one in error.value.report.problems] == ["2: Fall: The row belongs to no case. Name one."]


def test_a_log_out_of_order_can_be_put_in_order_and_what_was_at_once_is_told(app: App, history: Import) -> None:
    log = lines("Eingereicht, 02.03.2025, A", "Angelegt, 01.03.2025, A", "Angenommen, 02.03.2025, K")
    report = history(log, MAPPING + "order: time\n")
    assert [one[1] for one in events(app, "2026-0001") if one[0] == "advanced"] == ["submit", "accept"]
    assert [str(one) for one in report.remarks] == ["4: Zeit: as late as line 2; taken in the order of the file"]


def test_without_an_activity_that_begins_the_first_step_does(app: App, history: Import) -> None:
    history(lines("Eingereicht, 02.03.2025, A"), MAPPING.replace("  Angelegt: {begin: true}\n", ""))
    assert ("advanced", "submit") in [one[:2] for one in events(app, "2026-0001")]


# --- time goes on from now --------------------------------------------------------------------------------------------


def test_no_later_sweep_fires_what_was_due_in_a_state_long_left(app: App, history: Import) -> None:
    """The question of 2025 ran out after five days; the answer came, and the item has moved on since."""
    history(LOG, MAPPING)
    before = rows(app, event)
    swept = app.sweep(now=NOW + timedelta(days=30))
    assert (swept.fired, swept.followed_up) == (0, 0)
    assert rows(app, event) == before


def test_the_deadline_of_the_present_state_starts_anew_where_it_ran_out_before(app: App, history: Import) -> None:
    history(lines("Angelegt, 01.03.2025, A", "Eingereicht, 02.03.2025, A", "Rückfrage, 03.03.2025, K, Wo?"), MAPPING)
    found = rows(app, deadline.c.rule, deadline.c.local_date, deadline.c.status)
    assert sorted(found) == [("asked", "2026-06-06", "running"), ("in_review", "2025-03-17", "stopped")]
    assert app.sweep(now=NOW + timedelta(days=1)).fired == 0
    assert app.sweep(now=NOW + timedelta(days=7)).fired == 1
    assert rows(app, item.c.state) == [("in_review",)]


def test_nobody_is_told_of_the_past(app: App, history: Import) -> None:
    history(LOG, MAPPING)
    assert rows(app, outbox.c.id) == []
    assert rows(app, follow_up.c.id) == []


def test_four_eyes_hold_over_what_was_done_in_the_other_tool(app: App, history: Import) -> None:
    history(lines("Angelegt, 01.03.2025, A", "Eingereicht, 02.03.2025, koordination@dortmund.example"), MAPPING)

    def accept(actor: str) -> Advance:
        return Advance(actor=actor, item="2026-0001", transition="accept", data={"feasible": True})

    blocked = app.engine.plan(accept("koordination@dortmund.example"), now=NOW)
    assert [one.code for one in blocked.blockers] == ["four_eyes"]
    assert app.engine.plan(accept("vertretung@dortmund.example"), now=NOW).allowed


def test_a_log_of_years_beyond_the_calendar_is_told(history: Import) -> None:
    with pytest.raises(BadRows) as error:
        history(lines("Angelegt, 01.03.1801, A", "Eingereicht, 02.03.1801, A"), MAPPING)
    assert "working days of 1801 cannot be counted" in str(error.value.report.problems[0])
