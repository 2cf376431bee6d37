"""The candidates of a selection round, compared: knock-out criteria, weighted criteria, what the money allows. Pure.

A utility analysis (Nutzwertanalyse): every review gives each criterion 0 to 5 points. A candidate's points for a
criterion are the mean of its reviews; its score is the weighted mean of these. A candidate with a knock-out criterion
that any review denies, or with too few reviews, is not ranked. Equal scores are ordered by cost, then by number.

Money is given out in the order of the ranking: a candidate fits if what it costs is left in every city that it
concerns. The cost of a joint candidate is shared alike by its cities. What was chosen before comes off first, so that
the next one moves up as soon as somebody drops out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from statistics import fmean
from typing import Any

LEAST_REVIEWS = 2
"""Independent reviews that a candidate has to have."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the `ranking:` of a lifecycle file says: which records of which linked items are compared, and how.

    link: the kind by which candidates point to the round. record: their reviews. knockout, weights: fields of these.
    sheet: the candidates' record with `cost`, `staff` and the dates `starts`, `ends`; names of its fields or None.
    budget, capacity: fields of the round's own sheet: lists of {city, euros} and {city, year, person_months}.
    open, chosen: the candidates' states in which they are compared, and in which they have been chosen already.
    apart: points by which two reviews may differ before a third one is asked for. roles: who sees the ranking.
    """

    link: str
    record: str
    weights: Mapping[str, float]
    knockout: tuple[str, ...] = ()
    sheet: str = "sheet"
    cost: str | None = None
    staff: str | None = None
    starts: str | None = None
    ends: str | None = None
    budget: str | None = None
    capacity: str | None = None
    open: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    apart: float | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item of the round: its reviews' data, its cities, and what its sheet says of cost, staff and time."""

    number: str
    title: str
    chosen: bool
    cities: tuple[str, ...]
    reviews: tuple[Mapping[str, Any], ...]
    cost: float | None = None
    staff: float | None = None
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One criterion of one candidate: the mean of its reviews' points, times its weight."""

    criterion: str
    points: float
    weight: float

    @property
    def product(self) -> float:
        return self.points * self.weight


@dataclass(frozen=True, slots=True)
class Place:
    """A candidate in the ranking. `rank` is None where it is not ranked: `missing` reviews, or `failed` knock-outs.

    third: its reviews differ so much that another one is asked for. fits: the money is there; None where no money is
    given out, or its cost is not known.
    """

    candidate: Candidate
    rank: int | None
    score: float | None
    parts: tuple[Part, ...]
    failed: tuple[str, ...]
    missing: int
    third: bool
    fits: bool | None


@dataclass(frozen=True, slots=True)
class Load:
    """What one city needs in one year, for what was chosen and what fits; `capacity` is None where none is given."""

    city: str
    year: int
    person_months: float
    euros: float
    capacity: float | None

    @property
    def over(self) -> bool:
        return self.capacity is not None and self.person_months > self.capacity + 1e-9


@dataclass(frozen=True, slots=True)
class Ranked:
    """A ranking: the places in order, what is left of each city's money, and the load by city and year."""

    places: tuple[Place, ...]
    weights: Mapping[str, float]
    budget: Mapping[str, float]
    left: Mapping[str, float]
    loads: tuple[Load, ...]


@dataclass(slots=True)
class _Purse:
    """The money of each city while it is given out."""

    left: dict[str, Fraction] = field(default_factory=dict)

    def take(self, one: Candidate, *, always: bool = False) -> bool | None:
        """Whether the money for `one` is there, and then it is taken; `always`: it has been given already."""
        if not self.left or one.cost is None or not one.cities:
            return None
        share = Fraction(one.cost) / len(one.cities)
        fits = all(self.left.get(city, Fraction(0)) >= share for city in one.cities)
        if fits or always:
            for city in one.cities:
                self.left[city] = self.left.get(city, Fraction(0)) - share
        return fits or always


