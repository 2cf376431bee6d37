"""What everybody may see: released items alone, nobody by name, and every answer from an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as listened

from ideenweg.wiring import SHIPPED, open_workflow
from workflow import access
from workflow.commands import Advance, Assign, Comment, Correct, Create, Link, Record
from workflow.queries import public
from workflow.queries.public import News, PublicItem, Voice
from workflow.streams import Origin

from .conftest import Days

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CITIZEN, COORDINATOR, OFFICE, ADMINISTRATOR = (
    "einreichung@dortmund.example",
    "koordination@dortmund.example",
    "umweltamt@dortmund.example",
    "verwaltung@dortmund.example",
)
PEOPLE = {
    COORDINATOR: [("coordinator", "dortmund")],
    OFFICE: [("department", "environment-office-dortmund")],
    ADMINISTRATOR: [("administrator", None)],
}


class Desk(Days):
    """Items made step by step, a day a step."""

    def handed_in(self, title: str, *, released: bool) -> str:
        number = self.do(Create(actor=CITIZEN, data={"title": title, "idea": "…", "cities": ["dortmund"]}))
        self.do(Advance(actor=CITIZEN, item=number, transition="submit"))
        self.do(Record(actor=COORDINATOR, item=number, kind="release", data={"released": released}))
        return number

    def find(self, number: str) -> PublicItem | None:
        with self.app.database.reading() as connection:
            return public.find(connection, self.app.rules, number)

    def found(self, number: str) -> PublicItem:
        item = self.find(number)
        assert item is not None
        return item


@pytest.fixture
def desk(database_url: str, appoint: Callable[..., None]) -> Iterator[Desk]:
    with open_workflow(database_url, lifecycle=SHIPPED / "lifecycles" / "idea-to-project.yaml") as app:
        appoint(app, "idea-to-project", PEOPLE, START, since=date(2026, 1, 1), until=date(2026, 3, 31))
        yield Desk(app, START)


def test_what_is_not_released_is_not_there_and_what_is_taken_back_is_no_more(desk: Desk) -> None:
    shown, hidden = desk.handed_in("Offen", released=True), desk.handed_in("Verdeckt", released=False)
    assert desk.find(hidden) is None
    assert desk.find("1999-0001") is None
    assert desk.found(shown).title == "Offen"
    with desk.app.database.reading() as connection:
        assert public.counts(connection, "idea-to-project") == {"submitted": 1}
        assert [one.number for one in public.news(connection, "idea-to-project", 10)] == [shown]
        assert public.counts(connection, "strategy") == {}
    desk.do(Record(actor=COORDINATOR, item=shown, kind="release", data={"released": False}))
    assert desk.find(shown) is None


def test_only_public_fields_of_public_records_are_given(desk: Desk) -> None:
    number = desk.handed_in("Offen", released=True)
    sheet = {"title": "Offen", "idea": "Mehr Bäume", "cities": ["dortmund"], "staff": 4, "risks": "Trockenheit"}
    desk.do(Record(actor=COORDINATOR, item=number, kind="sheet", data=sheet))
    desk.do(Record(actor=COORDINATOR, item=number, kind="conflict_of_interest", data={"conflicted": False}))
    desk.do(Record(actor=COORDINATOR, item=number, kind="credit", data={"name": "Baumfreunde"}))
    shown = {record.kind: record.data for record in desk.found(number).records}
    assert shown == {
        "sheet": {"title": "Offen", "idea": "Mehr Bäume", "cities": ["dortmund"]},
        "credit": {"name": "Baumfreunde"},
    }


def test_the_history_gives_public_reasons_and_comments_and_says_in_which_role(desk: Desk) -> None:
    number = desk.handed_in("Offen", released=True)
    desk.do(Comment(actor=COORDINATOR, item=number, text="Alle sind eingeladen.", public=True))
    desk.do(Comment(actor=COORDINATOR, item=number, text="Nur für uns."))
    desk.do(Assign(actor=COORDINATOR, item=number, role="department", person=OFFICE))
    desk.do(Advance(actor=OFFICE, item=number, transition="ask", reason="Unter uns", data={"question": "Wo?"}))
    desk.do(Advance(actor=CITIZEN, item=number, transition="withdraw"))
    desk.do(Correct(actor=ADMINISTRATOR, item=number, to="submitted", reason="Versehen, geheim"))
    desk.do(Advance(actor=COORDINATOR, item=number, transition="reject", reason="Gibt es schon."))
    told = [(one.kind, one.transition, one.text, one.voice) for one in desk.found(number).steps]
    coordinator = Voice("coordinator", "city", "dortmund")
    citizen = Voice("submitter")
    assert told == [
        ("created", None, None, citizen),
        ("advanced", "submit", None, citizen),
        ("commented", None, "Alle sind eingeladen.", coordinator),
        ("advanced", "ask", None, Voice("department", "unit", "environment-office-dortmund")),
        ("advanced", "withdraw", None, citizen),
        ("corrected", None, None, Voice("administrator")),
        ("advanced", "reject", "Gibt es schon.", coordinator),
    ]


def test_a_role_counts_on_the_days_it_was_held_alone(desk: Desk) -> None:
    number = desk.handed_in("Offen", released=True)
    with desk.app.database.writing() as connection:
        role = desk.app.rules.newest_of(desk.app.database, "idea-to-project").roles["coordinator"]
        access.grant(
            connection, COORDINATOR, role, "schwerte", desk.app.rules.programme, Origin("operator", "cli"), desk.now,
            valid_from=date(2025, 1, 1), valid_to=date(2025, 12, 31),
        )  # fmt: skip
    desk.do(Comment(actor=COORDINATOR, item=number, text="Hallo.", public=True))
    assert desk.found(number).steps[-1].voice == Voice("coordinator", "city", "dortmund")


def test_links_show_released_items_from_either_end(desk: Desk) -> None:
    one, other = desk.handed_in("Eins", released=True), desk.handed_in("Zwei", released=True)
    hidden = desk.handed_in("Drei", released=False)
    desk.do(Link(actor=COORDINATOR, item=one, kind="related", other=other))
    desk.do(Link(actor=COORDINATOR, item=one, kind="split_from", other=hidden))
    (out,) = desk.found(one).relations
    (back,) = desk.found(other).relations
    assert (out.kind, out.outgoing, out.number, out.title) == ("related", True, other, "Zwei")
    assert (back.kind, back.outgoing, back.number, back.title) == ("related", False, one, "Eins")


def test_news_come_newest_first_and_no_more_than_asked(desk: Desk) -> None:
    numbers = [desk.handed_in(f"Idee {n}", released=True) for n in range(3)]
    with desk.app.database.reading() as connection:
        found = public.news(connection, "idea-to-project", 2)
    assert [one.number for one in found] == numbers[:0:-1]
    assert found[0] == News(numbers[2], "Idee 2", 1, "submit", "submitted", found[0].seq, desk.now - timedelta(days=1))


def test_every_answer_comes_from_an_index(desk: Desk) -> None:
    number = desk.handed_in("Offen", released=True)
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        asked.append((statement, parameters))

    questions: list[Callable[[Any], object]] = [
        lambda connection: public.counts(connection, "idea-to-project"),
        lambda connection: public.field_counts(connection, "idea-to-project"),
        lambda connection: public.news(connection, "idea-to-project", 8),
        lambda connection: public.find(connection, desk.app.rules, number),
    ]
    database = desk.app.database
    listened.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as connection:
        for question in questions:
            question(connection)
    listened.remove(database.engine, "before_cursor_execute", note)
    assert len(asked) >= 8
    for statement, parameters in asked:
        with database.reading() as connection:
            if database.dialect == "sqlite":
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plan = [row[3] for row in rows]
                scans = [line for line in plan if line.startswith("SCAN") and "CONSTANT ROW" not in line]
                # For each row of what leads, all items of a lifecycle are no better than all items.
                scans += [line for line in plan[1:] if line.endswith("(lifecycle=?)")]
            else:
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
                plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
                scans = [line for line in plan if "Seq Scan" in line]
            assert scans == [], "\n".join([statement, *plan])
