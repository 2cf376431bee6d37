"""What an address asks of the history: filters that can be combined, held against what there is to ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.datastructures import QueryParams

from ideenweg.web.pages.admin.desk import given
from workflow import access
from workflow.errors import NotFound
from workflow.events import Kind
from workflow.history import AuditFilter

NAMES = ("item", "person", "kind", "transition", "via", "stream", "batch", "since", "until")
DOORS = ("page", "api", "cli", "clock", "import")
OLDEST = "log"
"""`order=log`: in the order of the log; else the newest first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the history. `values`: as they stand in the address, without what is empty or wrong.

    wrong: name of a filter -> what is wrong with it: day, choice or person.
    """

    values: Mapping[str, str]
    filters: AuditFilter
    oldest_first: bool
    wrong: Mapping[str, str]

    def address(self, path: str = "/verwaltung/protokoll", **more: str | None) -> str:
        """The address that asks the same, with these names added (None: left out)."""
        asked = {**self.values, **({"order": OLDEST} if self.oldest_first else {}), **more}
        kept = {name: value for name, value in asked.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path


def asked(query: QueryParams | Mapping[str, str], connection: Connection, zone: ZoneInfo) -> Asked:
    """The question that an address or a form asks. An e-mail address becomes the pseudonym, which may be passed on."""
    values, wrong = given(query, *NAMES), dict[str, str]()
    days = {name: _day(values[name]) for name in ("since", "until") if name in values}
    wrong |= {name: "day" for name, day in days.items() if day is None}
    for name, known in (("kind", [kind.value for kind in Kind]), ("via", DOORS)):
        if values.get(name, known[0]) not in known:
            wrong[name] = "choice"
    if "@" in values.get("person", ""):
        try:
            values["person"] = access.find(connection, values["person"]).id
        except NotFound:
            wrong["person"] = "person"
    if "item" in values:
        values["item"] = values["item"].removeprefix("item:")
    told = {name: value for name, value in values.items() if name not in wrong and name not in days}
    first, last = days.get("since"), days.get("until")
    filters = AuditFilter(
        since=_midnight(first, zone) if first else None,
        until=_midnight(last + timedelta(days=1), zone) if last else None,
        **told,
    )
    return Asked(values, filters, query.get("order") == OLDEST, wrong)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
