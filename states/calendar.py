"""Date arithmetic: working days, weeks, months, fixed dates, and clocks that stop and go on.

Dates are local days of the programme; `due_at` alone turns one into an instant. Nothing here knows what day it is.
Periods follow the German Civil Code: the day of the event is not counted (BGB § 187 (1)); weeks, months and years end
on the day that corresponds to the event's by name or number (§ 188 (2)), or on the month's last day where it has no
such day (§ 188 (3)). The shift of § 193 to the next working day happens only where a rule asks for it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.easter import easter

from states.deadline_rules import Due, Duration, Relative, Unit
from states.durations import parse_date
from states.errors import OutsideCalendar
from states.sentences import Text
from states.snapshot import Snapshot

SATURDAY, SUNDAY = 5, 6  # as date.weekday() counts


@dataclass(frozen=True, slots=True)
class Closure:
    """A day on which the house is closed although it is no public holiday.

    Exactly one of: `every` (month, day) each year, `easter` days after Easter Sunday (before: negative), `on` one date.
    """

    label: Text
    every: tuple[int, int] | None = None
    easter: int | None = None
    on: date | None = None

    def day(self, year: int) -> date | None:
        """The day it falls on in `year`, or None: 29 February and single dates come in some years only."""
        if self.easter is not None:
            return easter(year) + timedelta(days=self.easter)
        if self.every is not None:
            month, day = self.every
            return date(year, month, day) if day <= monthrange(year, month)[1] else None
        return self.on if self.on is not None and self.on.year == year else None


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are working days (Arbeitstage): neither weekend, nor public holiday, nor a closure of the house.

    country, subdivision: ISO 3166 codes for the `holidays` library. Without the subdivision the holidays of a state are
    forgotten (in North Rhine-Westphalia Corpus Christi and All Saints' Day).
    weekend: weekdays as date.weekday() counts them, Monday is 0.
    kept: the days off of years that were worked out before; the library is not asked about them again.
    """

    key: str
    label: Text
    country: str
    subdivision: str | None = None
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    closures: tuple[Closure, ...] = ()
    kept: Mapping[int, Mapping[date, Text]] = field(default_factory=dict, repr=False)
    _working: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def days_off(self, year: int) -> Mapping[date, Text]:
        """The public holidays and closures of `year` with their names, in order; weekends only where one falls on them.

        Raises OutsideCalendar for a year whose holidays the library does not know.
        """
        if year in self.kept:
            return self.kept[year]
        days = {
            day: closure.label
            for closure in self.closures
            if (day := closure.day(year)) is not None and day.year == year
        }
        days.update(self._public_holidays(year))
        return dict(sorted(days.items()))

    def is_working_day(self, day: date) -> bool:
        """Whether people work on `day`."""
        days = self.working_days(day.year)
        place = bisect_left(days, day.toordinal())
        return place < len(days) and days[place] == day.toordinal()

    def working_days(self, year: int) -> tuple[int, ...]:
        """The ordinals of the working days of `year`, ascending. Computed once a year and calendar."""
        known = self._working.get(year)
        if known is None:
            off = {day.toordinal() for day in self.days_off(year)}
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            known = self._working[year] = tuple(
                day
                for day in range(first, last + 1)
                if day not in off and date.fromordinal(day).weekday() not in self.weekend
            )
        return known

    def _public_holidays(self, year: int) -> dict[date, Text]:
        import holidays  # only who counts working days waits for it

        local = holidays.country_holidays(self.country, subdiv=self.subdivision)
        if not local.start_year <= year <= local.end_year:
            raise OutsideCalendar(self.key, year, local.start_year, local.end_year)
        names = {}
        for locale, language in (("de", "de"), ("en", "en_US")):
            spoken = language if language in local.supported_languages else None
            names[locale] = holidays.country_holidays(
                self.country, subdiv=self.subdivision, years=year, language=spoken
            )
        return {day: Text(de=name, en=names["en"][day]) for day, name in names["de"].items() if day.year == year}


def add(start: date, duration: Duration, calendar: WorkingCalendar | None) -> date:
    """The last day of the period of `duration` that begins on the day after `start` (BGB §§ 187 (1), 188 (2), (3)).

    Working days are counted one by one in `calendar`, which other units do not need; no period is shifted by § 193.
    Zero working days end on the last working day not after `start`. Raises OverflowError past the year 9999,
    OutsideCalendar where the holidays are not known.
    """
    match duration.unit:
        case Unit.WORKING_DAYS:
            return _count(start, duration.amount, _needed(calendar))
        case Unit.DAYS:
            return start + timedelta(days=duration.amount)
        case Unit.WEEKS:
            return start + timedelta(weeks=duration.amount)
        case Unit.MONTHS:
            return _months(start, duration.amount)
        case Unit.YEARS:
            return _months(start, 12 * duration.amount)


def subtract(day: date, duration: Duration, calendar: WorkingCalendar | None) -> date:
    """The day `duration` before `day`: `3 working days before` a Monday is the Wednesday of the week before."""
    return add(day, Duration(-duration.amount, duration.unit), calendar)


