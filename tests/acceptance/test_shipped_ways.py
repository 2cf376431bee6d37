"""The shipped lifecycles at work: ideas of one city and of both, the strategy, a selection round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import config
from ideenweg.wiring import App, open_workflow
from workflow.agenda import record_results, session_of
from workflow.commands import Advance, Assign, Create, Link, Record
from workflow.errors import BadInput, Refused

SHIPPED = Path(config.__file__).parent / "lifecycles"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

STAFF = {
    "koordination@dortmund.example": [("coordinator", "dortmund")],
    "koordination@schwerte.example": [("coordinator", "schwerte")],
    "umweltamt@dortmund.example": [
        ("department", "environment-office-dortmund"),
        ("receiving_department", "environment-office-dortmund"),
    ],
    "kaemmerei@dortmund.example": [("cosigner", "treasury-dortmund")],
    "systemhaus@dortmund.example": [("cosigner", "it-dortmund")],
    "kaemmerei@schwerte.example": [("cosigner", "treasury-schwerte")],
    "rat@dortmund.example": [("session_office", "council-dortmund")],
    "rat@schwerte.example": [("session_office", "council-schwerte")],
    "foerdermittel@dortmund.example": [("funding_officer", "dortmund"), ("session_office", "funder")],
    "eins@gutachten.example": [],
    "zwei@gutachten.example": [],
    "leitung@projekt.example": [],
}
DORTMUND, SCHWERTE = "koordination@dortmund.example", "koordination@schwerte.example"
DEPARTMENT, LEAD, GRANTS = "umweltamt@dortmund.example", "leitung@projekt.example", "foerdermittel@dortmund.example"
RESIDENT = "anwohnerin@post.example"

SCORES = {
    "sustainability": 4,
    "quality_of_life": 5,
    "location": 3,
    "close_to_citizens": 4,
    "social": 3,
    "transparent": 4,
    "resilient": 5,
    "public_benefit": 4,
}
KNOCK_OUTS = dict.fromkeys(["lawful", "feasible", "affordable", "maintainable"], True)


class Story:
    """One item after the other, an hour a step, by people who are named."""

    def __init__(self, app: App) -> None:
        self.app, self.now, self.item = app, START, ""

    def _do(self, command: Any) -> str:
        self.now += timedelta(hours=1)
        return self.app.engine.execute(command, now=self.now).item.state

    def create(self, actor: str, lifecycle: str, **data: Any) -> str:
        self.now += timedelta(hours=1)
        command = Create(actor=actor, lifecycle=lifecycle, data=data)
        self.item = self.app.engine.execute(command, now=self.now).item.number
        return self.item

    def step(self, actor: str, transition: str, reason: str | None = None, /, **data: Any) -> str:
        return self._do(Advance(actor=actor, item=self.item, transition=transition, reason=reason, data=data or None))

    def record(self, actor: str, kind: str, key: str | None = None, /, **data: Any) -> str:
        return self._do(Record(actor=actor, item=self.item, kind=kind, key=key, data=data))

    def assign(self, role: str, *people: str, by: str = DORTMUND) -> None:
        for person in people:
            self._do(Assign(actor=by, item=self.item, role=role, person=person))

    def link(self, kind: str, other: str, by: str = DORTMUND) -> None:
        self._do(Link(actor=by, item=self.item, kind=kind, other=other))

    def missing(self, actor: str, transition: str, reason: str | None = None) -> set[str]:
        """The codes of what stands against a step."""
        command = Advance(actor=actor, item=self.item, transition=transition, reason=reason)
        return {one.code for one in self.app.engine.plan(command, now=self.now).blockers}


@pytest.fixture
def story(database_url: str, furnish: Callable[..., None], appoint: Callable[..., None]) -> Iterator[Story]:
    furnish(database_url, "story", partial(furnished, appoint))
    with open_workflow(database_url) as app:
        yield Story(app)


def furnished(appoint: Callable[..., None], url: str) -> None:
    with open_workflow(url) as app:
        for file in sorted(SHIPPED.glob("*.yaml")):
            app.load(file, now=START)
        appoint(app, "idea-to-project", STAFF, START)


def open_round(story: Story) -> str:
    """A selection round that is open."""
    number = story.create(DORTMUND, "selection-round", title="Auswahl 2026", budget=[{"city": "dortmund", "euros": 1}])
    assert story.step(DORTMUND, "open") == "open"
    return number


def sheet(**more: Any) -> dict[str, Any]:
    return {
        "title": "Sensoren für Straßenbäume",
        "problem": "Im Sommer vertrocknen junge Bäume.",
        "cities": ["dortmund"],
        "fields": ["energy-and-environment"],
        "provenance": ["participation"],
        **more,
    }


FULL: Mapping[str, Any] = {
    "solution": "Feuchtefühler melden, wann gegossen werden muss.",
    "lead_office": "environment-office-dortmund",
    "cost": 120000,
    "follow_up_cost": 8000,
    "staff": 6,
    "starts_on": "2026-09-01",
    "ends_on": "2027-08-31",
}


def to_pool(story: Story, **more: Any) -> None:
    """Hand in, check, examine, put into the pool."""
    story.create(RESIDENT, "idea-to-project", **sheet(**more))
    assert story.step(RESIDENT, "submit") == "submitted"
    assert story.missing(DORTMUND, "start_review") >= {"record_missing", "not_assigned"}
    story.record(DORTMUND, "release", released=True)
    story.assign("department", DEPARTMENT)
    checked = {"complete": True, "lawful": True, "competent": True}
    assert story.step(DORTMUND, "start_review", **checked) == "in_review"
    assert story.missing(DORTMUND, "pool") >= {"record_missing"}
    story.record(DEPARTMENT, "statement", result="recommended", assessment="Machbar und nützlich.")


def prepare(story: Story, cosigners: tuple[str, ...], **decided: Any) -> None:
    """All that a shortlisted idea needs for a decision."""
    story.assign("reviewer", "eins@gutachten.example", "zwei@gutachten.example")
    story.assign("project_lead", LEAD)
    for reviewer in ("eins@gutachten.example", "zwei@gutachten.example"):
        story.record(reviewer, "review", **SCORES, **KNOCK_OUTS)
    story.record(DORTMUND, "sheet", **sheet(**{**FULL, **decided}))
    story.record(LEAD, "milestone", "m1", title="Fühler gesetzt", due="2027-03-31", status="open")
    story.record(LEAD, "indicator", "i1", name="Ausfälle im Jahr", unit="Bäume", baseline=120, target=60)
    for cosigner in cosigners:
        story.record(cosigner, "cosignature", outcome="signed")


def carry_out(story: Story) -> None:
    """From `planned` to `integrated`."""
    assert story.step(LEAD, "start") == "in_progress"
    assert story.step(LEAD, "pause", "Lieferverzug") == "on_hold"
    assert story.step(LEAD, "resume", "Geliefert") == "in_progress"
    assert story.missing(LEAD, "complete") >= {"record_open"}
    story.record(LEAD, "milestone", "m1", title="Fühler gesetzt", due="2027-03-31", status="done", done_on="2027-03-01")
    assert story.step(LEAD, "complete", results="400 Fühler melden.") == "in_evaluation"
    story.assign("receiving_department", DEPARTMENT)
    verdict = {"verdict": "largely_on_course", "findings": "Halb so viele Ausfälle."}
    assert "counterpart_missing" in story.missing(DORTMUND, "hand_over")
    story.record(DORTMUND, "measurement", "i1", value=62, measured_on="2027-08-01")
    assert story.step(DORTMUND, "hand_over", **verdict) == "handover"
    accepted = dict.fromkeys(("accepts_unit", "accepts_operator", "accepts_budget", "accepts_documents"), True)
    taken = {
        "unit": "environment-office-dortmund",
        "operator": "Grünpflege",
        "budget_line": "55.001",
        "documents": "Plan, Verträge",
    }
    assert story.step(DEPARTMENT, "integrate", **taken, **accepted) == "integrated"


def test_an_idea_of_one_city_becomes_its_own_business(story: Story) -> None:
    number = open_round(story)
    to_pool(story)
    assert story.step(DORTMUND, "pool") == "pooled"
    assert "link_missing" in story.missing(DORTMUND, "shortlist")
    story.link("candidate_of", number)
    assert story.step(DORTMUND, "shortlist") == "shortlisted"
    prepare(
        story,
        ("kaemmerei@dortmund.example", "systemhaus@dortmund.example"),
        grant="none",
        route="administration",
        funding=["own-funds"],
    )
    assert story.step(DORTMUND, "commission") == "planned"
    assert "no_alternative" in story.missing(LEAD, "start")
    story.record(GRANTS, "own_funds", budget_line="55.001", sum=120000, confirmed_on="2026-06-01")
    carry_out(story)

    story.now += timedelta(days=366)
    story.app.sweep(now=story.now)
    story.record(DORTMUND, "measurement", "i1", value=58, measured_on="2028-08-01")
    again = {"verdict": "fully_on_course", "findings": "Ziel erreicht."}
    assert story.step(DORTMUND, "continue_operation", **again) == "integrated"


def test_an_idea_of_both_cities_takes_both_councils_and_the_funder(story: Story) -> None:
    number = open_round(story)
    both = {"cities": ["dortmund", "schwerte"]}
    to_pool(story, **both)
    agreed_to(story, "pool", "pooled")
    story.link("candidate_of", number)
    agreed_to(story, "shortlist", "shortlisted")
    cosigners = ("kaemmerei@dortmund.example", "systemhaus@dortmund.example", "kaemmerei@schwerte.example")
    prepare(
        story,
        cosigners,
        **both,
        grant="own_notice",
        route="bodies",
        stations=[
            {"body": "environment-dortmund", "mode": "advising"},
            {"body": "council-dortmund", "mode": "deciding"},
            {"body": "council-schwerte", "mode": "deciding"},
        ],
    )
    assert story.step(DORTMUND, "put_to_bodies") == "before_bodies"
    said = {"date": "2026-06-18", "paper": "0815-26", "outcome": "approved", "vote": "unanimous"}
    assert story.record("rat@schwerte.example", "decision", **{**said, "outcome": "postponed"}) == "before_bodies"
    assert story.record("rat@dortmund.example", "decision", **said) == "before_bodies"
    with pytest.raises(Refused):
        story.record("rat@dortmund.example", "decision", "council-schwerte", **said)
    assert story.record("rat@schwerte.example", "decision", **said) == "before_funder"
    notice = {
        "reference": "KfW 436-1",
        "date": "2026-07-01",
        "period_from": "2026-09-01",
        "period_to": "2027-12-31",
        "sum": 78000,
        "rate": 65,
        "own_share": 42000,
        "conditions": "Verwendungsnachweis nach Abschluss.",
    }
    assert story.step(GRANTS, "fund", **notice) == "planned"
    carry_out(story)


def test_each_council_records_its_session_in_one_form(story: Story) -> None:
    """Two joint ideas before both councils: one form a session, all or nothing, corrected until the minutes."""
    number = open_round(story)
    both = {"cities": ["dortmund", "schwerte"]}
    cosigners = ("kaemmerei@dortmund.example", "systemhaus@dortmund.example", "kaemmerei@schwerte.example")
    councils = [{"body": f"council-{city}", "mode": "deciding"} for city in ("dortmund", "schwerte")]
    ideas = []
    for _ in range(2):
        to_pool(story, **both)
        agreed_to(story, "pool", "pooled")
        story.link("candidate_of", number)
        agreed_to(story, "shortlist", "shortlisted")
        prepare(story, cosigners, **both, grant="strategy_grant", route="bodies", stations=councils)
        assert story.step(DORTMUND, "put_to_bodies") == "before_bodies"
        ideas.append(story.item)
    for city in ("dortmund", "schwerte"):
        office = f"rat@{city}.example"
        session = story.create(
            office, "session", title=f"Rat {city.title()}", body=f"council-{city}", cities=[city], date="2026-03-05",
            papers_by="2026-03-03",
        )  # fmt: skip
        for idea in ideas:
            story.item = idea
            story.link("on_agenda_of", session, by=office)
        story.item = session
        story.step(office, "close_agenda")
        story.now = max(story.now, datetime(2026, 3, 5, 18, tzinfo=UTC))
        assert story.step(office, "hold") == "held"
        result = {"paper": "DS 1/26", "outcome": "approved", "vote": "by_figures", "votes_for": 30}

        half = record_results(
            story.app.engine, session, {ideas[0]: result, ideas[1]: {"paper": "x"}}, office, story.now
        )
        assert (half.bulk.allowed, [one.item for one in half.bulk.held]) == ((), [ideas[1]])  # its outcome is missing
        done = record_results(story.app.engine, session, dict.fromkeys(ideas, result), office, story.now)
        assert not done.bulk.held
        assert not done.odd

    with story.app.database.reading() as connection:
        held = session_of(connection, story.app.rules, session, "rat@schwerte.example", story.now)
        with pytest.raises(Refused):
            session_of(connection, story.app.rules, session, RESIDENT, story.now)
    assert [(one.number, one.state, one.data["outcome"], one.data["date"]) for one in held.entries] == [
        (idea, "planned", "approved", "2026-03-05") for idea in ideas
    ]
    # The minutes say something else: the session office corrects it, although the idea has moved on.
    corrected = {**result, "paper": "DS 1a/26", "votes_for": 29}
    record_results(story.app.engine, session, {ideas[0]: corrected}, "rat@schwerte.example", story.now)
    story.item = session
    assert story.step("rat@schwerte.example", "minute", approved_on="2026-03-06") == "minuted"
    with pytest.raises(BadInput, match="not on the agenda"):
        record_results(story.app.engine, session, {"2026-9999": result}, "rat@schwerte.example", story.now)
    assert story.app.audit.verify().ok


def agreed_to(story: Story, transition: str, state: str) -> None:
    """Dortmund's step waits for Schwerte's agreement to this very step."""
    assert story.missing(DORTMUND, transition)
    story.record(SCHWERTE, "agreement", "schwerte", transition="reject", consent=True)
    assert story.missing(DORTMUND, transition)
    story.record(SCHWERTE, "agreement", "schwerte", transition=transition, consent=True)
    assert story.step(DORTMUND, transition) == state


def test_the_accepted_strategy_covers_the_projects_it_lists(story: Story) -> None:
    strategy = story.create(DORTMUND, "strategy", title="DOS 2030", edition="1", summary="…", submit_by="2026-05-29")
    agreed_to_strategy = {"transition": "put_to_councils", "consent": True}
    story.record(SCHWERTE, "agreement", "schwerte", **agreed_to_strategy)
    assert story.step(DORTMUND, "put_to_councils") == "before_councils"
    said = {"paper": "0042-26", "outcome": "approved"}
    vague = {"date": "2026-02", "date_note": "Mitte Februar 2026"}
    assert story.record("rat@schwerte.example", "decision", "council-schwerte", **vague, **said) == "before_councils"
    assert story.record("rat@dortmund.example", "decision", date="2026-03-28", **said) == "adopted"
    assert story.step(DORTMUND, "submit_to_funder", submitted_on="2026-03-31") == "submitted"
    assert story.record(GRANTS, "decision", "funder", date="2026-06-15", outcome="approved") == "in_force"
    story.record(
        GRANTS, "grant_notice", reference="436", date="2026-06-15", period_from="2026-07-01", period_to="2030-12-31",
        sum=11000000, rate=65, own_share=6000000, conditions="Wie beschlossen.",
    )  # fmt: skip

    number = open_round(story)
    to_pool(story)
    story.step(DORTMUND, "pool")
    story.link("candidate_of", number)
    story.step(DORTMUND, "shortlist")
    prepare(
        story,
        ("kaemmerei@dortmund.example", "systemhaus@dortmund.example"),
        grant="strategy_grant",
        route="strategy",
        ends_on="2031-01-31",
    )
    assert "no_alternative" in story.missing(DORTMUND, "commission")
    story.link("part_of", strategy)
    assert story.step(DORTMUND, "commission") == "planned"
    assert story.missing(LEAD, "start") == {"ends_too_late"}  # 54 months after 15 June 2026
    story.record(LEAD, "sheet", **sheet(**{**FULL, "ends_on": "2030-12-15"}, grant="strategy_grant", route="strategy"))
    assert story.step(LEAD, "start") == "in_progress"


def test_a_round_that_closes_returns_the_others_to_the_pool(story: Story) -> None:
    number = open_round(story)
    to_pool(story)
    story.step(DORTMUND, "pool")
    story.link("candidate_of", number)
    assert story.step(DORTMUND, "shortlist") == "shortlisted"
    idea, story.item = story.item, number
    story.step(DORTMUND, "rank")
    assert story.step(DORTMUND, "close", "Die Mittel sind vergeben.") == "closed"
    story.app.sweep(now=story.now)
    story.item = idea
    assert "link_missing" not in story.missing(DORTMUND, "shortlist")
    assert story.missing(DORTMUND, "shortlist") == {"linked_item_not_ready"}


def test_a_question_stops_the_clock_and_its_own_end_goes_on_without_an_answer(story: Story) -> None:
    to_pool(story)
    assert story.step(DEPARTMENT, "ask", question="Wer gießt bisher?") == "needs_information"
    story.now += timedelta(days=30)
    story.app.sweep(now=story.now)
    assert story.step(DORTMUND, "pool") == "pooled"
