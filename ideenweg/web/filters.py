"""What an address asks of the list of ideas, held against what there is to ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from states.lifecycle import Lifecycle, Stage, State
from states.programme import City, Programme, Term
from states.sentences import Text
from workflow.queries.items import ItemFilter, Order

LONGEST_SEARCH = 200
"""Characters of search words that are looked at."""

NAMES = ("stage", "state", "field", "city", "provenance", "funding")

ORDERS = {Order.NEWEST: "order_newest", Order.LAST_STEP: "order_last_step", Order.TITLE: "order_title"}
"""How the list may be sorted -> the sentence that says so; the first is usual."""

PLACES = ("after", "before")


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a filter may take."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Group:
    """Choices under a common heading; one without a label has none."""

    label: Text | None
    choices: tuple[Choice, ...]


Choices = Mapping[str, Sequence[Group]]
"""Filter -> what it may be."""


class WrongFilter(Exception):
    """A filter with a value that there is not, and the groups of values that there are (none: a place or a day)."""

    def __init__(self, name: str, value: str, groups: Sequence[Group]) -> None:
        self.name, self.value, self.groups = name, value, groups
        super().__init__(f"{name}={value}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the list: `values` by filter, the `words` searched for, how it is sorted, and the number that the
    page begins after, or ends before."""

    values: Mapping[str, str]
    words: str
    order: Order
    after: str | None
    before: str | None

    def filter(self, lifecycle: str) -> ItemFilter:
        """The same for the query: released items of the lifecycle alone."""
        chosen: dict[str, Any] = dict(self.values)
        return ItemFilter(lifecycle=lifecycle, text=self.words or None, released=True, **chosen)

    def address(self, *, without: str | None = None, after: str | None = None, before: str | None = None) -> str:
        """The address of this question, without one of its filters, or of the page after or before a number."""
        order = None if self.order is Order.NEWEST else self.order.value
        asked = {**self.values, "q": self.words, "order": order, "after": after, "before": before}
        kept = {name: value for name, value in asked.items() if value and name != without}
        return f"/ideen?{urlencode(kept)}" if kept else "/ideen"


def choices(lifecycle: Lifecycle, programme: Programme) -> Choices:
    """What the list can be asked for."""
    staged = [
        Group(stage.label, tuple(_choice(one) for one in lifecycle.states.values() if one.stage == stage.key))
        for stage in lifecycle.stages.values()
    ]
    unstaged = tuple(_choice(one) for one in lifecycle.states.values() if one.stage is None)
    return {
        "stage": [Group(None, tuple(_choice(one) for one in lifecycle.stages.values()))],
        "state": [group for group in (*staged, Group(None, unstaged)) if group.choices],
        "field": [Group(None, tuple(_choice(one) for one in programme.fields.values()))],
        "city": [Group(None, tuple(_choice(one) for one in programme.cities.values()))],
        "provenance": [Group(None, tuple(_choice(one) for one in programme.provenance.values()))],
        "funding": [Group(None, tuple(_choice(one) for one in programme.funding.values()))],
    }


def asked(query: QueryParams, known: Choices) -> Asked:
    """The question that an address asks. Raises WrongFilter.

    Names that are no filter are passed over: mail programs and networks hang their own marks onto an address.
    """
    values = {name: query[name] for name in NAMES if query.get(name)}
    for name, value in values.items():
        if all(value != choice.value for group in known[name] for choice in group.choices):
            raise WrongFilter(name, value, known[name])
    order = query.get("order") or Order.NEWEST
    if order not in ORDERS:
        raise WrongFilter("order", order, ())
    after, before = (query.get(name) or None for name in PLACES)
    return Asked(values, query.get("q", "").strip()[:LONGEST_SEARCH], Order(order), after, None if after else before)


def one_of(query: Mapping[str, str], name: str, known: Mapping[str, str]) -> str | None:
    """What the filter `name` is set to, None for nothing. known: what it may be -> how the reader's language calls
    that. Raises WrongFilter."""
    value = query.get(name, "").strip()
    if value and value not in known:
        raise WrongFilter(name, value, [Group(None, tuple(Choice(key, Text(is_, is_)) for key, is_ in known.items()))])
    return value or None


def label_of(known: Choices, name: str, value: str) -> Text:
    """What a value of a filter is called."""
    return next(choice.label for group in known[name] for choice in group.choices if choice.value == value)


def _choice(entry: City | Stage | State | Term) -> Choice:
    return Choice(entry.key, entry.label)
