"""Pictures of what records say, as shapes with places: a template draws them, and a table beside them says the same.

Lengths are in hundredths of the picture's width; what is drawn at 0 stands at its left edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ideenweg.web.values import Values
from states.record_kinds import Drawn, Picture, RecordKind
from states.snapshot import RecordFact

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place: `look` is its class, `label` what it says; `n` its number in the table, 0 without one."""

    x: float
    look: str
    label: str = ""
    n: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch between two places."""

    x: float
    width: float
    look: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What a picture says, in words: `rows` of as many cells as `heads`."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture. `kind`: measure, dates or parts. `title`: what it is of; `summary`: what it shows, in a sentence."""

    kind: str
    title: str
    summary: str
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    table: Table


def drawings(values: Values, records: Sequence[RecordFact]) -> dict[str, tuple[Drawing, ...]]:
    """Record kind -> the pictures of its records, for the kinds that the lifecycle lets draw."""
    found = {}
    for kind in values.lifecycle.records.values():
        facts = [one for one in records if one.kind == kind.key]
        if kind.picture is None or not facts:
            continue
        match kind.picture.shows:
            case Drawn.MEASURE:
                made = [_measure(values, kind, kind.picture, one, records) for one in facts]
            case Drawn.DATES:
                made = [_dates(values, kind, kind.picture, facts)]
            case Drawn.PARTS:
                made = [_parts(values, kind, kind.picture, one) for one in facts]
        if shown := tuple(one for one in made if one):
            found[kind.key] = shown
    return found


def _measure(
    values: Values, kind: RecordKind, picture: Picture, fact: RecordFact, records: Iterable[RecordFact]
) -> Drawing | None:
    say, names = values.say, picture.fields
    start, target = _number(fact.data.get(names["baseline"])), _number(fact.data.get(names["target"]))
    if start is None or target is None:
        return None
    unit = str(fact.data.get(names.get("unit", ""), ""))
    measured = sorted(
        (str(one.data[names["on"]]), value)
        for one in records
        if one.kind == names["by"]
        and one.key == fact.key
        and names["on"] in one.data
        and (value := _number(one.data.get(names["value"]))) is not None
    )
    place = _scale([start, target, *(value for _, value in measured)])
    said = [f"{say.number(value)} {unit}".strip() for _, value in measured]
    heading, _ = values.heading(kind, fact, ())
    bars = [Bar(0, WIDTH, "track")]
    if measured:
        ends = sorted((place(start), place(measured[-1][1])))
        bars.append(Bar(ends[0], ends[1] - ends[0], "reached"))
    labels = kind.fields[names["baseline"]].label[say.locale], kind.fields[names["target"]].label[say.locale]
    marks = [
        Mark(place(start), "start", say.number(start)),
        Mark(place(target), "target", say.number(target)),
    ]
    if measured:
        marks.append(Mark(place(measured[-1][1]), "now", said[-1]))
    rows = [(labels[0], f"{say.number(start)} {unit}".strip(), "")]
    rows += [
        (say("picture_measured"), shown, say.partial_day(day)) for (day, _), shown in zip(measured, said, strict=True)
    ]
    rows.append((labels[1], f"{say.number(target)} {unit}".strip(), ""))
    told = {"start": say.number(start), "target": say.number(target), "unit": unit}
    summary = say("picture_measure", now=said[-1], **told) if measured else say("picture_measure_open", **told)
    heads = say("picture_what"), say("picture_value"), say("picture_day")
    return Drawing("measure", heading or "", summary, tuple(bars), tuple(marks), Table(heads, tuple(rows)))


def _dates(values: Values, kind: RecordKind, picture: Picture, facts: Sequence[RecordFact]) -> Drawing | None:
    say, names = values.say, picture.fields
    planned = {one.key: _day(one.data.get(names["planned"])) for one in facts}
    ordered = sorted((one for one in facts if planned[one.key]), key=lambda one: (planned[one.key], one.key))
    reached = {one.key: _day(one.data.get(names["reached"])) for one in ordered}
    days = [day for day in (*planned.values(), *reached.values()) if day]
    if not ordered:
        return None
    place = _scale([day.toordinal() for day in days])
    marks, rows = [], []
    for n, one in enumerate(ordered, 1):
        due, done = planned[one.key], reached[one.key]
        assert due is not None
        heading, own = values.heading(kind, one, ())
        marks.append(Mark(place((done or due).toordinal()), "done" if done else "open", str(n), n))
        others = {name: value for name, value in one.data.items() if name not in (own, *names.values())}
        rest = [part for row in values.rows(kind, others) for part in row.parts]
        rows.append((f"{n}", heading or "", say.day(due), say.day(done) if done else "–", ", ".join(rest)))
    done_so_far = sum(1 for day in reached.values() if day)
    summary = say("picture_dates", done=done_so_far, n=len(ordered))
    labels = (kind.fields[names[name]].label[say.locale] for name in ("planned", "reached"))
    table = Table((say("picture_number"), kind.label[say.locale], *labels, say("picture_rest")), tuple(rows))
    ends = (Mark(0, "edge", say.day(min(days))), Mark(WIDTH, "edge", say.day(max(days))))
    return Drawing("dates", kind.label[say.locale], summary, (Bar(0, WIDTH, "track"),), (*marks, *ends), table)


def _parts(values: Values, kind: RecordKind, picture: Picture, fact: RecordFact) -> Drawing | None:
    say = values.say
    told = [(kind.fields[name].label[say.locale], fact.data.get(name)) for name in picture.parts]
    known = [(label, value) for label, one in told if (value := _number(one)) is not None]
    whole = sum(value for _, value in known)
    if len(known) < 2 or whole <= 0:
        return None
    bars, x = [], 0.0
    for n, (label, value) in enumerate(known, 1):
        bars.append(Bar(x, value / whole * WIDTH, f"part-{n}", label))
        x += value / whole * WIDTH
    rows = [(label, say.number(value), say("picture_share_of", n=round(value / whole * 100))) for label, value in known]
    heads = say("picture_what"), say("picture_value"), say("picture_share")
    summary = say("picture_parts", parts=say.listed([f"{label}: {shown}" for label, shown, _ in rows]))
    return Drawing("parts", kind.label[say.locale], summary, tuple(bars), (), Table(heads, tuple(rows)))


def _scale(known: Sequence[float]) -> Any:
    """A function from a value to its place between the least and the most of `known`."""
    least, most = min(known), max(known)
    spread = (most - least) or 1
    return lambda value: round((value - least) / spread * WIDTH, 2)


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
