"""What is the same whether one idea or many are entered for others: the fields, whose they are, and the commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from ideenweg.web.forms import Form, form_of
from ideenweg.web.pages.submit import asked
from ideenweg.web.pages.submit.steps import Step, Typing, against, narrowed, others_of, sheet_of, steps_of
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from states.blockers import Blocker
from states.lifecycle import Lifecycle
from states.record_kinds import Column
from workflow import submitters
from workflow.access import checked_email
from workflow.commands import Advance, Create, Record
from workflow.errors import BadInput
from workflow.streams import Origin

AGREED = "agreed"
EMAIL, NAME = "contact-email", "contact-name"


def everything(lifecycle: Lifecycle) -> Step:
    """All fields of the form in one step, and where the idea comes from."""
    sheet = sheet_of(lifecycle)
    names = [
        name for step in steps_of(lifecycle) for kind in step.kinds if kind.key == sheet.key for name in kind.fields
    ]
    names.sort(key=lambda name: sheet.fields[name].sets is not Column.TITLE)  # what a table's row begins with
    source = [key for key, field in sheet.fields.items() if field.sets is Column.PROVENANCE and key not in names]
    return Step("others", kinds=(narrowed(sheet, [*names, *source]), *others_of(lifecycle)))


def wrong(request: Request, form: Form) -> Iterator[tuple[str, str]]:
    """What is wrong beside the fields: field -> what."""
    say = site_of(request).wording(request)
    if email := form.text(EMAIL):
        try:
            checked_email(email)
        except BadInput:
            yield EMAIL, say("submit_wrong_email")
    if not form.text(AGREED):
        yield AGREED, say("submit_others_agree")


def stands_against(request: Request, lifecycle: Lifecycle, typing: Typing) -> list[Blocker]:
    """What stands against entering it, by whoever is signed in."""
    site = site_of(request)
    return against(lifecycle, site.workflow.rules.programme, typing, asked.whoever(request), site.now())


def enter(request: Request, lifecycle: Lifecycle, typings: Sequence[Typing], mark: str) -> list[str]:
    """Hand in for others; the numbers of the items. Sent again under the same mark, nothing happens twice.

    Raises Refused.
    """
    site, form, now = site_of(request), form_of(request), site_of(request).now()
    actor = str(visitor_of(request).person)
    email, name = form.text(EMAIL), form.text(NAME)
    origin = Origin(actor, site.engine.via, site.engine.account)
    whose = site.workflow.database.attempt(
        lambda connection: submitters.stood_for(connection, email, name, mark, origin, now)
    )
    numbers = []
    for place, typing in enumerate(typings):
        said: dict[str, Any] = {"actor": actor, "on_behalf_of": whose if whose != actor else None}
        create = Create(
            **said, data=typing.data(sheet_of(lifecycle)), lifecycle=lifecycle.key, command_id=f"{mark}-{place}"
        )
        number = site.engine.execute(create, now=now).item.number
        for kind in others_of(lifecycle):
            if data := typing.data(kind):
                record = Record(**said, item=number, kind=kind.key, data=data)
                site.engine.execute(replace(record, command_id=f"{mark}-{place}-{kind.key}"), now=now)
        if lifecycle.submission and lifecycle.submission.submit:
            submit = Advance(**said, item=number, transition=lifecycle.submission.submit)
            site.engine.execute(replace(submit, command_id=f"{mark}-{place}-submit"), now=now)
        numbers.append(number)
    return numbers
