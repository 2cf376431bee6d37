"""The ranking of a selection round, computed when it is looked at and never stored: states/ranking.py has the sums."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from states import roles
from states.lifecycle import Lifecycle
from states.ranking import Candidate, Ranked, Ranking, rank
from states.sentences import Sentence, said
from states.snapshot import Snapshot
from workflow.errors import BadInput, Refused
from workflow.models import item, item_facet, link, record
from workflow.queries.sight import look
from workflow.rules import Rules
from workflow.transaction import Transaction


@dataclass(frozen=True, slots=True)
class RoundRanking:
    """A round with its ranking. labels: the criteria and knock-outs as the candidates' reviews call them."""

    number: str
    title: str
    lifecycle: Lifecycle
    state: str
    ranking: Ranking
    ranked: Ranked
    labels: Mapping[str, Any]


def ranking_of(
    connection: Connection,
    rules: Rules,
    number: str,
    reader: str | None,
    now: datetime,
    *,
    weights: Mapping[str, float] | None = None,
    budget: Mapping[str, float] | None = None,
) -> RoundRanking:
    """The ranking of the round `number` as it is now; with other `weights` or `budget` (city -> euros), as it would be.

    reader: an address or id; None: the operator. Seven statements, however many candidates there are. Raises NotFound,
    BadInput for an item whose lifecycle ranks nothing and for weights that weigh nothing, Refused for a reader who
    holds none of the roles that see it.
    """
    seen = look(connection, rules, number, reader, now, history=False)
    lifecycle, snapshot = seen.lifecycle, seen.snapshot
    ranking = lifecycle.ranking
    if ranking is None:
        raise BadInput(
            Sentence(
                f"{number} ist keine Auswahlrunde: {lifecycle.key} ordnet nichts.",
                f"{number} is no selection round: {lifecycle.key} ranks nothing.",
            )
        )
    if reader is not None and (against := roles.barred(lifecycle, snapshot, ranking.roles)):
        raise Refused(against)
    _known(Sentence("Gewicht", "weight"), weights, ranking.weights)
    _known(Sentence("Stadt", "city"), budget, seen.programme.cities)
    sheet = _sheet_of(lifecycle, snapshot)
    candidates, labels = _candidates(connection, rules, number, ranking)
    try:
        ranked = rank(
            ranking,
            candidates,
            weights=weights,
            budget=budget if budget is not None else _by_city(sheet, ranking.budget),
            capacity=_by_year(sheet, ranking.capacity),
        )
    except ValueError as error:
        german = "Gewichte sind nicht negativ, und eines ist größer als null."
        raise BadInput(Sentence(german, str(error))) from None
    return RoundRanking(number, seen.item.title, lifecycle, seen.item.state, ranking, ranked, labels)


def _known(what: str, given: Mapping[str, float] | None, known: Mapping[str, Any]) -> None:
    for key in given or {}:
        if key not in known:
            choice = ", ".join(known)
            raise BadInput(
                said("„{key}“ gibt es hier nicht ({what}).", "There is no {what} {key!r} here.", what=what, key=key),
                remedy=Sentence(f"Bekannt: {choice}.", f"Known: {choice}."),
            )


def _sheet_of(lifecycle: Lifecycle, snapshot: Snapshot) -> Mapping[str, Any]:
    return next((fact.data for fact in snapshot.records if fact.kind == lifecycle.sheet), {})


def _by_city(sheet: Mapping[str, Any], field: str | None) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for entry in sheet.get(field or "", ()):
        found[entry["city"]] += entry["euros"]
    return dict(found)


def _by_year(sheet: Mapping[str, Any], field: str | None) -> dict[tuple[str, int], float]:
    found: dict[tuple[str, int], float] = defaultdict(float)
    for entry in sheet.get(field or "", ()):
        found[entry["city"], entry["year"]] += entry["person_months"]
    return dict(found)


def _candidates(
    connection: Connection, rules: Rules, number: str, ranking: Ranking
) -> tuple[list[Candidate], Mapping[str, Any]]:
    linked = and_(link.c.other == number, link.c.kind == ranking.link, link.c.ended_seq.is_(None))
    of_it = and_(item_facet.c.item == item.c.number, item_facet.c.facet == "cities")
    there = (
        select(item, item_facet.c.value.label("city"))
        .select_from(link)
        .join(item, item.c.number == link.c.item)
        .outerjoin(item_facet, of_it)
        .where(linked, item.c.state.in_((*ranking.open, *ranking.chosen)))
        .order_by(item.c.number, item_facet.c.value)
    )
    rows: dict[str, Row[Any]] = {}
    cities: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(there):
        rows[row.number] = row
        cities[row.number].append(row.city)
    records = _records(connection, linked, ranking)
    labels: dict[str, Any] = {}
    found = []
    tx = Transaction(connection)
    for row in rows.values():
        lifecycle = rules.lifecycle(tx, row.lifecycle, row.version)
        known = rules.programme_of(tx, row.programme, row.programme_version).cities
        kind = lifecycle.records.get(ranking.record)
        if kind is not None:
            labels |= {key: field.label for key, field in kind.fields.items()}
        own = records.get(row.number, {})
        sheet = own.get(ranking.sheet, [(0, {})])[-1][1]
        reviews = own.get(ranking.record, [])
        visit = (
            row.visit if kind is not None and row.state in kind.visit else max((one for one, _ in reviews), default=0)
        )
        found.append(
            Candidate(
                number=row.number,
                title=row.title,
                chosen=row.state in ranking.chosen,
                cities=tuple(one for one in cities[row.number] if one in known),
                reviews=tuple(data for one, data in reviews if one == visit),
                cost=sheet.get(ranking.cost or ""),
                staff=sheet.get(ranking.staff or ""),
                starts=_day(sheet.get(ranking.starts or "")),
                ends=_day(sheet.get(ranking.ends or "")),
            )
        )
    return found, labels


def _records(
    connection: Connection, linked: ColumnElement[bool], ranking: Ranking
) -> dict[str, dict[str, list[tuple[int, Mapping[str, Any]]]]]:
    """Item -> kind -> (visit, data) of its latest records. What names people is not looked at."""
    latest = select(record.c.item, record.c.kind, record.c.visit, record.c.data).join(
        link, link.c.item == record.c.item
    )
    wanted = latest.where(linked, record.c.latest, record.c.kind.in_((ranking.record, ranking.sheet)))
    found: dict[str, dict[str, list[tuple[int, Mapping[str, Any]]]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(wanted.order_by(record.c.item, record.c.seq)):
        found[row.item][row.kind].append((row.visit, json.loads(row.data) if row.data else {}))
    return found


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
