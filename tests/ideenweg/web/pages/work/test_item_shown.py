"""The working page of an item, as each role of the demonstration sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from ideenweg.wiring import App
from workflow.models import item, item_facet
from workflow.transaction import Transaction

SignIn = Callable[[str], TestClient]

COORDINATOR = "koordination@dortmund.example"
MOST = 12
"""SQL statements of a page."""


@pytest.fixture
def in_state(demo: App) -> Callable[[str], str]:
    """The number of the oldest idea for Dortmund that the demonstration has in a state."""

    def find(state: str) -> str:
        with demo.database.reading() as connection:
            found = (
                select(item.c.number)
                .join(item_facet, (item_facet.c.item == item.c.number) & (item_facet.c.value == "dortmund"))
                .where(item.c.state == state)
                .order_by(item.c.ordinal)
                .limit(1)
            )
            return str(connection.execute(found).scalar_one())

    return find


@contextmanager
def counted(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that are run meanwhile, by SQLAlchemy and past it."""
    run: list[str] = []
    read = Transaction.read

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        run.append(statement)

    def noted(self: Transaction, *queries: Any) -> Any:
        run.extend(sql for sql, _ in queries)
        return read(self, *queries)

    event.listen(app.database.engine, "before_cursor_execute", note)
    monkeypatch.setattr(Transaction, "read", noted)
    yield run
    event.remove(app.database.engine, "before_cursor_execute", note)
    monkeypatch.setattr(Transaction, "read", read)


def test_the_page_goes_from_the_status_to_the_history(signed_in: SignIn, in_state: Callable[[str], str]) -> None:
    text = signed_in(COORDINATOR).get(f"/ideen/{in_state('before_bodies')}").text
    order = [
        "status", "next", "missing", "section-summary", "section-reviews", "section-decisions", "section-delivery",
        "documents", "comments", "history",
    ]  # fmt: skip
    places = [text.find(f'id="{one}"') for one in order]
    assert -1 not in places
    assert places == sorted(places)
    headings = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))


@pytest.mark.parametrize(
    ("who", "state", "title", "has"),
    [
        (COORDINATOR, "submitted", "Fachliche Prüfung beginnen", "Fachamt bestimmen"),
        (COORDINATOR, "pooled", "In die Vorauswahl nehmen", None),
        ("begutachtung@dortmund.example", "shortlisted", "Fachliche Bewertung", 'name="f.sustainability"'),
        ("ratsbuero@dortmund.example", "before_bodies", "Beschluss: Rat der Stadt Dortmund", 'name="f.outcome"'),
        ("projektleitung@dortmund.example", "in_progress", "Umsetzung abschließen", None),
        ("amtsleitung@dortmund.example", "pooled", None, "Zurzeit ist hier nichts für Sie zu tun"),
    ],
)
def test_each_role_has_its_next_step_on_top(
    signed_in: SignIn, in_state: Callable[[str], str], who: str, state: str, title: str | None, has: str | None
) -> None:
    text = signed_in(who).get(f"/ideen/{in_state(state)}").text
    step = text[text.index('class="page next"') : text.index('class="page columns"')]
    found = re.search(r'class="next__title">([^<]*)', step)
    assert (found[1].strip() if found else None) == title
    assert step.count("kern-btn--primary") == (1 if title else 0) or has is None
    assert has is None or has in step


def test_what_is_missing_is_said_with_who_brings_it(signed_in: SignIn, in_state: Callable[[str], str]) -> None:
    text = signed_in("amtsleitung@dortmund.example").get(f"/ideen/{in_state('submitted')}").text
    missing = text[text.index('id="missing"') : text.index('class="page columns"')]
    assert "Fachamt: zugewiesen 0 von 1. Zuweisen kann: Koordination." in missing
    assert "<a " not in missing  # they cannot bring it


