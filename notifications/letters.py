"""Deliveries as letters: the words and the facts of one message, as its recipient may have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, select

from notifications import following, words
from notifications.channels import Appointment, Letter
from notifications.deliveries import Occasion
from notifications.expand import EMAIL, zone_of
from notifications.matter import Intent, Matter, Running, read_intent, read_matter
from notifications.message import envelope_address, message_id
from notifications.preferences import unsubscribe_token
from notifications.recipients import LeftOut
from notifications.render import LOCALES, Rendered, Templates
from states.calendar import due_at, remaining
from states.deadline_rules import Unit
from states.sentences import Text
from states.snapshot import local_day
from workflow import own_links
from workflow.events import moment
from workflow.models import contact, item, person
from workflow.rules import Rules
from workflow.work import FOLLOWERS

FOLLOW = "/folgen"
"""The page where somebody confirms that they want to follow an item."""

OWN = "/meine-idee"
"""The page of whoever handed an item in, opened by a signed link."""

UNSUBSCRIBE = "/abmelden"
"""The page, and the address for one click, where notices are switched off."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a letter. role: in which they are told; deputises: in the place of somebody who is away.

    links: item -> the generation of their signed links to what they handed in; None for who signs in instead.
    zone: by whose clocks they live; None: the programme's.
    """

    id: str
    email: str
    name: str
    locale: str
    role: str | None = None
    deputises: bool = False
    zone: str | None = None
    links: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Desk:
    """What letters are written with. keys: what links are signed with; empty: no mail has such a link."""

    rules: Rules
    templates: Templates
    base_url: str
    keys: Sequence[bytes] = ()

    def url_of(self, item: str) -> str:
        return f"{self.base_url}/ideen/{quote(item)}"

    def write(self, matter: Matter, reader: Reader, row: Row[Any], now: datetime) -> Letter:
        """The letter of a delivery to a person. Raises TemplateFault."""
        intent, locale = matter.intent, reader.locale
        context = self.context(matter, reader, now)
        due = self.due(matter, reader)
        own = due is not None and due.rule.responsible == reader.role
        return Letter(
            id=row.id,
            message_id=row.message_id,
            notice=intent.notice,
            item=matter.item.number,
            state=matter.told_state,
            url=context["item"]["url"],
            made=now,
            intent=intent.id,
            address=reader.email,
            name=reader.name,
            locale=locale,
            rendered=self.templates.render(locale, intent.notice, context),
            office_name=context["office"]["name"],
            office_email=context["office"]["email"],
            # RFC 8058 §3.1 wants https.
            unsubscribe=context["unsubscribe"] if self.base_url.startswith("https://") else None,
            appointment=_appointment(due) if due and own and due.day >= local_day(now, matter.programme) else None,
        )

    def context(self, matter: Matter, reader: Reader, now: datetime) -> dict[str, Any]:
        """The values that templates/README.md lists."""
        locale, today = reader.locale, local_day(now, matter.programme)
        state = matter.lifecycle.states[matter.told_state]
        works = reader.role not in (matter.lifecycle.created_by, FOLLOWERS)
        step = matter.step
        return {
            "item": {
                "number": matter.item.number,
                "title": matter.item.title,
                "url": self.link(matter, reader, today),
                "state": state.label[locale],
                "public": state.public[locale] if state.public else None,
            },
            "recipient": {"name": reader.name or None},
            "deadline": self.deadline(matter, self.due(matter, reader), reader, today),
            "reason": step.reason if step and (step.public or works or reader.id in step.actors) else None,
            "note": matter.note,
            "actor_office": step.office[locale] if step and step.office else None,
            "office": self.office(matter, locale),
            "unsubscribe": self.unsubscribe(matter, reader),
            "why": self.why(matter, reader),
        }

    def office(self, matter: Matter, locale: str) -> dict[str, str | None]:
        """Who answers questions: the office that coordinates, else the programme by its name."""
        office = matter.office
        return {
            "name": office.label[locale] if office else matter.programme.label[locale] or matter.programme.key,
            "email": office.email if office else None,
        }

    def due(self, matter: Matter, reader: Reader) -> Running | None:
        """The deadline of which the reader is told: the clock's occasion; else their own, or, for who handed in, the
        next of the state. None for a step that is history."""
        if matter.intent.params or matter.moved_on:
            return matter.occasion
        handed_in = reader.role == matter.lifecycle.created_by
        running = sorted(matter.running, key=lambda one: one.day)
        own = [one for one in running if one.rule.responsible == reader.role]
        return next(iter(own or (running if handed_in else ())), None)

    def deadline(self, matter: Matter, due: Running | None, reader: Reader, today: date) -> dict[str, Any] | None:
        """The deadline in words, for how many working days it has been over, and where the reader's clocks are others,
        what they show when it ends."""
        if due is None:
            return None
        calendar = self.rules.calendar_of(matter.lifecycle)
        unit = Unit.WORKING_DAYS if calendar else Unit.DAYS
        late = remaining(unit, due.day, today, calendar) if today > due.day else 0
        told = (words.day_of(due.day, reader.locale, today), words.date_of(due.day, reader.locale, today))
        zone, own = zone_of(reader.zone, matter.programme), zone_of(None, matter.programme)
        ends = due_at(due.day, own)
        differs = ends.astimezone(zone).replace(tzinfo=None) != ends.astimezone(own).replace(tzinfo=None)
        said = words.ends_at(ends.astimezone(zone), reader.locale, today) if differs and not late else None
        return {"day": told[0], "date": told[1], "late": late, "ends": said}

    def why(self, matter: Matter, reader: Reader) -> str:
        """Why this reader gets it, in a sentence."""
        role = matter.lifecycle.roles.get(reader.role or "")
        if reader.role == FOLLOWERS:
            said: Text = words.FOLLOWS
        elif role is None:
            said = words.ASKED_BY_OTHER if reader.deputises else words.ASKED
        elif reader.deputises:
            said = words.STANDS_IN
        else:
            said = words.HANDED_IN if role.key == matter.lifecycle.created_by else words.HAS_ROLE
        return said[reader.locale].format(role=role.label[reader.locale] if role else "")

    def link(self, matter: Matter, reader: Reader, today: date) -> str:
        """The one link of a mail: the item's page; to who wants to follow the item, the page that confirms it; to who
        handed it in and has no account, the page on which they answer and withdraw."""
        number = matter.item.number
        if "follow" in matter.intent.params and self.keys:
            return f"{self.base_url}{FOLLOW}/{following.token(self.keys, reader.id, number)}"
        if reader.role == matter.lifecycle.created_by and reader.links is not None and self.keys:
            own = own_links.Own(number, reader.id)
            return f"{self.base_url}{OWN}/{own_links.token(self.keys, own, reader.links.get(number, 1), today)}"
        return self.url_of(number)

    def unsubscribe(self, matter: Matter, reader: Reader) -> str | None:
        """Where this reader switches this notice off, or stops following the item; None where nobody can."""
        notice = matter.intent.notice
        if not self.keys or not self.templates.manner(notice).optional:
            return None
        if reader.role == FOLLOWERS:
            notice = following.notice_of(matter.item.number)
        return f"{self.base_url}{UNSUBSCRIBE}/{unsubscribe_token(self.keys, reader.id, notice)}"


def _appointment(due: Running) -> Appointment:
    return Appointment(f"{due.rule.key}/{due.key}", due.version, due.day.isoformat())


class Writer:
    """Writes the letters of one batch: what several of them speak of is read once."""

    def __init__(
        self,
        connection: Connection,
        desk: Desk,
        now: datetime,
        digest: Callable[[Connection, Row[Any], Reader], Letter | LeftOut],
    ) -> None:
        self._connection, self._desk, self._now, self._digest = connection, desk, now, digest
        self._matters: dict[str, Matter] = {}
        self._readers: dict[str, Reader] = {}

    def addresses(self, rows: Sequence[Row[Any]]) -> dict[str, str]:
        """Person -> address, of the recipients of mails who still have one."""
        people = sorted({row.recipient for row in rows if row.channel == EMAIL})
        found = self._connection.execute(
            select(person.c.id, contact.c.email, contact.c.name, person.c.locale, person.c.zone)
            .join(contact, contact.c.person == person.c.id)
            .where(person.c.id.in_(people), person.c.erased_at.is_(None))
        )
        links = own_links.generations(self._connection, people)
        for row in found:
            locale = row.locale if row.locale in LOCALES else LOCALES[0]
            # Where no name was given the address stands in its place; nobody is greeted by their address.
            name = "" if row.name == row.email else row.name
            self._readers[row.id] = Reader(row.id, row.email, name, locale, zone=row.zone, links=links.get(row.id))
        return {key: envelope_address(reader.email) for key, reader in self._readers.items()}

    def needless(self, row: Row[Any]) -> LeftOut | None:
        """Why a delivery is not to be sent any more: things have moved on since it was made."""
        if row.channel == EMAIL and row.recipient not in self._readers:
            return LeftOut.NO_ADDRESS
        if (row.outbox or "").startswith("deadline:") and self._matter(row.outbox).settled:
            return LeftOut.SETTLED
        return None

    def occasion(self, row: Row[Any]) -> Occasion | None:
        """The deadline that a delivery reminds of, if it does."""
        if not (row.outbox or "").startswith("deadline:"):
            return None
        intent = self._matter(row.outbox).intent
        return intent.item, str(intent.params["rule"]), str(intent.params["key"]), int(intent.params["version"])

    def letter(self, row: Row[Any]) -> Letter | LeftOut:
        """The letter of a delivery that is not needless. Raises TemplateFault."""
        if row.outbox is None:
            return self._digest(self._connection, row, self._readers[row.recipient])
        matter = self._matter(row.outbox)
        if row.channel == EMAIL:
            reader = replace(self._readers[row.recipient], role=row.role, deputises=row.stands_for is not None)
            return self._desk.write(matter, reader, row, self._now)
        return Letter(
            id=row.id,
            message_id=row.message_id,
            notice=matter.intent.notice,
            item=matter.item.number,
            state=matter.told_state,
            url=self._desk.url_of(matter.item.number) if matter.item.released else None,
            made=moment(matter.intent.at),
            intent=matter.intent.id,
        )

    def _matter(self, key: str) -> Matter:
        found = self._matters.get(key)
        if found is None:
            intent: Intent | None = read_intent(self._connection, key)
            assert intent is not None  # a foreign key holds it
            found = self._matters[key] = read_matter(self._connection, self._desk.rules, intent, self._now)
        return found


def preview(connection: Connection, desk: Desk, notice: str, number: str, locale: str, now: datetime) -> Rendered:
    """A notice on a real item, as who handed it in would get it of its latest step. Raises TemplateFault, NotFound."""
    seq = connection.scalar(select(item.c.visit).where(item.c.number == number)) or 0
    matter = read_matter(connection, desk.rules, Intent("preview", notice, number, seq, (), {}, ""), now)
    running = sorted(matter.running, key=lambda one: one.day)
    if running and notice.startswith("deadline_"):
        first = running[0]
        params = {"rule": first.rule.key, "key": first.key, "version": first.version}
        matter = replace(matter, intent=replace(matter.intent, params=params))
    reader = Reader("", "", "", locale, matter.lifecycle.created_by)
    return desk.templates.render(locale, notice, desk.context(matter, reader, now))


def trial(notice: str, address: str, locale: str, rendered: Rendered, domain: str, now: datetime) -> Letter:
    """A letter that tries out templates and server."""
    key = f"test/{notice}/{now.isoformat()}"
    return Letter(
        id=key, message_id=message_id(key, domain), notice=notice, item=None, state=None, url=None, made=now,
        address=address, locale=locale, rendered=rendered, office_name="Ideenweg", office_email=address,
    )  # fmt: skip
