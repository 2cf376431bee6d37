"""Guards over dates and what has gathered by a date. A day is a day where the programme is."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache

from states import wording
from states.blockers import Blocker, blocker
from states.calendar import add, due_at
from states.durations import DATE, parse_date, parse_duration
from states.guards.base import NUMBER, Guard, Params, Question, Wake, name_of, parameters, wakes
from states.guards.forms import linked_records
from states.sentences import Sentence, Text
from states.snapshot import Needs, RecordFact, local_day
from states.visits import counting

DATE_FIELD = name_of("record.field", pattern=r"^[^.]+\.[^.]+$")
FIXED = {"type": "string", "pattern": f"^{DATE}$", "x-parse": "moment"}
LENGTH = {
    "type": "string",
    "pattern": r"^[0-9]+ +(days?|weeks?|months?|years?)$",
    "x-parse": "duration",
    "x-expects": Sentence("days, weeks, months oder years", "days, weeks, months or years"),
}
"""Guards know no calendar of the house, so they count no working days."""

PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")

duration = lru_cache(maxsize=256)(parse_duration)


def last_day(text: str) -> date | None:
    """The day a recorded date ends on: 28 February 2023 for `2023-02`, known to the month alone. None: no date."""
    parts = PARTIAL.fullmatch(text)
    if parts is None:
        return None
    year, month, day = (int(part) if part else 0 for part in parts.groups())
    try:
        return date(year, month or 12, day or monthrange(year, month or 12)[1])
    except ValueError:  # month 13, 30 February, the year 0
        return None


def _recorded_days(question: Question, place: str) -> list[date]:
    """The days recorded in `record.field`: of this item or, with `of`, of those it links to."""
    params = question.params
    record, field = place.split(".")
    facts: list[RecordFact]
    if "of" in params:
        facts = [fact for _, fact in linked_records(question, params["of"], record)]
    else:
        facts = counting(question.lifecycle.records[record], question.snapshot)
    if "key" in params:
        facts = [fact for fact in facts if fact.key == params["key"]]
    return _days(facts, field)


def _days(facts: Iterable[RecordFact], field: str) -> list[date]:
    return [day for fact in facts if (day := last_day(str(fact.data.get(field, "")))) is not None]


def _moved(day: date, params: Params) -> date:
    if "add" not in params:
        return day
    try:
        return add(day, duration(params["add"]), None)
    except OverflowError:
        return date.max


def _asked(question: Question) -> list[date]:
    """The days that a guard with `day` or `date` speaks of."""
    params = question.params
    days = [parse_date(params["day"])] if "day" in params else []
    if "date" in params:
        days += _recorded_days(question, params["date"])
    return [_moved(day, params) for day in days]


def _date_reached(question: Question) -> Iterator[Blocker]:
    days, today = _asked(question), local_day(question.now, question.snapshot.programme)
    if not days:
        yield _no_date(question, question.params["date"])
    elif max(days) > today:
        yield blocker(
            "date_not_reached",
            "Das geht erst ab dem {date_de}.",
            "This is possible from {date} on.",
            date=max(days).isoformat(),
            date_de=wording.german_day(max(days).isoformat()),
        )


def _date_not_past(question: Question) -> Iterator[Blocker]:
    days, today = _asked(question), local_day(question.now, question.snapshot.programme)
    if not days:
        yield _no_date(question, question.params["date"])
    elif min(days) < today:
        yield blocker(
            "date_past",
            "Das ging nur bis zum {date_de}.",
            "This was possible until {date} only.",
            date=min(days).isoformat(),
            date_de=wording.german_day(min(days).isoformat()),
        )


def _ends_by(question: Question) -> Iterator[Blocker]:
    params = question.params
    record, field = params["date"].split(".")
    kind = question.lifecycle.records[record]
    ends = _days(counting(kind, question.snapshot), field)
    limits = [_moved(day, params) for day in _recorded_days(question, params["after"])]
    if not ends:
        yield _no_date(question, params["date"], here=True)
    elif limits and max(ends) > min(limits):
        yield blocker(
            "ends_too_late",
            "Im Formular „{label}“ darf „{field}“ nicht nach dem {date_de} liegen. Ändern kann das: {who}.",
            "In the form “{label}”, “{field}” must not be after {date}. It can be changed by: {who}.",
            date=min(limits).isoformat(),
            date_de=wording.german_day(min(limits).isoformat()),
            **_said(question, params["date"], here=True),
        )


def _support(question: Question) -> Iterator[Blocker]:
    params, snapshot = question.params, question.snapshot
    there = len(snapshot.supports)
    if "within" in params:
        day = add(local_day(snapshot.entered_at, snapshot.programme), duration(params["within"]), None)
        until = due_at(day, snapshot.programme.zone)
        there = sum(snapshot.entered_at <= at < until for at in snapshot.supports)
    if there < params["minimum"]:
        yield blocker(
            "support_missing",
            "Unterstützung: {there} von {minimum}. Unterstützen können: {who}.",
            "Support: {there} of {minimum}. It can be given by: {who}.",
            there=there,
            minimum=params["minimum"],
            who=[Text("alle, die ein Konto haben", "everybody with an account")],
        )


def _no_date(question: Question, place: str, *, here: bool = False) -> Blocker:
    return blocker(
        "date_missing",
        "Im Formular „{label}“ fehlt: {field}. Eintragen kann das: {who}.",
        "The form “{label}” lacks: {field}. It can be entered by: {who}.",
        **_said(question, place, here=here),
    )


def _said(question: Question, place: str, *, here: bool = False) -> Mapping[str, object]:
    """Which field it is about, and who can fill it. `here`: it is this item's, whatever `of` says."""
    lifecycle, (record, field) = question.lifecycle, place.split(".")
    if "of" in question.params and not here:
        link = lifecycle.links[question.params["of"]]
        who, kind = (
            wording.roles(lifecycle, link.write),
            Text(f"{record} ({link.label.de})", f"{record} ({link.label.en})"),
        )
        return {"label": kind, "field": field, "who": who, "record": record, "link": link.key}
    return {
        "label": wording.label(lifecycle, record),
        "field": wording.field(lifecycle, record, field),
        "who": wording.writers(lifecycle, record, question.snapshot.state),
        "record": record,
    }