def test_those_who_have_no_role_on_it_and_those_who_ask_for_it_see_the_public_page(
    signed_in: SignIn, in_state: Callable[[str], str]
) -> None:
    number = in_state("pooled")
    assert 'class="page next"' not in signed_in("einreichung@schwerte.example").get(f"/ideen/{number}").text
    coordinator = signed_in(COORDINATOR)
    assert 'class="page next"' not in coordinator.get(f"/ideen/{number}?ansicht=oeffentlich").text
    assert 'class="page next"' in coordinator.get(f"/ideen/{number}").text


@pytest.mark.parametrize(
    "path", ["beteiligte", "verknuepfungen", "frist", "korrektur", "eintrag/nothing", "schritt/no"]
)
def test_what_is_not_theirs_is_not_there(signed_in: SignIn, in_state: Callable[[str], str], path: str) -> None:
    stranger = signed_in("einreichung@schwerte.example")
    assert stranger.get(f"/ideen/{in_state('pooled')}/{path}").status_code == 404


def test_what_others_have_to_bring_is_folded_for_whoever_cannot_help(
    signed_in: SignIn, in_state: Callable[[str], str]
) -> None:
    page = f"/ideen/{in_state('shortlisted')}"
    folded = '<details class="fold"><summary>Für „Den Gremien vorlegen“'
    assert folded in signed_in("begutachtung@dortmund.example").get(page).text
    seen = signed_in(COORDINATOR).get(page).text
    assert (folded in seen, "Für „Den Gremien vorlegen“" in seen) == (False, True)


def test_a_step_says_what_is_missing_before_and_that_it_did_not_work_after(
    signed_in: Callable[[str], Any], in_state: Callable[[str], str]
) -> None:
    page = f"/ideen/{in_state('submitted')}/schritt/start_review"
    browser = signed_in(COORDINATOR)
    asked = browser.get(page).text
    assert '<h2 class="kern-title">Was noch fehlt und wer es bringt</h2>' in asked
    assert "kern-btn--primary" not in asked.partition('class="work-form"')[2], "what is refused is not called for"
    sent = browser.send_form(page, {"f.complete": "true"})
    assert '<h2 class="kern-title">Das ist jetzt nicht möglich</h2>' in sent.text


def test_a_deadline_says_what_it_is_for_and_for_which_body(signed_in: SignIn, in_state: Callable[[str], str]) -> None:
    page = f"/ideen/{in_state('before_bodies')}"
    browser = signed_in(COORDINATOR)
    assert "Vorlage: Rat der Stadt Dortmund (Koordination), bis" in browser.get(f"{page}/frist").text
    assert "Vorlage: Rat der Stadt Dortmund – Koordination: bis" in browser.get(page).text


@pytest.mark.parametrize(
    "path", ["", "/schritt/reject", "/eintrag/sheet", "/eintrag/sheet/fassungen", "/beteiligte", "/wiedervorlage",
             "/verknuepfungen?q=Rad", "/frist"],
)  # fmt: skip
def test_no_page_takes_more_than_twelve_statements(
    demo: App, signed_in: SignIn, in_state: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    browser = signed_in(COORDINATOR)
    for state in ("submitted", "before_bodies"):
        address = f"/ideen/{in_state(state)}{path}"
        browser.get(address)  # lifecycles are parsed once a process
        with counted(demo, monkeypatch) as run:
            assert browser.get(address).status_code == 200
        assert len(run) <= MOST, "\n".join(run)


@pytest.mark.parametrize(
    "who", ["koordination@schwerte.example", "begutachtung@schwerte.example", "einreichung@schwerte.example"]
)
def test_the_public_page_takes_no_more_for_those_who_have_no_role_on_it(
    demo: App, signed_in: SignIn, in_state: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    browser, address = signed_in(who), f"/ideen/{in_state('pooled')}"
    assert 'class="page next"' not in browser.get(address).text
    with counted(demo, monkeypatch) as run:
        assert browser.get(address).status_code == 200
    assert len(run) <= MOST, "\n".join(run)
