"""Handing a draft in: the item with its records and documents, once, however often the form is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from sqlalchemy import Connection
from starlette.requests import Request

from ideenweg.web.pages.submit.kept import Kept
from ideenweg.web.pages.submit.steps import others_of, sheet_of
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from states.lifecycle import Lifecycle
from workflow import drafts, submitters
from workflow.commands import Advance, AttachDocument, Create, ItemCommand, Record
from workflow.own_links import Own


def hand_in(request: Request, lifecycle: Lifecycle, one: Kept) -> Own:
    """The item that the draft becomes, and whose it is. The draft is thrown away.

    Broken off, another call goes on where it stopped: each command has an id made of the draft. Raises Refused.
    """
    site, typing, digest = site_of(request), one.typing, one.draft.digest
    now = site.now()
    locale = site.wording(request).locale
    data = typing.data(sheet_of(lifecycle))
    mark = f"draft-{digest[:24]}-{sha256(json.dumps(typing.kept(), sort_keys=True).encode()).hexdigest()[:12]}"

    def author(connection: Connection) -> str:
        email, name = typing.contact.get("email", ""), typing.contact.get("name", "")
        return submitters.person_of(connection, email, name, locale, None, now)

    who = visitor_of(request).person or site.workflow.database.attempt(
        lambda connection: drafts.author(connection, digest, lambda: author(connection))
    )
    create = Create(actor=who, data=data, lifecycle=lifecycle.key, command_id=f"{mark}-create")
    number = site.engine.execute(create, now=now).item.number
    for place, command in enumerate(_rest(lifecycle, one, who, number)):
        site.engine.execute(replace(command, command_id=f"{mark}-{place}"), now=now)
    site.workflow.database.attempt(lambda connection: drafts.throw_away(connection, digest))
    return Own(number, who)


def _rest(lifecycle: Lifecycle, one: Kept, who: str, number: str) -> Iterator[ItemCommand]:
    """What follows on the creation: other records, documents, and the transition that hands it in."""
    for kind in others_of(lifecycle):
        if data := one.typing.data(kind):
            yield Record(actor=who, item=number, kind=kind.key, data=data)
    for file in one.draft.documents:
        yield AttachDocument(
            actor=who, item=number, name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256
        )
    if lifecycle.submission and lifecycle.submission.submit:
        yield Advance(actor=who, item=number, transition=lifecycle.submission.submit)
