"""An item opened by somebody who works on it: what the page and the forms about it start from."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from ideenweg.web.forms import Form, form_of
from ideenweg.web.language import LANGUAGES
from ideenweg.web.record_forms.boxes import Forms
from ideenweg.web.site import Site, site_of
from ideenweg.web.values import Values
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording
from states.blockers import Blocker
from states.lifecycle import Lifecycle
from states.reading import open_in
from states.record_kinds import RecordKind
from states.roles import acting, barred
from states.sentences import Text
from states.snapshot import Snapshot, local_day
from workflow.errors import NotFound
from workflow.queries.detail import Detail, find

IN_PLACE = "in_place"
"""The field and the parameter that say in whose place somebody acts."""

OWN = "own"
"""Its value for whoever acts for themselves though they could act for somebody else."""

ODDITIES = 5
"""Sentences about what is odd that the next page says."""


@dataclass(frozen=True)
class Opened:
    """An item as the visitor sees it at one moment, in the place of `in_place` (an id; None: their own)."""

    request: Request
    site: Site
    say: Wording
    detail: Detail
    now: datetime

    @property
    def number(self) -> str:
        return self.detail.item.number

    @property
    def address(self) -> str:
        """Of the item's page, in the same place."""
        return self.path()

    @property
    def snapshot(self) -> Snapshot:
        return self.detail.snapshot

    @property
    def lifecycle(self) -> Lifecycle:
        return self.detail.lifecycle

    @property
    def in_place(self) -> str | None:
        return self.snapshot.represented.id if self.snapshot.represented else None

    @property
    def today(self) -> date:
        return local_day(self.now, self.detail.programme)

    @property
    def forms(self) -> Forms:
        return Forms(self.say, self.lifecycle, self.detail.programme)

    @property
    def values(self) -> Values:
        return Values(self.say, self.lifecycle, self.detail.programme)

    def path(self, *steps: str, **query: str | None) -> str:
        """An address under the item's, which keeps in whose place the visitor acts."""
        asked = {name: value for name, value in {**query, IN_PLACE: place_asked(self.request)}.items() if value}
        path = "/".join((f"/ideen/{self.number}", *steps))
        return f"{path}?{urlencode(asked)}" if asked else path

    def text(self, text: Text) -> str:
        return text[self.say.locale]

    def name(self, person: str | None) -> str:
        """What somebody is called; the clock, or somebody whose name is not known any more or not to the visitor."""
        if person in self.detail.names:
            return self.detail.names[str(person)][0]
        return self.say("item_by_clock" if person == "system" else "item_somebody")

    def writes(self, kind: RecordKind) -> bool:
        """Whether the visitor may write records of the kind now, apart from what they say."""
        writers = kind.writers(self.snapshot.state)
        return (
            bool(kind.write)
            and open_in(self.lifecycle, kind, self.snapshot)
            and not barred(self.lifecycle, self.snapshot, writers)
        )

    def said(self) -> dict[str, Any]:
        """What every command on the item says, as its form was sent."""
        form = form_of(self.request)
        return {
            "actor": self.snapshot.actor.id,
            "on_behalf_of": self.in_place,
            "item": self.number,
            "command_id": form.text("command_id") or None,
        }

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        return self.site.page(self.request, template, status, opened=self, kept=self.kept(), **context)

    def kept(self) -> Mapping[str, str]:
        """The hidden fields of every form that changes the item."""
        fields = {
            "revision": str(self.detail.item.revision),
            "command_id": f"page-{secrets.token_hex(12)}",
            "spoken": self.say.locale,
            IN_PLACE: self.in_place or place_asked(self.request),
        }
        return {name: value for name, value in fields.items() if value}

    def done(self, key: str, odd: Sequence[Blocker] = (), **params: Any) -> RedirectResponse:
        """Back to the item's page, which says `key`, and what is odd about what was written."""
        return done(self.site, self.say, self.address, odd, key, **params)

    @property
    def acting(self) -> str:
        """The id of the person who speaks: the visitor, or whom they stand in for."""
        return acting(self.snapshot).id


def done(site: Site, say: Wording, address: str, odd: Iterable[Blocker], key: str, **params: Any) -> RedirectResponse:
    """On to `address`, where `key` is said, with the first of what is odd about what was written: a cookie is small."""
    sentences = list(dict.fromkeys(one.in_locale(say.locale) for one in odd))
    if not sentences:
        return site.redirect(address, key, **params)
    odd_ones = " ".join(sentences[:ODDITIES])
    return site.redirect(address, "done_odd", look="warning", done=say(key, **params), odd=odd_ones)


def opened(request: Request) -> Opened:
    """The item of the address, for a visitor who has a role on it or stands in for somebody who has.

    Raises NotFound for anybody else, also where everybody may read the public page of the item.
    """
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        return open_item(request, connection)


def open_item(request: Request, connection: Connection, *, history: bool = True) -> Opened:
    """`opened`, on a connection that goes on to be used. history: whether that, names and moves are wanted."""
    site, visitor = site_of(request), visitor_of(request)
    number = request.path_params["number"]
    if visitor.person is None:
        raise NotFound("item", number)
    now = site.now()
    detail = find(
        connection,
        site.workflow.rules,
        number,
        visitor.person,
        now,
        on_behalf_of=represented(request),
        stand_in=not place_asked(request),
        history=history,
        members=True,
    )
    if detail.view.reader is None or not (detail.view.reader.member or detail.away):
        raise NotFound("item", number)
    return Opened(request, site, site.wording(request), detail, now)


def place_asked(request: Request) -> str:
    """In whose place the visitor asks to act: somebody's id, OWN, or "" where neither address nor form says it."""
    return request.query_params.get(IN_PLACE) or form_of(request).text(IN_PLACE)


def represented(request: Request) -> str | None:
    """The id of the person in whose place the visitor asks to act."""
    place = place_asked(request)
    return place if place not in ("", OWN) else None


def spoken(form: Form, say: Wording) -> str:
    """The language in which a form was filled in: how its numbers are to be read."""
    language = form.text("spoken")
    return language if language in LANGUAGES else say.locale


def revision_of(form: Form) -> int | None:
    """The revision of the item that the form was made of."""
    text = form.text("revision")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