def _needs(params: Params) -> Needs:
    kinds = frozenset({params["date"].split(".")[0]}) if "date" in params else frozenset()
    return Needs(links={params["of"]: kinds}) if "of" in params else Needs(records=kinds)


def _woken(params: Params) -> frozenset[Wake]:
    if "date" not in params:
        return frozenset({Wake.DATE})
    return frozenset({Wake.DATE, *({Wake.LINK, Wake.LINKED_ITEM} if "of" in params else {Wake.RECORD})})


def _ends_by_needs(params: Params) -> Needs:
    here, there = (frozenset({params[place].split(".")[0]}) for place in ("date", "after"))
    return Needs(here, {params["of"]: there}) if "of" in params else Needs(here | there)


DATED = {
    **parameters(day=FIXED, date=DATE_FIELD, key={"type": "string"}, of=name_of("link"), add=LENGTH),
    "anyOf": [{"required": ["day"]}, {"required": ["date"]}],
}

DATES = (
    Guard(
        "date_reached",
        "A fixed or recorded date is here; of several, the last one.",
        DATED,
        _needs,
        _woken,
        _date_reached,
    ),
    Guard(
        "date_not_past",
        "A fixed or recorded date is not over; of several, the first one.",
        DATED,
        _needs,
        _woken,
        _date_not_past,
    ),
    Guard(
        "ends_by",
        "A recorded date is not after another one; it holds where that one is not recorded.",
        parameters(
            ("date", "after"),
            date={**DATE_FIELD, "x-here": True},
            after=DATE_FIELD,
            add=LENGTH,
            key={"type": "string"},
            of=name_of("link"),
        ),
        _ends_by_needs,
        lambda params: frozenset({Wake.RECORD, *({Wake.LINK, Wake.LINKED_ITEM} if "of" in params else ())}),
        _ends_by,
    ),
    Guard(
        "support",
        "So many residents support the item, within a time from the entry into the state.",
        parameters(("minimum",), minimum=NUMBER, within=LENGTH),
        lambda params: Needs(support=True),
        wakes(Wake.SUPPORT),
        _support,
    ),
)
