"""What is like a text is found by the database's own index: umlauts and compound words do not hide it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import Connection, insert, text, true

from ideenweg.wiring import App, open_workflow
from workflow.commands import Create, Record
from workflow.models import item_text
from workflow.queries.alike import EVERYBODYS, Alike, alike, likeness
from workflow.words import kept, with_parts

SHORT = Path(__file__).parents[2] / "lifecycles" / "short.yaml"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
WHO = "buergerin@dortmund.example"
ITEM = """
INSERT INTO item (number, ordinal, lifecycle, version, state, revision, head, visit, entered_at, title, released,
                  created_at)
VALUES (:number, :ordinal, 'short', 1, 'draft', 1, '', 1, '2026-06-01T08:00:00.000000Z', :title, true,
        '2026-06-01T08:00:00.000000Z')
"""
TITLES = (
    "Trinkbrunnen am Marktplatz", "Bänke im Westpark", "Sensoren an Brücken", "Radweg entlang der Emscher",
    "Offene Werkstatt in der Nordstadt", "Bäume für die Schulhöfe", "Straßenlaternen mit Bewegungsmelder",
)  # fmt: skip


@pytest.fixture
def app(database_url: str) -> Iterator[App]:
    with open_workflow(database_url, lifecycle=SHORT) as app:
        for title in TITLES:
            app.engine.execute(Create(actor=WHO, data={"title": title}), now=NOW)
        yield app


def ask(app: App, *texts: str, public: bool = False, but: str = "") -> list[Alike]:
    with app.database.reading() as connection:
        return alike(connection, "short", texts, within=EVERYBODYS if public else true(), but=but)


def test_a_near_duplicate_is_found_whatever_its_spelling(app: App) -> None:
    for asked, expected in (
        ("Ein Brunnen mit Trinkwasser auf dem Marktplatz", "Trinkbrunnen am Marktplatz"),
        ("Baenke fuer den Westpark", "Bänke im Westpark"),
        ("Brückensensoren", "Sensoren an Brücken"),
        ("STRASSENLATERNE mit Melder", "Straßenlaternen mit Bewegungsmelder"),
    ):
        assert [one.title for one in ask(app, asked)][:1] == [expected], asked
    for asked in ("", "und das ist für die Stadt", 'x" OR words:*', "') | !! :*", "Hundewiese"):
        assert ask(app, asked) == [], asked


def test_it_is_kept_with_the_sheet_and_shown_to_the_public_when_it_is_released(app: App) -> None:
    (one,) = ask(app, "Sensoren an Brücken")
    assert ask(app, "Sensoren an Brücken", public=True) == []
    assert ask(app, "Sensoren an Brücken", but=one.number) == []
    app.engine.execute(Record(actor=WHO, item=one.number, kind="sheet", data={"title": "Lesebänke"}), now=NOW)
    assert ask(app, "Sensoren an Brücken") == []
    assert ask(app, "Lesebänke")[0].number == one.number
    with app.database.writing() as connection:
        connection.execute(text("UPDATE item SET released = true"))
        if app.database.dialect == "sqlite":
            connection.execute(
                text("INSERT INTO item_text_index (item_text_index, rank) VALUES ('integrity-check', 1)")
            )
    assert ask(app, "Lesebänke", public=True)[0].score == pytest.approx(1.0)


def test_the_index_answers(app: App) -> None:
    def plan(connection: Connection) -> str:
        if app.database.dialect == "sqlite":
            sql = "EXPLAIN QUERY PLAN SELECT rowid FROM item_text_index WHERE item_text_index MATCH 'a'"
        else:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            sql = "EXPLAIN SELECT ordinal FROM item_text WHERE search @@ to_tsquery('german', 'brunnen')"
        return " ".join(str(row) for row in connection.execute(text(sql)))

    with app.database.reading() as connection:
        assert "VIRTUAL TABLE INDEX" in plan(connection) or "ix_item_text_search" in plan(connection)


@pytest.mark.campaign
def test_near_duplicates_of_real_ideas_are_found(app: App, shared: Path) -> None:
    """834 ideas of young people; each is asked for with every third word left out and the title's first word gone."""
    with (shared / "data" / "kommuki_ideas.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["Thema"], row["Beschlussempfehlung"]) for row in csv.DictReader(file)]
    ideas = [(title, body) for title, body in dict.fromkeys(rows) if len(title) >= 3 and len(body.split()) >= 8]
    with app.database.writing() as connection:
        for place, (title, body) in enumerate(ideas, start=5000):
            words = with_parts(kept([title, body]))
            connection.execute(text(ITEM), {"number": f"2026-{place}", "ordinal": 2026 * 10**7 + place, "title": title})
            connection.execute(insert(item_text).values(ordinal=2026 * 10**7 + place, words=words))
        if app.database.dialect == "sqlite":
            connection.execute(text("INSERT INTO item_text_index (item_text_index) VALUES ('rebuild')"))
    first = among = others = 0
    with app.database.reading() as connection:
        began = perf_counter()
        for title, body in ideas:
            cut = " ".join(word for place, word in enumerate(body.split()) if place % 3)
            found = [one.title for one in alike(connection, "short", [" ".join(title.split()[1:]), cut], within=true())]
            first, among = first + (found[:1] == [title]), among + (title in found)
            others += any(one != title for one in found)
        spent = (perf_counter() - began) / len(ideas)
    count = len(ideas)
    assert first / count > 0.95, (first, among, others, count)
    assert others / count < 0.25
    assert spent < 0.1


def test_what_is_rare_counts_more_than_what_all_have() -> None:
    others = {"a": kept(["Neue Bänke im Park"]), "b": kept(["Neue Schaukel im Park"]), "c": kept(["Neue Radwege"])}
    scores = likeness(kept(["Mehr Bänke"]), others)
    assert scores["a"] > scores["b"] == scores["c"] == 0
