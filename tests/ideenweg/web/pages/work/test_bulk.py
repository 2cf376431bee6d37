"""`/ideen/mehrere`: one step on many items, looked at beforehand, with one reason in each one's own words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

import config
from ideenweg.answers import answers
from ideenweg.web.pages.work import bulk_run
from ideenweg.wiring import App, open_workflow
from workflow import access, jobs
from workflow.bulk import carry_out
from workflow.commands import Advance, Create
from workflow.errors import BadInput
from workflow.events import timestamp
from workflow.history import AuditFilter
from workflow.models import item, link, support
from workflow.queries.detail import find
from workflow.streams import Origin

SHIPPED = Path(config.__file__).parent
NOW = datetime(2026, 6, 9, 8, tzinfo=UTC)
COORDINATOR, OTHER, RESIDENT = "koordination@dortmund.example", "zweite@dortmund.example", "buergerin@dortmund.example"
DEPUTY = "vertretung@dortmund.example"


@pytest.fixture
def app(database_url: str) -> Iterator[App]:
    with open_workflow(database_url, lifecycle=SHIPPED / "lifecycles" / "idea-to-project.yaml") as app:
        role = app.rules.newest_of(app.database, "idea-to-project").roles["coordinator"]
        origin = Origin("operator", "cli")
        with app.database.writing() as connection:
            for email in (COORDINATOR, OTHER, RESIDENT):
                access.add(connection, email, email, origin, NOW)
            for email in (COORDINATOR, OTHER):
                access.grant(
                    connection, email, role, "dortmund", app.rules.programme, origin, NOW, valid_from=date(2020, 1, 1)
                )
        yield app


@pytest.fixture
def numbers(app: App) -> list[str]:
    """Three ideas of Dortmund, of which two are handed in, and one of Schwerte that its coordinator may not see."""
    found = []
    for title, city in (("Bank", "dortmund"), ("Baum", "dortmund"), ("Brunnen", "dortmund"), ("Steg", "schwerte")):
        sheet = {"title": title, "problem": "…", "cities": [city]}
        found.append(app.engine.execute(Create(actor=RESIDENT, data=sheet), now=NOW).item.number)
    for number in (*found[:2], found[3]):
        app.engine.execute(Advance(actor=RESIDENT, item=number, transition="submit"), now=NOW)
    return found


def states(app: App) -> dict[str, str]:
    with app.database.reading() as connection:
        return {row.number: row.state for row in connection.execute(select(item.c.number, item.c.state))}


def settled(app: App, key: str) -> jobs.Job:
    for _ in range(200):
        with app.database.reading() as connection:
            job = jobs.find(connection, key)
        if job.status != jobs.RUNNING:
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_a_step_on_many_is_looked_at_filled_in_for_each_and_done_under_one_batch(
    app: App, numbers: list[str], browsing: Callable[..., Any]
) -> None:
    browser = browsing(app, COORDINATOR, NOW)
    page = browser.get("/ideen/mehrere").text
    assert "Bank" in page
    assert "Steg" not in page
    assert f'value="{numbers[1]}" checked' in browser.get(f"/ideen/mehrere?item={numbers[1]}").text

    def send(**fields: object) -> Any:
        return browser.send_form("/ideen/mehrere", {"item": numbers, "transition": "refer", **fields})

    chosen = send(transition="")
    assert "3 Vorgänge ausgewählt" in chosen.text, "what one may not see is not chosen"
    assert "An die zuständige Stelle weiterleiten (bei 2)" in chosen.text
    assert "Idee „{title}“ ({number})" in send(do="fill", answer="de/not-competent").text

    wrong = send(do="look", reason="Wegen {titel}")
    assert (wrong.status_code, "{number}, {title}, {office}, {state}" in wrong.text) == (422, True)
    empty = send(do="look", reason="")
    assert empty.status_code == 422

    asked: dict[str, object] = {
        "reason": "„{title}“ geht an den Bund.",
        "answer": "de/not-competent",
        "step.f.to": "Bund",
    }
    seen = send(do="look", **asked)
    assert (seen.status_code, "Möglich: 2, nicht möglich: 1." in seen.text) == (200, True)
    assert "Bei 2 Vorgängen ausführen" in seen.text
    assert set(states(app).values()) == {"submitted", "draft"}
    stopped = send(do="go", way="whole", **asked)
    assert (stopped.status_code, set(states(app).values())) == (422, {"submitted", "draft"})

    begun = send(do="go", way="each", **asked)
    assert begun.status_code == 303
    address = begun.headers["location"]
    job = settled(app, address.rpartition("/")[2])
    assert job.result is not None
    assert (job.status, job.result["done"]) == (jobs.DONE, numbers[:2])
    page = browser.get(address).text
    assert "2 erledigt, 1 nicht." in page
    assert "bearbeiten: An die zuständige Stelle weiterleiten</h1>" in page
    assert page.count("· Weitergeleitet") == 2, "by title, with the state that each is in now"
    batch = job.result["batch"]
    assert batch in page
    events = app.audit.list(AuditFilter(batch=batch)).events
    assert {(one.number, one.reason) for one in events if one.kind == "advanced"} == {
        (numbers[0], "„Bank“ geht an den Bund."),
        (numbers[1], "„Baum“ geht an den Bund."),
    }
    assert browsing(app, OTHER, NOW).get(address).status_code == 404, "it is nobody else's"


def test_a_deputy_moves_many_in_the_place_of_whom_they_stand_in_for(
    app: App, numbers: list[str], browsing: Callable[..., Any]
) -> None:
    with app.database.writing() as connection:
        access.add(connection, DEPUTY, DEPUTY, Origin("operator", "cli"), NOW)
        away, days = access.find(connection, COORDINATOR).id, {"valid_from": NOW.date(), "valid_to": NOW.date()}
        access.deputise(connection, COORDINATOR, DEPUTY, Origin("operator", "cli"), NOW, **days)
    browser = browsing(app, DEPUTY, NOW)
    asked = {"item": numbers[:2], "transition": "refer", "reason": "Für den Bund.", "step.f.to": "Bund"}
    own = browser.send_form("/ideen/mehrere", {**asked, "do": "look"})
    assert (own.status_code, f"In Vertretung von {COORDINATOR}" in own.text) == (422, True)
    looked = browser.send_form("/ideen/mehrere", {**asked, "do": "look", "in_place": away})
    assert f'value="{away}" selected' in looked.text, "it is kept from looking to doing"
    begun = browser.send_form("/ideen/mehrere", {**asked, "do": "go", "in_place": away})
    result = settled(app, begun.headers["location"].rpartition("/")[2]).result
    assert result is not None
    assert result["done"] == numbers[:2]
    events = app.audit.list(AuditFilter(batch=result["batch"], kind="advanced")).events
    assert {one.on_behalf_of for one in events} == {away}


def test_what_was_broken_off_goes_on_and_does_nothing_twice(
    app: App, numbers: list[str], browsing: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_off(*given: Any, **more: Any) -> None:
        carry_out(*given, **more)
        raise RuntimeError("the power went")

    monkeypatch.setattr(bulk_run, "carry_out", breaks_off)
    browser = browsing(app, COORDINATOR, NOW)
    asked = {
        "item": numbers[:2],
        "transition": "refer",
        "do": "go",
        "way": "each",
        "reason": "Bund",
        "step.f.to": "Bund",
    }
    address = browser.send_form("/ideen/mehrere", asked).headers["location"]
    key = address.rpartition("/")[2]
    assert settled(app, key).status == jobs.FAILED
    monkeypatch.undo()
    assert "Fortsetzen" in browser.get(address).text
    again = browser.send_form(address, {})
    assert again.status_code == 303
    result = settled(app, key).result
    assert result is not None
    assert result["done"] == numbers[:2]
    events = app.audit.list(AuditFilter(batch=result["batch"], kind="advanced")).events
    assert len(events) == 2


def test_a_reason_of_a_single_step_can_be_an_answer_too(
    app: App, numbers: list[str], browsing: Callable[..., Any]
) -> None:
    browser = browsing(app, COORDINATOR, NOW)
    address = f"/ideen/{numbers[0]}/schritt/refer"
    assert "Das gibt es schon" in browser.get(address).text
    filled = browser.send_form(address, {"do": "fill", "answer": "en/already-there"})
    assert f"Thank you for your idea “Bank” ({numbers[0]})" in filled.text
    assert states(app)[numbers[0]] == "submitted"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Titel\n\nIhre Idee {titel}", "line 1: there is no placeholder {titel}"),
        ("Titel\n\nIhre Idee {title.__class__}", "no placeholder"),
        ("Titel\n\nIhre Idee {", "a brace stands alone"),
        ("Titel\n", "its text below"),
    ],
)
def test_an_operators_answer_is_checked_and_a_sound_one_takes_the_place_of_the_shipped(
    tmp_path: Path, text: str, said: str
) -> None:
    own = tmp_path / "answers" / "de" / "not-competent.txt"
    own.parent.mkdir(parents=True)
    own.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=said):
        answers((SHIPPED, tmp_path))
    own.write_text("Nicht wir\n\nSiehe {office}.", "utf-8")
    found = answers((SHIPPED, tmp_path))
    assert (found["de/not-competent"].title, "de/already-there" in found) == ("Nicht wir", True)


def test_a_part_becomes_an_item_of_its_own_and_support_stays_where_it_was_given(
    app: App, numbers: list[str], browsing: Callable[..., Any]
) -> None:
    browser = browsing(app, COORDINATOR, NOW)
    address = f"/ideen/{numbers[0]}/abspalten"
    page = browser.get(address).text
    assert 'value="Bank"' in page
    assert "abspalten" in browser.get(f"/ideen/{numbers[0]}/verknuepfungen").text
    with app.database.writing() as connection:
        who = access.find(connection, RESIDENT).id
        connection.execute(insert(support).values(item=numbers[0], person=who, at=timestamp(NOW)))
    fields = {"f.title": "Bank im Schatten", "f.problem": "…", "f.cities": "dortmund", "command_id": "page-1"}
    assert browser.send_form(address, fields).status_code == 422, "how they belong together has to be said"
    done = [browser.send_form(address, {**fields, "link": "split_from"}) for _ in range(2)]
    assert [one.status_code for one in done] == [303, 303]
    assert done[0].headers["location"] == done[1].headers["location"]
    made = done[0].headers["location"].rpartition("/")[2]
    with app.database.reading() as connection:
        links = [tuple(row) for row in connection.execute(select(link.c.item, link.c.kind, link.c.other))]
        supported = list(connection.scalars(select(support.c.item)))
        ties = {
            number: [
                (tie.kind, tie.outgoing, tie.number) for tie in find(connection, app.rules, number, None, NOW).ties
            ]
            for number in (made, numbers[0])
        }
    assert links == [(made, "split_from", numbers[0])]
    assert ties == {made: [("split_from", True, numbers[0])], numbers[0]: [("split_from", False, made)]}
    assert supported == [numbers[0]]
    assert states(app)[numbers[0]] == "submitted"
    merged = browser.send_form(f"/ideen/{numbers[1]}/verknuepfungen", {"kind": "merged_into", "other": numbers[0]})
    assert merged.status_code == 303
    app.engine.execute(Advance(actor=COORDINATOR, item=numbers[1], transition="merge", reason="Dasselbe"), now=NOW)
    with app.database.reading() as connection:
        assert list(connection.scalars(select(support.c.item))) == [numbers[0]]
        assert find(connection, app.rules, numbers[1], None, NOW).item.title == "Baum"
