"""Plays the story of DOS 2030, from its selection as a model project to the first projects run by the cities.

    python docs/examples/dos2030/story.py
    python docs/examples/dos2030/story.py --projects ../shared/data/dos2030_projects_seen.json

Known facts: selected in September 2020; Schwerte's council in the middle of February 2023, Dortmund's by 28 March 2023;
submitted to the funder on 31 March 2023; implementation over 54 months; a report after a year. Everything else – the
day of the funder's acceptance, sums, verdicts, what becomes of single projects – is made up, so that the way can be
seen to its end, and is marked with an asterisk in the output. Those who act are roles.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ideenweg import open_workflow
from ideenweg.wiring import SHIPPED, App
from workflow import access
from workflow.commands import Advance, Assign, Command, Create, Link, Record
from workflow.queries.past import View, events_of, history_of
from workflow.streams import Origin
from workflow.transaction import Transaction

DORTMUND, SCHWERTE = "koordination@dortmund.example", "koordination@schwerte.example"
COUNCILS = {"council-dortmund": "ratsbuero@dortmund.example", "council-schwerte": "ratsbuero@schwerte.example"}
GRANTS, LEAD = "foerdermittel@dortmund.example", "projektleitung@dortmund.example"
REVIEWERS = ("begutachtung@dortmund.example", "begutachtung@schwerte.example")
OFFICE, IDEAS = "umweltamt@dortmund.example", "einreichung@dortmund.example"
COSIGNERS = ("kaemmerei@dortmund.example", "systemhaus@dortmund.example", "kaemmerei@schwerte.example")

ROLES: Mapping[str, Sequence[tuple[str, str]]] = {
    DORTMUND: [("coordinator", "dortmund")],
    SCHWERTE: [("coordinator", "schwerte")],
    **{office: [("session_office", body)] for body, office in COUNCILS.items()},
    GRANTS: [("funding_officer", "dortmund"), ("session_office", "funder")],
    OFFICE: [("department", "environment-office-dortmund"), ("receiving_department", "environment-office-dortmund")],
    COSIGNERS[0]: [("cosigner", "treasury-dortmund")],
    COSIGNERS[1]: [("cosigner", "it-dortmund")],
    COSIGNERS[2]: [("cosigner", "treasury-schwerte")],
    **dict.fromkeys((LEAD, IDEAS, *REVIEWERS), ()),
}

PROJECTS = [  # where no file of projects is given
    {"titel": "Citizen Science Lab / Stadtlabor (PROJEKTOR)", "handlungsfeld": "Zusammenleben und Mitmachen"},
    {"titel": "Brückensensorik", "handlungsfeld": "Sicherheit und Vertrauen"},
    {"titel": "Digitaler Zwilling", "handlungsfeld": "Daten und Plattformen"},
]
LATER = ["Trinkwasserbrunnen in der Innenstadt", "Öffentliche Bücherschränke mit Karte", "Baumpatenschaften im Netz"]

BOTH = {"cities": ["dortmund", "schwerte"]}
POINTS = dict.fromkeys(
    ("sustainability", "quality_of_life", "location", "close_to_citizens", "social", "transparent", "resilient",
     "public_benefit"), 4,
)  # fmt: skip
KNOCK_OUTS = dict.fromkeys(("lawful", "feasible", "affordable", "maintainable"), True)
KNOWN = frozenset({("strategy", None), ("strategy", "adopt"), ("strategy", "submit_to_funder")})
"""The steps, by lifecycle, whose days are known; None: the beginning."""

MADE_UP = "*"


class Story:
    """One command after the other; `now` is the moment in the story, and `item` the one that is spoken of."""

    def __init__(self, app: App) -> None:
        self.app, self.item, self.now = app, "", _day(2020, 9, 1)

    def on(self, year: int, month: int, day: int) -> None:
        """Go on at nine o'clock of a day, or at once where the story is there already."""
        self.now = max(self.now, _day(year, month, day))

    def do(self, command: Command) -> str:
        self.now += timedelta(minutes=10)
        self.app.sweep(now=self.now)
        return self.app.engine.execute(command, now=self.now).item.state

    def create(self, actor: str, lifecycle: str, **data: Any) -> str:
        self.now += timedelta(minutes=10)
        command = Create(actor=actor, lifecycle=lifecycle, data=data)
        self.item = self.app.engine.execute(command, now=self.now).item.number
        return self.item

    def step(self, actor: str, transition: str, reason: str | None = None, **data: Any) -> str:
        return self.do(Advance(actor=actor, item=self.item, transition=transition, reason=reason, data=data or None))

    def record(self, actor: str, kind: str, key: str | None = None, /, **data: Any) -> str:
        return self.do(Record(actor=actor, item=self.item, kind=kind, key=key, data=data))

    def agreed(self, transition: str, **more: Any) -> str:
        """A step of Dortmund's coordination to which Schwerte's has agreed."""
        self.record(SCHWERTE, "agreement", "schwerte", transition=transition, consent=True)
        return self.step(DORTMUND, transition, **more)


