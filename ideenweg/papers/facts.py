"""The texts of a paper: what the plan asks for, of what its reader may see of the item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ideenweg.papers.plan import Plan, fits
from ideenweg.web.values import Values
from ideenweg.web.wording import Wording
from states import roles
from states.programme import Body
from states.record_kinds import Per
from states.snapshot import RecordFact, local_day
from workflow.errors import BadInput, Refused
from workflow.queries.detail import Detail, find
from workflow.rules import Rules

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Placeholder -> its lines; list -> its entries, each column -> lines. missing: placeholder -> what is missing."""

    fields: Mapping[str, Lines]
    lists: Mapping[str, Sequence[Mapping[str, Lines]]]
    missing: Mapping[str, str]
    word: str


def facts_of(
    connection: Connection, rules: Rules, plan: Plan, number: str, body: str, reader: str | None, now: datetime
) -> Facts:
    """What the paper of item `number` for `body` says, as `reader` (an address or id; None: the operator) may see it.

    Raises NotFound, BadInput for a body that there is not or an item without papers, Refused for a reader who may not
    have it made.
    """
    detail = find(connection, rules, number, reader, now, history=False)
    return facts_from(detail, plan, chosen_body(rules, body), now, operator=reader is None)


def chosen_body(rules: Rules, key: str) -> Body:
    """The body of that key. Raises BadInput with those there are."""
    bodies = rules.programme.bodies
    if key not in bodies:
        raise BadInput(f"There is no body {key!r}.", remedy=f"The bodies are: {', '.join(bodies)}.")
    return bodies[key]


def facts_from(detail: Detail, plan: Plan, body: Body, now: datetime, *, operator: bool = False) -> Facts:
    """`facts_of` an item that has been looked at. Raises as that does."""
    lifecycle = detail.lifecycle
    if lifecycle.key not in plan.lifecycles:
        raise BadInput(f"{lifecycle.key} has no papers.", plan.place, remedy="See `lifecycles:` there.")
    fits(plan, lifecycle)
    if not operator and (against := roles.barred(lifecycle, detail.snapshot, known(plan, detail))):
        raise Refused(against)
    paper = _Paper(detail, Values(Wording(plan.language, detail.programme.zone), lifecycle, detail.programme), body)
    fields: dict[str, Lines] = {}
    missing: dict[str, str] = {}
    for name, source in plan.fields.items():
        lines = paper.field(source, now)
        if lines:
            fields[name] = lines
        else:
            missing[name] = paper.label(source)
    lists = {name: list(paper.entries(source)) for name, source in plan.lists.items()}
    missing |= {name: paper.label(plan.lists[name]) for name, entries in lists.items() if not entries}
    return Facts(fields, lists, missing, plan.missing)


def known(plan: Plan, detail: Detail) -> tuple[str, ...]:
    """The roles of the plan that the item's lifecycle has."""
    return tuple(role for role in plan.roles if role in detail.lifecycle.roles)


@dataclass(frozen=True, slots=True)
class _Paper:
    detail: Detail
    values: Values
    body: Body

    def field(self, source: Mapping[str, str], now: datetime) -> Lines:
        say = self.values.say
        if source.get("item") == "number":
            return (self.detail.item.number,)
        if source.get("item") == "title":
            return (self.detail.item.title,)
        if source.get("paper") == "body":
            return (self.body.label[say.locale],)
        if source.get("paper") == "day":
            return (say.day(local_day(now, self.detail.programme)),)
        fact = self._latest(source["record"])
        return self._lines(fact, source["field"]) if fact else ()

    def label(self, source: Mapping[str, str]) -> str:
        """What to call it where it is missing."""
        kind = self.detail.lifecycle.records[source["record"]]
        field = source.get("field") or source.get("entries")
        return (kind.fields[field].label if field else kind.label)[self.values.say.locale]

    def entries(self, source: Mapping[str, str]) -> Iterator[Mapping[str, Lines]]:
        kind = self.detail.lifecycle.records[source["record"]]
        if "entries" in source:
            fact = self._latest(kind.key)
            schema = kind.fields[source["entries"]].schema.get("items", {}).get("properties", {})
            for entry in fact.data.get(source["entries"], ()) if fact else ():
                yield {key: (self.values.shown(schema.get(key, {}), value),) for key, value in entry.items()}
            return
        for fact in self._counting(kind.key):
            columns = {key: self._lines(fact, key) for key in fact.data if key in kind.fields}
            who, _ = self.values.heading(kind, fact, ())
            yield {**columns, "who": (who or "",), "on": (self.values.say.day(fact.at),)}

    def _lines(self, fact: RecordFact, field: str) -> Lines:
        kind = self.detail.lifecycle.records[fact.kind]
        value = fact.data.get(field)
        if value in (None, "", []):
            return ()
        row = self.values.row(kind.fields[field], value)
        return row.parts if row.long else (", ".join(row.parts),)

    def _latest(self, kind: str) -> RecordFact | None:
        facts = self._counting(kind)
        if self.detail.lifecycle.records[kind].per is Per.BODY:
            facts = [one for one in facts if one.key == self.body.key]
        return facts[-1] if facts else None

    def _counting(self, kind: str) -> list[RecordFact]:
        """The records of the kind in the latest visit that has any, in the order in which they were written."""
        facts = [one for one in self.detail.records if one.kind == kind]
        visit = max((one.visit for one in facts), default=0)
        return sorted((one for one in facts if one.visit == visit), key=lambda one: one.at)


def bodies_of(detail: Detail, rules: Rules) -> list[Body]:
    """Every body; first those that the item names: in its order of consultation, or by records of their own."""
    named = [one.key for one in detail.records if detail.lifecycle.records[one.kind].per is Per.BODY]
    for fact in detail.records:
        for value in fact.data.values():
            if isinstance(value, list):
                named += [entry["body"] for entry in value if isinstance(entry, Mapping) and "body" in entry]
    bodies = rules.programme.bodies
    return [bodies[key] for key in dict.fromkeys([*named, *bodies]) if key in bodies]
