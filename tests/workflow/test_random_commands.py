"""Random commands by random people, held against a plain model of the short lifecycle.

The model is written by hand: who may do what, and where it leads. After every command an item's revision is the number
of events in its stream, its state the target of its last move, and every stream verifies; a refused command has
changed nothing of the item.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from ideenweg.wiring import App
from workflow.commands import Advance, Assign, Comment, Correct, Create, Link, Record, Support
from workflow.errors import Invalid, NotFound, Refused
from workflow.models import assignment, event, item, item_facet, link, record

CITIZENS = ("buergerin@dortmund.example", "buerger@schwerte.example")
CITY_OF = {
    "koordination@dortmund.example": "dortmund",
    "vertretung@dortmund.example": "dortmund",
    "koordination@schwerte.example": "schwerte",
}
EXPERT, ADMINISTRATOR = "tiefbauamt@dortmund.example", "verwaltung@dortmund.example"
EVERYBODY = (*CITIZENS, *CITY_OF, EXPERT, ADMINISTRATOR)
STATES = ("draft", "in_review", "asked", "accepted", "popular", "closed")
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)

people = st.sampled_from(EVERYBODY)
places = st.integers(0, 3)  # which of the items, if there are so many


@dataclass
class Thing:
    """What the model knows of an item."""

    number: str
    submitter: str
    cities: tuple[str, ...]
    state: str = "draft"
    handed_in_by: set[str] = field(default_factory=set)
    forced_by: set[str] = field(default_factory=set)
    experts: set[str] = field(default_factory=set)
    supporters: dict[str, datetime] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    accepted_at: datetime | None = None

    def coordinates(self, person: str) -> bool:
        return person in CITY_OF and (not self.cities or CITY_OF[person] in self.cities)

    def may(self, transition: str, person: str) -> bool:
        """Whether the short lifecycle lets that person fire the transition now."""
        match transition:
            case "submit":
                return self.state == "draft" and (person == self.submitter or self.coordinates(person))
            case "ask":
                return self.state == "in_review" and self.coordinates(person)
            case "answer":
                return self.state == "asked" and person == self.submitter
            case "accept":
                stranger = person not in self.handed_in_by | self.forced_by
                return self.state == "in_review" and self.coordinates(person) and stranger
            case "close":
                return self.state != "closed" and self.coordinates(person)
        return False  # go_on and applaud are nobody's to fire

    def enter(self, state: str, at: datetime) -> None:
        self.state = state
        if state == "accepted":
            self.accepted_at = at
            self.settle(at)

    def settle(self, at: datetime) -> None:
        """Two supports given while it is accepted make it popular."""
        if self.state == "accepted" and self.accepted_at is not None:
            given = [one for one in self.supporters.values() if self.accepted_at <= one]
            if len(given) >= 2:
                self.state = "popular"


class Commands(RuleBasedStateMachine):
    """Every rule sends one command and says beforehand whether it should go through."""

    app: App

    def __init__(self) -> None:
        super().__init__()
        self.things: list[Thing] = []
        self.now = NOW

    @initialize(cities=st.sampled_from([("dortmund",), ("schwerte",), ("dortmund", "schwerte"), ()]))
    def begin(self, cities: tuple[str, ...]) -> None:
        self.create(CITIZENS[0], cities)

    def send(self, thing: Thing, command: Any, *, goes_through: bool) -> bool:
        """Execute the command. A refusal must have been expected, and must have changed nothing."""
        self.now += timedelta(minutes=7)
        before = self.facts(thing.number)
        if goes_through:
            self.app.engine.execute(command, now=self.now)
            return True
        with pytest.raises((Refused, NotFound)):
            self.app.engine.execute(command, now=self.now)
        assert self.facts(thing.number) == before
        return False

    def facts(self, number: str) -> list[Any]:
        """Everything the database holds about an item."""
        tables = (item, record, link, assignment, item_facet)
        with self.app.database.reading() as connection:
            return [
                sorted(map(repr, connection.execute(select(table).where(table.c[key] == number))))
                for table in tables
                for key in (("number",) if table is item else ("item",))
            ]

    def thing(self, place: int) -> Thing:
        return self.things[place % len(self.things)]

    @precondition(lambda self: len(self.things) < 4)
    @rule(person=people, cities=st.sampled_from([("dortmund",), ("schwerte",), ("dortmund", "schwerte"), ()]))
    def create(self, person: str, cities: tuple[str, ...]) -> None:
        order = Create(actor=person, data={"title": "Bäume am Hellweg", "cities": list(cities)})
        number = self.app.engine.execute(order, now=self.now).item.number
        self.things.append(Thing(number, person, cities))

    @rule(
        person=people,
        place=places,
        transition=st.sampled_from(["submit", "ask", "answer", "accept", "close", "applaud"]),
    )
    def advance(self, person: str, place: int, transition: str) -> None:
        thing = self.thing(place)
        data = {"feasible": True} if transition == "accept" else None
        order = Advance(item=thing.number, transition=transition, actor=person, reason="Grund", data=data)
        if not self.send(thing, order, goes_through=thing.may(transition, person)):
            return
        if transition == "submit":
            thing.handed_in_by.add(person)
        target = {"submit": "in_review", "ask": "asked", "answer": "in_review", "accept": "accepted", "close": "closed"}
        thing.enter(target[transition], self.now)

    @rule(person=people, place=places)
    def ask_without_a_reason(self, person: str, place: int) -> None:
        thing = self.thing(place)
        self.send(thing, Advance(item=thing.number, transition="ask", actor=person), goes_through=False)

    @rule(person=people, place=places, remark=st.text(max_size=20))
    def comment(self, person: str, place: int, remark: str) -> None:
        thing = self.thing(place)
        works_here = person == thing.submitter or thing.coordinates(person) or person in thing.experts
        works_here = works_here or person == ADMINISTRATOR
        words = bool(remark.strip()) and "\0" not in remark
        order = Comment(item=thing.number, actor=person, text=remark)
        self.send(thing, order, goes_through=works_here and words)

    @rule(person=people, place=places, feasible=st.booleans())
    def give_an_opinion(self, person: str, place: int, feasible: bool) -> None:
        thing = self.thing(place)
        may = thing.state == "in_review" and (thing.coordinates(person) or person in thing.experts)
        order = Record(item=thing.number, kind="opinion", actor=person, data={"feasible": feasible})
        self.send(thing, order, goes_through=may)

    @rule(person=people, place=places)
    def assign_the_expert(self, person: str, place: int) -> None:
        thing = self.thing(place)
        may = thing.coordinates(person) and EXPERT not in thing.experts
        order = Assign(item=thing.number, role="expert", person=EXPERT, actor=person)
        if self.send(thing, order, goes_through=may):
            thing.experts.add(EXPERT)

    @rule(person=people, place=places)
    def support(self, person: str, place: int) -> None:
        thing = self.thing(place)
        may = thing.state != "closed" and person not in thing.supporters
        if self.send(thing, Support(item=thing.number, actor=person), goes_through=may):
            thing.supporters[person] = self.now
            thing.settle(self.now)

    @rule(person=people, place=places, other=places)
    def link(self, person: str, place: int, other: int) -> None:
        one, another = self.thing(place), self.thing(other)
        may = one is not another and one.coordinates(person) and another.number not in one.links
        order = Link(item=one.number, kind="hangs_on", other=another.number, actor=person)
        if self.send(one, order, goes_through=may):
            one.links.add(another.number)

    @rule(person=people, place=places, state=st.sampled_from(["draft", "in_review", "accepted", "closed"]))
    def correct(self, person: str, place: int, state: str) -> None:
        thing = self.thing(place)
        may = person == ADMINISTRATOR and state != thing.state
        order = Correct(item=thing.number, to=state, reason="Irrtum", actor=person)
        if self.send(thing, order, goes_through=may):
            thing.forced_by.add(person)
            thing.enter(state, self.now)

    @rule(place=places)
    def misspell(self, place: int) -> None:
        thing = self.thing(place)
        with pytest.raises(Invalid):
            self.app.engine.execute(Advance(item=thing.number, transition="sbmit", actor=CITIZENS[0]), now=self.now)

    @invariant()
    def the_database_agrees(self) -> None:
        with self.app.database.reading() as connection:
            for thing in self.things:
                row = connection.execute(select(item).where(item.c.number == thing.number)).one()
                stream = event.c.stream == f"item:{thing.number}"
                count = connection.execute(select(func.count()).where(stream)).scalar_one()
                last = connection.execute(
                    select(event.c.to).where(stream, event.c.to.is_not(None)).order_by(event.c.seq.desc()).limit(1)
                ).scalar_one()
                assert (row.state, row.state, row.revision) == (thing.state, last, count)
        assert self.app.audit.verify().ok


def test_random_commands_agree_with_the_model(app: App) -> None:
    """One database for all runs: each begins with items of its own."""
    machine: Callable[[], RuleBasedStateMachine] = type("CommandsHere", (Commands,), {"app": app})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