def play(app: App, projects: Sequence[Mapping[str, Any]]) -> list[str]:
    """The whole story; the numbers of its items in the order of the telling."""
    story = Story(app)
    _people(app, story.now)
    strategy = _drafted(story)
    pooled = []
    for place, project in enumerate(projects):  # ideas come in while the strategy is drafted, …
        story.on(2021 + place // 12, place % 12 + 1, 11)
        pooled.append(_idea(story, project))
    _decided(story, strategy)
    round_ = _open_round(story)
    for place, (number, project) in enumerate(zip(pooled, projects, strict=True)):
        story.on(2023, 7, 10 + place)
        _selected(story, number, project, strategy, round_)
    _closed(story, round_)
    for number in pooled:
        story.item = number
        story.step(LEAD, "start")
    later = []
    for place, title in enumerate(LATER):  # … and ever after
        story.on(2024, 2 + place, 5)
        later.append(_idea(story, {"titel": title}))
    story.on(2024, 9, 2)  # the report after a year
    for place, number in enumerate(pooled):
        story.item = number
        light = ("green", "yellow")[place % 2]
        story.record(LEAD, "status_report", as_of="2024-08-31", light=light, why="Sachstand nach einem Jahr.")
    _ends(story, pooled)
    return [strategy, round_, *pooled, *later]


def _people(app: App, now: datetime) -> None:
    lifecycles = [app.load(file, now=now)[0] for file in sorted(SHIPPED.glob("lifecycles/*.yaml"))]
    roles = {role.key: role for lifecycle in lifecycles for role in lifecycle.roles.values()}
    origin = Origin("operator", "cli")
    with app.database.writing() as connection:
        for email, grants in ROLES.items():
            access.add(connection, email, email, origin, now)
            for role, scope in grants:
                access.grant(
                    connection, email, roles[role], scope, app.rules.programme, origin, now, valid_from=date(2020, 1, 1)
                )


def _drafted(story: Story) -> str:
    sheet = {"edition": "1", "summary": "Digital Operating System Dortmund Schwerte", "submit_by": "2023-03-31", **BOTH}
    return story.create(DORTMUND, "strategy", title="DOS 2030", selected_on="2020-09", released=True, **sheet)


def _decided(story: Story, strategy: str) -> None:
    """Both councils, the submission, the funder."""
    story.item = strategy
    story.on(2023, 2, 1)
    story.agreed("put_to_councils")
    said = {"outcome": "approved"}
    story.on(2023, 2, 16)
    vague = {"date": "2023-02", "date_note": "Mitte Februar 2023"}
    story.record(COUNCILS["council-schwerte"], "decision", "council-schwerte", **vague, **said)
    story.on(2023, 3, 28)
    by = {"date": "2023-03", "date_note": "bis 28. März 2023"}
    story.record(COUNCILS["council-dortmund"], "decision", "council-dortmund", **by, **said)
    story.on(2023, 3, 31)
    story.step(DORTMUND, "submit_to_funder", submitted_on="2023-03-31")
    story.on(2023, 6, 30)
    story.record(GRANTS, "decision", "funder", date="2023-06-30", date_note="angenommen", **said)


def _open_round(story: Story) -> str:
    story.on(2023, 7, 3)
    budget = [{"city": "dortmund", "euros": 2_000_000}, {"city": "schwerte", "euros": 1_000_000}]
    number = story.create(DORTMUND, "selection-round", title="Erste Auswahl", budget=budget)
    story.step(DORTMUND, "open")
    return number


def _closed(story: Story, round_: str) -> None:
    story.item = round_
    story.on(2023, 9, 1)
    story.step(DORTMUND, "rank")
    story.step(DORTMUND, "close", "Die Vorhaben der ersten Auswahl sind beauftragt.")


def _field(story: Story, project: Mapping[str, Any]) -> str:
    known = {term.label.de: key for key, term in story.app.rules.programme.fields.items()}
    return known.get(project.get("handlungsfeld") or "", "digital-administration")


def _idea(story: Story, project: Mapping[str, Any]) -> str:
    """An idea on its way into the pool, which is always open."""
    sheet = {"title": project["titel"], "problem": "…", "provenance": ["participation"], **BOTH}
    number = story.create(IDEAS, "idea-to-project", **sheet)
    story.step(IDEAS, "submit")
    story.record(DORTMUND, "release", released=True)
    story.do(Assign(actor=DORTMUND, item=number, role="department", person=OFFICE))
    story.record(DORTMUND, "sheet", **sheet, fields=[_field(story, project)])
    story.step(DORTMUND, "start_review", complete=True, lawful=True, competent=True)
    story.now += timedelta(days=14)
    story.record(OFFICE, "statement", result="recommended", assessment="Machbar.")
    story.agreed("pool")
    return number


def _selected(story: Story, number: str, project: Mapping[str, Any], strategy: str, round_: str) -> None:
    """A project of the strategy, from the pool to its commission."""
    story.item = number
    for kind, other in (("candidate_of", round_), ("part_of", strategy)):
        story.do(Link(actor=DORTMUND, item=number, kind=kind, other=other))
    story.agreed("shortlist")
    for reviewer in REVIEWERS:
        story.do(Assign(actor=DORTMUND, item=number, role="reviewer", person=reviewer))
        story.record(reviewer, "review", **POINTS, **KNOCK_OUTS)
    story.do(Assign(actor=DORTMUND, item=number, role="project_lead", person=LEAD))
    full = {
        "solution": "…", "lead_office": "environment-office-dortmund", "cost": 120_000, "follow_up_cost": 8_000,
        "staff": 6, "grant": "strategy_grant", "route": "strategy", "starts_on": "2023-09-04", "ends_on": "2026-08-31",
    }  # fmt: skip
    title, fields = project["titel"], [_field(story, project)]
    story.record(DORTMUND, "sheet", title=title, problem="…", fields=fields, **BOTH, **full)
    story.record(LEAD, "milestone", "m1", title="Erste Fassung in Betrieb", due="2025-03-31", status="open")
    story.record(LEAD, "indicator", "i1", name="Nutzung im Monat", unit="Aufrufe", baseline=0, target=1000)
    for cosigner in COSIGNERS:
        story.record(cosigner, "cosignature", outcome="signed")
    story.step(DORTMUND, "commission")
    story.record(GRANTS, "own_funds", budget_line="55.001", sum=42_000, confirmed_on="2023-08-01")


def _ends(story: Story, chosen: Sequence[str]) -> None:
    """The first project is handed over to the city, the second ends as a pilot, the others are still at work."""
    story.on(2025, 4, 1)
    for place, number in enumerate(chosen[:2]):
        story.item = number
        done = {"title": "Erste Fassung in Betrieb", "due": "2025-03-31", "status": "done", "done_on": "2025-03-28"}
        story.record(LEAD, "milestone", "m1", **done)
        story.step(LEAD, "complete", results="In Betrieb.")
        story.record(LEAD, "measurement", "i1", value=850, measured_on="2025-04-01")
        if place:
            story.step(DORTMUND, "finish", summary="Der Versuch hat gezeigt, was geht und was nicht.")
            continue
        story.do(Assign(actor=DORTMUND, item=number, role="receiving_department", person=OFFICE))
        story.step(DORTMUND, "hand_over", verdict="largely_on_course", findings="Wird gut genutzt.")
        boxes = dict.fromkeys(("accepts_unit", "accepts_operator", "accepts_budget", "accepts_documents"), True)
        taken = {
            "unit": "environment-office-dortmund",
            "operator": "Umweltamt",
            "budget_line": "55.002",
            "documents": "Plan",
        }
        story.step(OFFICE, "integrate", **taken, **boxes)


def timelines(app: App, numbers: Sequence[str]) -> Iterator[str]:
    """The way of each item, a line a step."""
    with app.database.reading() as connection:
        tx = Transaction(connection)
        for number in numbers:
            row = tx.read((tx.sql.item_unlocked, (number,)))[0][0]
            lifecycle = app.rules.lifecycle(tx, row[2], row[3])
            yield f"\n{number}  {row[14]}  ({lifecycle.label.de})"
            for past in history_of(events_of(connection, number), lifecycle, View()):
                if past.target is not None:
                    move = lifecycle.transitions.get(past.transition or "")
                    label = move.label.de if move else "Angelegt"
                    mark = " " if (lifecycle.key, past.transition) in KNOWN else MADE_UP
                    yield f"{mark} {past.at:%d.%m.%Y}  {lifecycle.states[past.target].label.de:32}  {label}"


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 9, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=Path, help="a JSON file with `projekte`: titel, handlungsfeld")
    parser.add_argument("--database", help="absent: one that is thrown away")
    options = parser.parse_args()
    projects = json.loads(options.projects.read_text("utf-8"))["projekte"] if options.projects else PROJECTS
    with tempfile.TemporaryDirectory() as folder:
        database = options.database or f"sqlite:///{folder}/story.db"
        with open_workflow(database) as app:
            for line in timelines(app, play(app, projects)):
                print(line)
    print(f"\n{MADE_UP} made up, so that the way can be seen to its end")


if __name__ == "__main__":
    main()
