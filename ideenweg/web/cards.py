"""An idea as lists show it: in few words and a glance at how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from states.lifecycle import Stage, State
from states.programme import Programme
from states.sentences import Text
from workflow.queries.items import ItemLine
from workflow.rules import Rules
from workflow.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Card:
    """One idea of a list. `position`: of its stage among `stages`, from 1; None where its way has ended."""

    number: str
    title: str
    state: State
    stage: Stage | None
    position: int | None
    stages: int
    since: datetime
    cities: tuple[Text, ...]
    fields: tuple[Text, ...]


def cards(connection: Connection, rules: Rules, lines: Sequence[ItemLine]) -> list[Card]:
    """The items of a list as cards, each named by the version of its lifecycle."""
    return [_card(connection, rules, line) for line in lines]


def _card(connection: Connection, rules: Rules, line: ItemLine) -> Card:
    lifecycle = rules.lifecycle(Transaction(connection), line.lifecycle, line.version)
    stages = list(lifecycle.stages)
    state = lifecycle.states[line.state]
    return Card(
        line.number,
        line.title,
        state,
        lifecycle.stages[state.stage] if state.stage else None,
        stages.index(state.stage) + 1 if state.stage else None,
        len(stages),
        line.entered_at,
        _labels(rules.programme, "city", line.facets.get("cities", ())),
        _labels(rules.programme, "field", line.facets.get("fields", ())),
    )


def _labels(programme: Programme, vocabulary: str, keys: Sequence[str]) -> tuple[Text, ...]:
    known = programme.vocabulary(vocabulary)
    return tuple(known[key].label for key in known if key in keys)