def rank(
    ranking: Ranking,
    candidates: Iterable[Candidate],
    *,
    weights: Mapping[str, float] | None = None,
    budget: Mapping[str, float] | None = None,
    capacity: Mapping[tuple[str, int], float] | None = None,
) -> Ranked:
    """The candidates in order. weights, budget: others than those given, to see what would be if.

    budget: city -> euros. capacity: (city, year) -> person-months. Raises ValueError where no weight is above zero.
    """
    weighed = {key: float((weights or {}).get(key, weight)) for key, weight in ranking.weights.items()}
    if min(weighed.values()) < 0 or sum(weighed.values()) <= 0:
        raise ValueError("Weights are not negative, and one of them is above zero.")
    judged = sorted((_judged(ranking, one, weighed) for one in candidates), key=_order)
    purse = _Purse({city: Fraction(euros) for city, euros in (budget or {}).items()})
    for place in judged:
        if place.candidate.chosen:
            purse.take(place.candidate, always=True)
    places, following = [], 0
    for place in judged:
        one, position, fits = place.candidate, None, None
        if one.chosen:
            fits = True if purse.left else None
        elif place.score is not None:
            following += 1
            position, fits = following, purse.take(one)
        places.append(Place(one, position, place.score, place.parts, place.failed, place.missing, place.third, fits))
    working = [place.candidate for place in places if place.candidate.chosen or place.fits]
    return Ranked(
        tuple(places),
        weighed,
        dict(budget or {}),
        {city: float(left) for city, left in purse.left.items()},
        tuple(loads(working, capacity or {})),
    )


def loads(working: Iterable[Candidate], capacity: Mapping[tuple[str, int], float]) -> list[Load]:
    """Staff and money by city and year, spread over the days from start to end; what has no dates is left out."""
    months: dict[tuple[str, int], Fraction] = {}
    euros: dict[tuple[str, int], Fraction] = {}
    for one in working:
        if one.starts is None or one.ends is None or one.ends < one.starts or not one.cities:
            continue
        whole = (one.ends - one.starts).days + 1
        for year in range(one.starts.year, one.ends.year + 1):
            first, last = max(one.starts, date(year, 1, 1)), min(one.ends, date(year, 12, 31))
            part = Fraction((last - first).days + 1, whole) / len(one.cities)
            for city in one.cities:
                months[city, year] = months.get((city, year), Fraction(0)) + part * Fraction(one.staff or 0)
                euros[city, year] = euros.get((city, year), Fraction(0)) + part * Fraction(one.cost or 0)
    return [
        Load(city, year, float(months[city, year]), float(euros[city, year]), capacity.get((city, year)))
        for city, year in sorted(months)
    ]


def _judged(ranking: Ranking, one: Candidate, weights: Mapping[str, float]) -> Place:
    complete = [review for review in one.reviews if all(key in review for key in weights)]
    parts = tuple(
        Part(key, fmean(review[key] for review in complete), weight) for key, weight in weights.items() if complete
    )
    failed = tuple(key for key in ranking.knockout if any(review.get(key) is False for review in one.reviews))
    missing = max(0, LEAST_REVIEWS - len(complete))
    total = sum(weights.values())
    score = sum(part.product for part in parts) / total if parts and not failed and not missing else None
    scores = [sum(review[key] * weight for key, weight in weights.items()) / total for review in complete]
    third = (
        ranking.apart is not None
        and len(complete) == LEAST_REVIEWS
        and max(scores) - min(scores) > ranking.apart + 1e-9
    )
    return Place(one, None, score, parts, failed, missing, third, None)


def _order(place: Place) -> tuple[Any, ...]:
    """Chosen ones first, then the ranked by score, cost and number, then the rest."""
    one = place.candidate
    cost = float("inf") if one.cost is None else one.cost
    score = -round(place.score, 9) if place.score is not None else 0.0
    return (not one.chosen, place.score is None, score, cost, one.number)


def reviews_wanted(places: Sequence[Place]) -> list[str]:
    """The numbers of the candidates that another review is asked for."""
    return [place.candidate.number for place in places if place.third and not place.candidate.chosen]
