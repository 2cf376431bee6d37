"""What one command does, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from ideenweg.wiring import App
from states.snapshot import SYSTEM
from workflow import access
from workflow.commands import (
    Advance,
    Assign,
    Comment,
    Correct,
    Create,
    Link,
    Record,
    Support,
    Unassign,
    Unlink,
)
from workflow.engine import Outcome
from workflow.errors import BadInput, Conflict, Invalid, NotFound, Refused
from workflow.events import moment
from workflow.models import deadline, event, follow_up, item, item_facet, outbox, record
from workflow.streams import Origin

CITIZEN, COORDINATOR, SUBSTITUTE = (
    "buergerin@dortmund.example",
    "koordination@dortmund.example",
    "vertretung@dortmund.example",
)
NEIGHBOUR, EXPERT, ADMINISTRATOR = (
    "koordination@schwerte.example",
    "tiefbauamt@dortmund.example",
    "verwaltung@dortmund.example",
)
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
Creator = Callable[..., Outcome]


def advance(app: App, number: str, transition: str, actor: str = COORDINATOR, **more: object) -> Outcome:
    at = more.pop("now", NOW)
    return app.engine.execute(Advance(item=number, transition=transition, actor=actor, **more), now=at)  # type: ignore[arg-type]


def rows(app: App, query: object) -> list[tuple[object, ...]]:
    with app.database.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]  # type: ignore[call-overload]


def kinds(app: App, number: str) -> list[tuple[object, ...]]:
    columns = select(event.c.kind, event.c.trigger, event.c.actor)
    return rows(app, columns.where(event.c.stream == f"item:{number}").order_by(event.c.seq))


def blockers(app: App, number: str, transition: str, actor: str = COORDINATOR, **more: object) -> set[str]:
    plan = app.engine.plan(Advance(item=number, transition=transition, actor=actor, **more), now=NOW)  # type: ignore[arg-type]
    return {one.code for one in plan.blockers}


def reviewed(app: App, create: Creator) -> str:
    """The number of an item in review."""
    number = create().item.number
    advance(app, number, "submit", CITIZEN)
    return number


def accepted(app: App, create: Creator) -> str:
    number = reviewed(app, create)
    advance(app, number, "accept", data={"feasible": True})
    return number


def test_a_new_item_is_in_the_initial_state_with_a_number_of_the_year(create: Creator) -> None:
    first, second = create().item, create().item
    assert (first.number, second.number) == ("2026-0001", "2026-0002")
    assert (first.state, first.title, first.lifecycle, first.version) == ("draft", "Sensoren an Brücken", "short", 1)


def test_creating_writes_the_item_its_sheet_and_the_role_of_whoever_hands_in(app: App, create: Creator) -> None:
    number = create(contact="0231 0000").item.number
    assert [kind for kind, *_ in kinds(app, number)] == ["created", "recorded", "assigned"]
    cities = select(item_facet.c.value).where(item_facet.c.facet == "cities")
    assert rows(app, cities) == [("dortmund",)]
    [(data, personal)] = rows(app, select(record.c.data, record.c.personal))
    assert data == '{"cities":["dortmund"],"title":"Sensoren an Brücken"}'
    assert personal == '{"contact":"0231 0000"}'


def test_whoever_hands_in_first_becomes_a_person_by_it(app: App, create: Creator) -> None:
    number = create("neu@schwerte.example").item.number
    with app.database.reading() as connection:
        known = access.find(connection, "NEU@schwerte.example")
    assert kinds(app, number)[0] == ("created", None, known.id)


def test_a_transition_moves_the_item_and_is_told_in_its_stream(app: App, create: Creator) -> None:
    number = create().item.number
    moved = advance(app, number, "submit", CITIZEN)
    assert (moved.item.state, moved.item.revision, moved.item.visit) == ("in_review", 4, 4)
    assert moved.seqs == (4,)
    assert kinds(app, number)[-1][:2] == ("advanced", "submit")


def test_the_revision_is_the_number_of_events(app: App, create: Creator) -> None:
    number = accepted(app, create)
    [(revision, head)] = rows(app, select(item.c.revision, item.c.head))
    [(count, last)] = rows(app, select(func.count(), func.max(event.c.seq)).where(event.c.stream == f"item:{number}"))
    assert revision == count == last
    assert rows(app, select(event.c.hash).where(event.c.seq == last, event.c.stream == f"item:{number}")) == [(head,)]


def test_every_blocker_is_told_not_the_first(app: App, create: Creator) -> None:
    number = create().item.number
    assert {"wrong_state", "role"} <= blockers(app, number, "accept", CITIZEN)


def test_a_refused_command_changes_nothing_and_stands_in_the_actors_stream(app: App, create: Creator) -> None:
    number = create().item.number
    before = rows(app, select(item))
    with pytest.raises(Refused):
        advance(app, number, "accept", CITIZEN, data={"feasible": True})
    assert rows(app, select(item)) == before
    with app.database.reading() as connection:
        person = access.find(connection, CITIZEN).id
    told = select(event.c.kind).where(event.c.stream == f"person:{person}").order_by(event.c.seq)
    assert rows(app, told)[-1] == ("person:refused",)


def test_refusals_are_noted_only_so_often_a_minute(app: App, create: Creator) -> None:
    number = create().item.number
    for _ in range(access.REFUSALS_A_MINUTE + 5):
        with pytest.raises(Refused):
            advance(app, number, "close", CITIZEN)
    noted = select(event.c.payload).where(event.c.kind == "person:refused").order_by(event.c.seq)
    assert len(rows(app, noted)) == access.REFUSALS_A_MINUTE
    with pytest.raises(Refused):
        advance(app, number, "close", CITIZEN, now=NOW + timedelta(minutes=2))
    assert b'"left_out":5' in rows(app, noted)[-1][0]  # type: ignore[operator]


def test_a_command_sent_twice_happens_once(app: App, create: Creator) -> None:
    number = create().item.number
    first = advance(app, number, "submit", CITIZEN, command_id="c-1")
    again = advance(app, number, "submit", CITIZEN, command_id="c-1")
    assert (again.item, again.seqs, again.repeated) == (first.item, first.seqs, True)
    assert len(kinds(app, number)) == first.item.revision


def test_a_creation_sent_twice_makes_one_item(app: App) -> None:
    order = Create(actor=CITIZEN, data={"title": "Einmal"}, command_id="c-2")
    first, again = (app.engine.execute(order, now=NOW) for _ in range(2))
    assert first.item.number == again.item.number
    assert rows(app, select(func.count()).select_from(item)) == [(1,)]


def test_another_request_under_a_used_command_id_is_an_error(app: App, create: Creator) -> None:
    number = create().item.number
    advance(app, number, "submit", CITIZEN, command_id="c-3")
    with pytest.raises(Invalid, match="new id"):
        advance(app, number, "submit", CITIZEN, command_id="c-3", reason="anders")


def test_a_refused_command_is_judged_anew_under_the_same_id(app: App, create: Creator) -> None:
    number = create().item.number
    with pytest.raises(Refused):
        advance(app, number, "accept", data={"feasible": True}, command_id="c-4")
    advance(app, number, "submit", CITIZEN)
    assert advance(app, number, "accept", data={"feasible": True}, command_id="c-4").item.state == "accepted"


def test_a_revision_that_is_no_longer_the_items_is_a_conflict(app: App, create: Creator) -> None:
    number = create().item.number
    app.engine.execute(Comment(item=number, actor=CITIZEN, text="Noch etwas."), now=NOW)
    with pytest.raises(Conflict, match="revision 4") as caught:
        advance(app, number, "submit", CITIZEN, revision=3)
    assert caught.value.current.state == "draft"
    assert "stale" in blockers(app, number, "submit", CITIZEN, revision=3)
    assert advance(app, number, "submit", CITIZEN, revision=4).item.state == "in_review"


def test_a_record_compares_its_own_version(app: App, create: Creator) -> None:
    number = create().item.number
    new = Record(item=number, kind="sheet", actor=CITIZEN, data={"title": "Neuer Titel"}, version=1)
    assert app.engine.execute(new, now=NOW).item.title == "Neuer Titel"
    with pytest.raises(Conflict, match="version 2"):
        app.engine.execute(new, now=NOW)
    versions = select(record.c.version, record.c.latest).order_by(record.c.version)
    assert [(version, bool(latest)) for version, latest in rows(app, versions)] == [(1, False), (2, True)]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({}, "title"),
        ({"title": "x", "price": 3}, "price"),
        ({"title": 3}, "title"),
        ({"title": "x", "cities": ["ulm"]}, "cities"),
    ],
)
def test_bad_data_is_told_with_its_place(app: App, data: dict[str, object], path: str) -> None:
    with pytest.raises(Invalid) as caught:
        app.engine.execute(Create(actor=CITIZEN, data=data), now=NOW)
    assert path in str(caught.value.path)
    assert rows(app, select(item)) == []


def test_names_that_do_not_exist_are_told_with_those_that_do(app: App, create: Creator) -> None:
    number = create().item.number
    with pytest.raises(Invalid, match="submit"):
        advance(app, number, "submitt", CITIZEN)
    with pytest.raises(Invalid, match="opinion"):
        app.engine.execute(Record(item=number, kind="opinon", actor=CITIZEN, data={}), now=NOW)
    with pytest.raises(NotFound, match="2026-9999"):
        advance(app, "2026-9999", "submit")
    with pytest.raises(NotFound, match=r"niemand@dortmund\.example"):
        advance(app, number, "submit", "niemand@dortmund.example")
    with pytest.raises(NotFound, match=SYSTEM):
        advance(app, number, "submit", SYSTEM)


def test_a_question_stops_the_clock_and_the_answer_goes_on_in_the_same_visit(app: App, create: Creator) -> None:
    number = reviewed(app, create)
    clocks = select(deadline.c.rule, deadline.c.status, deadline.c.local_date).order_by(deadline.c.rule)
    assert rows(app, clocks) == [("in_review", "running", "2026-06-16")]
    asked = advance(app, number, "ask", reason="Wo genau?", now=NOW + timedelta(days=1))
    assert rows(app, clocks) == [("asked", "running", "2026-06-07"), ("in_review", "stopped", "2026-06-16")]
    answered = advance(app, number, "answer", CITIZEN, now=NOW + timedelta(days=4))
    assert (answered.item.state, answered.item.visit) == ("in_review", 4)
    assert asked.item.visit == 5
    # Nine working days were left on 2 June; counted from 5 June, the day after Corpus Christi, they end on the 18th.
    assert rows(app, clocks) == [("asked", "closed", "2026-06-07"), ("in_review", "running", "2026-06-18")]


def test_a_question_without_an_answer_ends_by_itself(app: App, create: Creator) -> None:
    number = reviewed(app, create)
    advance(app, number, "ask", reason="Wo genau?")
    assert app.sweep(now=datetime(2026, 6, 6, 21, 59, tzinfo=UTC)).fired == 0
    due = datetime(2026, 6, 6, 22, tzinfo=UTC)
    assert app.sweep(now=due).fired == 1
    assert app.sweep(now=due).fired == 0
    assert kinds(app, number)[-1] == ("advanced", "go_on", "system")


def test_what_a_person_did_in_time_is_not_done_again_by_the_clock(app: App, create: Creator) -> None:
    number = reviewed(app, create)
    advance(app, number, "ask", reason="Wo genau?")
    advance(app, number, "answer", CITIZEN)
    assert app.sweep(now=NOW + timedelta(days=60)).fired == 0


def test_enough_support_sets_off_what_waits_for_it(app: App, create: Creator) -> None:
    number = accepted(app, create)
    revision = len(kinds(app, number))
    app.engine.execute(Support(item=number, actor=CITIZEN), now=NOW)
    assert len(kinds(app, number)) == revision
    with pytest.raises(Refused):
        app.engine.execute(Support(item=number, actor=CITIZEN), now=NOW)
    after = app.engine.execute(Support(item=number, actor="buerger@schwerte.example"), now=NOW)
    assert after.item.state == "popular"
    assert kinds(app, number)[-1] == ("advanced", "applaud", "system")


def test_an_effect_on_another_item_is_a_follow_up_of_the_sweep(app: App, create: Creator) -> None:
    main, side = create().item.number, create().item.number
    app.engine.execute(Link(item=side, kind="hangs_on", other=main, actor=COORDINATOR), now=NOW)
    advance(app, main, "close", reason="Erledigt")
    assert rows(app, select(follow_up.c.item, follow_up.c.transition)) == [(side, "close")]
    assert app.sweep(now=NOW).followed_up == 1
    assert app.sweep(now=NOW).followed_up == 0
    assert kinds(app, side)[-1] == ("advanced", "close", "system")


def test_a_link_is_made_once_and_ended_once(app: App, create: Creator) -> None:
    one, other = create().item.number, create().item.number
    link = Link(item=one, kind="hangs_on", other=other, actor=COORDINATOR)
    app.engine.execute(link, now=NOW)
    with pytest.raises(Refused):
        app.engine.execute(link, now=NOW)
    app.engine.execute(Unlink(item=one, kind="hangs_on", other=other, actor=COORDINATOR), now=NOW)
    with pytest.raises(NotFound):
        app.engine.execute(Unlink(item=one, kind="hangs_on", other=other, actor=COORDINATOR), now=NOW)
    app.engine.execute(link, now=NOW)
    assert [kind for kind, *_ in kinds(app, one)][3:] == ["linked", "unlinked", "linked"]


def test_an_assignment_lets_a_person_act_and_can_be_taken_back(app: App, create: Creator) -> None:
    number = reviewed(app, create)
    opinion = Record(item=number, kind="opinion", actor=EXPERT, data={"feasible": True})
    with pytest.raises(Refused):
        app.engine.execute(opinion, now=NOW)
    app.engine.execute(Assign(item=number, role="expert", person=EXPERT, actor=COORDINATOR), now=NOW)
    app.engine.execute(opinion, now=NOW)
    app.engine.execute(Unassign(item=number, role="expert", person=EXPERT, actor=COORDINATOR), now=NOW)
    with pytest.raises(Refused):
        app.engine.execute(opinion, now=NOW)


def test_a_coordinator_of_the_other_city_cannot_move_the_item(app: App, create: Creator) -> None:
    number = reviewed(app, create)
    assert "role" in blockers(app, number, "accept", NEIGHBOUR, data={"feasible": True})
    joint = create(cities=["dortmund", "schwerte"]).item.number
    advance(app, joint, "submit", CITIZEN)
    assert advance(app, joint, "accept", NEIGHBOUR, data={"feasible": True}).item.state == "accepted"


def test_four_eyes_hold_against_the_same_person_and_their_deputy(app: App, create: Creator) -> None:
    number = create().item.number
    advance(app, number, "submit", COORDINATOR)
    assert "four_eyes" in blockers(app, number, "accept", data={"feasible": True})
    app.database.attempt(
        lambda connection: access.deputise(
            connection, COORDINATOR, SUBSTITUTE, Origin("operator", "cli"), NOW,
            valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 30),
        )
    )  # fmt: skip
    as_deputy = {"on_behalf_of": COORDINATOR, "data": {"feasible": True}}
    assert "four_eyes" in blockers(app, number, "accept", SUBSTITUTE, **as_deputy)
    assert advance(app, number, "accept", SUBSTITUTE, data={"feasible": True}).item.state == "accepted"


def test_a_deputy_acts_in_the_place_of_somebody_on_the_agreed_days_only(app: App, create: Creator) -> None:
    number = reviewed(app, create)
    as_deputy = {"on_behalf_of": COORDINATOR, "reason": "Wo?"}
    assert "not_deputy" in blockers(app, number, "ask", EXPERT, **as_deputy)
    app.database.attempt(
        lambda connection: access.deputise(
            connection, COORDINATOR, EXPERT, Origin("operator", "cli"), NOW,
            valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 2),
        )
    )  # fmt: skip
    assert advance(app, number, "ask", EXPERT, **as_deputy).item.state == "asked"
    with app.database.reading() as connection:
        acting, away = access.find(connection, EXPERT).id, access.find(connection, COORDINATOR).id
    last = select(event.c.actor, event.c.on_behalf_of).where(event.c.trigger == "ask")
    assert rows(app, last) == [(acting, away)]
    late = Advance(item=number, transition="close", actor=EXPERT, on_behalf_of=COORDINATOR, reason="Zu spät")
    plan = app.engine.plan(late, now=NOW + timedelta(days=2))
    assert "not_deputy" in {one.code for one in plan.blockers}


def test_an_administrator_corrects_with_a_reason_and_the_history_keeps_both(app: App, create: Creator) -> None:
    number = create().item.number
    with pytest.raises(Refused):
        app.engine.execute(Correct(item=number, to="accepted", reason="Irrtum", actor=COORDINATOR), now=NOW)
    moved = app.engine.execute(Correct(item=number, to="accepted", reason="Irrtum", actor=ADMINISTRATOR), now=NOW)
    assert moved.item.state == "accepted"
    assert [kind for kind, *_ in kinds(app, number)][-1] == "corrected"
    with pytest.raises(Invalid, match="in_review"):
        app.engine.execute(Correct(item=number, to="in_revue", reason="Irrtum", actor=ADMINISTRATOR), now=NOW)


def test_a_plan_changes_nothing(app: App, create: Creator) -> None:
    number = create().item.number
    before = rows(app, select(event.c.stream, event.c.seq))
    plan = app.engine.plan(Advance(item=number, transition="submit", actor=CITIZEN), now=NOW)
    assert (plan.allowed, plan.target) == (True, "in_review")
    assert not app.engine.plan(Create(actor="neu@schwerte.example", data={}), now=NOW).allowed
    assert rows(app, select(event.c.stream, event.c.seq)) == before


def test_the_moment_of_a_command_needs_a_zone(app: App, create: Creator) -> None:
    number = create().item.number
    with pytest.raises(ValueError, match="aware"):
        advance(app, number, "submit", CITIZEN, now=datetime(2026, 6, 1))  # noqa: DTZ001


def test_times_of_events_are_what_the_caller_said(app: App, create: Creator) -> None:
    number = create().item.number
    [(at,)] = rows(app, select(event.c.at).where(event.c.stream == f"item:{number}", event.c.seq == 1))
    assert moment(str(at)) == NOW


def test_persons_are_checked_before_they_are_made(app: App) -> None:
    for wrong in ("ohne-at", "zwei@@zeichen.example", "koordination@dortmund.example"):
        with pytest.raises(BadInput):
            app.database.attempt(
                lambda connection, wrong=wrong: access.add(connection, wrong, "X", Origin("operator", "cli"), NOW)
            )


def test_the_history_verifies(app: App, create: Creator) -> None:
    accepted(app, create)
    assert app.audit.verify().ok


def test_a_transition_leaves_its_notices_in_the_outbox(app: App, create: Creator) -> None:
    create()
    assert rows(app, select(func.count()).select_from(outbox)) == [(0,)]
