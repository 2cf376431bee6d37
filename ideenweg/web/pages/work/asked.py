"""What an address asks of the lists of work: filters held against what there is, and the address of the same question
with something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Connection
from starlette.requests import Request

from ideenweg.web import filters
from ideenweg.web.filters import Choice, Choices, Group, WrongFilter
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from states.lifecycle import Lifecycle
from states.sentences import Text
from states.snapshot import local_day
from workflow.queries import visible
from workflow.queries.items import ItemFilter
from workflow.queries.roles import newest

NAMES = ("field", "city", "funding", "state")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a list of one lifecycle: values by filter, words, and whether only one's own or overdue items.

    sees: the condition on `item` that lets through what the visitor may see.
    """

    path: str
    lifecycle: Lifecycle
    known: Choices
    values: Mapping[str, str]
    words: str
    mine: bool
    overdue: bool
    lifecycles: tuple[tuple[str, Text], ...]
    sees: ColumnElement[bool]

    @property
    def filter(self) -> ItemFilter:
        """The same for the query, but lifecycle and state, and what is asked about the visitor and the clock."""
        chosen: dict[str, Any] = {name: value for name, value in self.values.items() if name != "state"}
        return ItemFilter(text=self.words or None, **chosen)

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.values or self.words or self.mine or self.overdue)

    @property
    def active(self) -> list[tuple[str, Text | str]]:
        """Filter -> what it is set to, for those that are."""
        return [(name, filters.label_of(self.known, name, value)) for name, value in self.values.items()]

    def address(self, without: str | None = None, **more: str | None) -> str:
        """The address of this question without one of its filters, or with something more."""
        flags = {"mine": self.mine, "overdue": self.overdue}
        asked = {**self.values, "q": self.words, **{name: "1" for name, on in flags.items() if on}}
        if self.lifecycle.key != self.lifecycles[0][0]:
            asked["lifecycle"] = self.lifecycle.key
        kept = {name: value for name, value in {**asked, **more}.items() if value and name != without}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


def asked(request: Request, site: Site, connection: Connection) -> Asked | None:
    """The question that the address asks; None where no lifecycle is loaded. Raises WrongFilter."""
    rules, query = site.workflow.rules, request.query_params
    stored = newest(connection, rules)
    if not stored:
        return None
    first = site.workflow.engine.default
    ordered = sorted(stored, key=lambda key: (key != first, key))
    wanted = query.get("lifecycle") or ordered[0]
    labels = tuple((key, stored[key].label) for key in ordered)
    if wanted not in stored:
        raise WrongFilter("lifecycle", wanted, [Group(None, tuple(Choice(key, label) for key, label in labels))])
    lifecycle = stored[wanted]
    known = filters.choices(lifecycle, rules.programme)
    values = {name: query[name] for name in NAMES if query.get(name)}
    for name, value in values.items():
        if all(value != choice.value for group in known[name] for choice in group.choices):
            raise WrongFilter(name, value, known[name])
    return Asked(
        request.url.path,
        lifecycle,
        known,
        values,
        query.get("q", "").strip()[: filters.LONGEST_SEARCH],
        bool(query.get("mine")),
        bool(query.get("overdue")),
        labels,
        seen(request, connection, stored),
    )


def seen(
    request: Request, connection: Connection, stored: Mapping[str, Lifecycle] | None = None
) -> ColumnElement[bool]:
    """The condition on `item` that lets through what the visitor may see; nobody's is that of the public.

    stored: the newest lifecycles, where somebody has read them already.
    """
    site = site_of(request)
    rules, person = site.workflow.rules, visitor_of(request).person or ""
    return visible.to_person(connection, rules, person, local_day(site.now(), rules.programme), stored)