def next_working_day(day: date, calendar: WorkingCalendar) -> date:
    """`day`, or the first working day after it where it is none (BGB § 193)."""
    return day if calendar.is_working_day(day) else _count(day, 1, calendar)


def due_at(day: date, zone: ZoneInfo) -> datetime:
    """The end of `day` in `zone`, exclusive, in UTC: the first instant after which it is never `day` there again.

    That is the next local midnight; where the clock jumps over midnight, the instant of the jump; where it goes back
    over midnight, the second one.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    first, second = midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC)
    if first < second:  # midnight strikes twice
        return second if (second - timedelta(seconds=1)).astimezone(zone).date() == day else first
    if first > second:  # there is no midnight: `first` reads it on the old clock, `second` on the new one
        seconds = range(int(second.timestamp()), int(first.timestamp()))
        jump = bisect_left(seconds, True, key=lambda at: datetime.fromtimestamp(at, zone).date() > day)
        return second + timedelta(seconds=jump)
    return first


def due(rule: Due, start: date, calendar: WorkingCalendar | None, base: date | None = None) -> date | None:
    """The last day by which `rule` wants it done.

    start: the day the state was entered, from which a plain duration counts.
    base: the recorded day that a `Relative` counts from (`base_date`); None while it is not recorded, and so is the
    result then: the deadline waits.
    """
    if isinstance(rule, Duration):
        return add(start, rule, calendar)
    if isinstance(rule, Relative):
        return None if base is None else add(base, rule.add, calendar)
    return rule


def base_date(rule: Relative, snapshot: Snapshot) -> date | None:
    """The day that `rule` counts from, out of the item's records or those of the items it links to; None: not recorded.

    Of several visits the latest counts; of several linked items the one with the earliest day, so that nobody is late.
    """
    if rule.of is None:
        sources = [snapshot.records]
    else:
        sources = [link.records for link in snapshot.links if link.outgoing and link.kind == rule.of]
    days = []
    for records in sources:
        facts = [fact for fact in records if fact.kind == rule.record and fact.key == rule.key]
        if facts and (day := _day(max(facts, key=lambda fact: fact.visit).data.get(rule.field))):
            days.append(day)
    return min(days, default=None)


def _day(recorded: object) -> date | None:
    """The recorded day, if it is one: of a date known to the month alone nothing can be counted."""
    try:
        return parse_date(recorded) if isinstance(recorded, str) else None
    except ValueError:
        return None


def stops(rule: Due) -> bool:
    """Whether the clock of `rule` stops while the item waits; a fixed date, or one counted from a record, stands."""
    return isinstance(rule, Duration)


def remaining(unit: Unit, day: date, last: date, calendar: WorkingCalendar | None) -> int:
    """How many days are left when a clock stops on `day`: working days for a rule in working days, else calendar days.

    `day` itself is used up, `last`, the due day, is counted; a deadline that is overdue has a negative number left.
    """
    if unit is not Unit.WORKING_DAYS:
        return (last - day).days
    if day > last:
        return -_working_days_between(last, day, _needed(calendar))
    return _working_days_between(day, last, _needed(calendar))


def resume(unit: Unit, left: int, day: date, calendar: WorkingCalendar | None) -> date:
    """The new due day when a clock goes on, on `day`, with what `remaining` said was `left` in the rule's unit."""
    return add(day, Duration(left, unit if unit is Unit.WORKING_DAYS else Unit.DAYS), calendar)


def _needed(calendar: WorkingCalendar | None) -> WorkingCalendar:
    if calendar is None:
        raise ValueError("Working days are counted in a calendar: name one with `calendar:` in the lifecycle file.")
    return calendar


def _count(start: date, amount: int, calendar: WorkingCalendar) -> date:
    """Working day number `amount` after `start`; number 0 is the last one not after it, number -1 the one before."""
    year, days = start.year, calendar.working_days(start.year)
    if amount > 0:
        place = bisect_right(days, start.toordinal()) - 1 + amount
    elif amount < 0:
        place = bisect_left(days, start.toordinal()) + amount
    else:
        place = bisect_right(days, start.toordinal()) - 1
    while place >= len(days):
        place -= len(days)
        year += 1
        days = calendar.working_days(year)
    while place < 0:
        year -= 1
        days = calendar.working_days(year)
        place += len(days)
    return date.fromordinal(days[place])


def _working_days_between(after: date, until: date, calendar: WorkingCalendar) -> int:
    """The number of working days after `after` up to and with `until`, which is not before it."""
    whole_years = sum(len(calendar.working_days(year)) for year in range(after.year, until.year))
    return (
        whole_years
        + bisect_right(calendar.working_days(until.year), until.toordinal())
        - bisect_right(calendar.working_days(after.year), after.toordinal())
    )


def _months(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError(f"{months} months after {start} is beyond the calendar.")
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
