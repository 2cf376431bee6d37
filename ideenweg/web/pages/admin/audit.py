"""`/verwaltung/protokoll`: who did what, when, why, in whose place and by which door; and each event, whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.asking import DOORS, asked
from ideenweg.web.pages.admin.desk import admin_get, admin_post, origin_of, said, show
from ideenweg.web.site import Site, site_of
from ideenweg.web.values import Values
from ideenweg.web.wording import Wording
from states.lifecycle import Lifecycle
from workflow.errors import BadInput
from workflow.events import Kind, moment
from workflow.exports import Format
from workflow.history import AuditEvent
from workflow.history import page as page_of
from workflow.queries.entries import Entry
from workflow.queries.entries import entry as entry_of
from workflow.queries.people import names
from workflow.queries.roles import newest

PLACE = "protokoll"
PATH = f"/verwaltung/{PLACE}"
A_PAGE = 50
TOLD = ("record", "link", "role", "other", "key", "command", "source", "format")
"""The details of an event that say what it is about."""


def page(request: Request) -> Response:
    """The events that the address asks for."""
    site = site_of(request)
    rules, say, query = site.workflow.rules, site.wording(request), request.query_params
    with site.workflow.database.reading() as connection:
        question = asked(query, connection, rules.programme.zone)
        if "@" in query.get("person", "") and not question.wrong:  # an address that may be passed on names nobody
            return RedirectResponse(question.address(), 303)
        cursor = query.get("before") or query.get("after")
        try:
            found = page_of(
                connection, question.filters, A_PAGE, cursor,
                newest_first=not question.oldest_first, backwards=bool(query.get("before")),
            )  # fmt: skip
        except BadInput:
            return RedirectResponse(question.address(), 303)
        people = names(connection, {who for one in found.events for who in (one.actor, one.on_behalf_of or "")})
        stored = newest(connection, rules)
    return show(
        request,
        PLACE,
        "audit",
        400 if question.wrong else 200,
        asked=question,
        wrong={name: say(f"audit_wrong_{key}") for name, key in question.wrong.items()},
        events=()
        if question.wrong
        else [(one, _what(one, stored, say), moment(one.recorded_at)) for one in found.events],
        previous=question.address(before=found.previous) if found.previous else None,
        next=question.address(after=found.next) if found.next else None,
        people=people,
        kinds=[(kind.value, said(say, f"kind_{kind.value}", kind.value)) for kind in Kind],
        transitions=_transitions(stored, say),
        doors=[(door, say(f"door_{door}")) for door in DOORS],
        formats=[one.value for one in Format],
    )


def entry(request: Request) -> HTMLResponse:
    """One event: what it changed, field by field, and what proves it. Raises NotFound."""
    site = site_of(request)
    say = site.wording(request)
    stream, seq = request.path_params["stream"], request.path_params["seq"]
    with site.workflow.database.reading() as connection:
        found = entry_of(connection, site.workflow.rules, stream, seq)
    one = found.event
    stored = {found.lifecycle.key: found.lifecycle} if found.lifecycle else {}
    return show(
        request,
        PLACE,
        "entry",
        one=one,
        found=found,
        what=_what(one, stored, say),
        at=moment(one.at),
        recorded_at=moment(one.recorded_at),
        source=_state(stored, one.source, say),
        target=_state(stored, one.target, say),
        changed=_changes(site, found, say),
        details=[
            (key, _shown(value))
            for key, value in one.details.items()
            if key not in ("data", "personal", "reason", "text")
        ],
    )


def export(request: Request) -> Response:
    """The events of the present filters as a file; that it was made is in the history."""
    site = site_of(request)
    form = form_of(request)
    sent = {name: form.text(name) for name in form.fields}
    try:
        kind = Format(sent.get("format", ""))
    except ValueError:
        return RedirectResponse(PATH, 303)
    with site.workflow.database.reading() as connection:
        question = asked(sent, connection, site.workflow.rules.programme.zone)
    if question.wrong:
        return RedirectResponse(question.address(), 303)
    folder = Path(mkdtemp(prefix="ideenweg-export-"))
    file = folder / f"ideenweg-{site.now():%Y-%m-%d-%H%M}.{kind.value}"
    gone = BackgroundTask(_remove, file)
    try:
        site.workflow.audit.export(file, kind, question.filters, origin=origin_of(request), now=site.now())
    except BaseException:
        _remove(file)
        raise
    return FileResponse(file, filename=file.name, background=gone)


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.parent.rmdir()


def _what(one: AuditEvent, stored: Mapping[str, Lifecycle], say: Wording) -> str:
    """`Schritt: Vorprüfung beginnen`, `Formular ausgefüllt: Steckbrief`."""
    about = []
    if one.trigger:
        about.append(_labelled(stored, "transitions", one.trigger, say))
    kinds, details = {"record": "records", "role": "roles", "link": "links"}, one.details
    for key in TOLD:
        value = details.get(key)
        if isinstance(value, str) and value:
            named = said(say, f"command_{value}", value) if key == "command" else value
            about.append(_labelled(stored, kinds[key], value, say) if key in kinds else named)
    kind = said(say, f"kind_{one.kind}", one.kind)
    return f"{kind}: {', '.join(about)}" if about else kind


def _labelled(stored: Mapping[str, Lifecycle], section: str, key: str, say: Wording) -> str:
    """What the newest lifecycle that knows it calls an entry; the key, where none does."""
    for lifecycle in stored.values():
        if key in (entries := getattr(lifecycle, section)):
            return str(entries[key].label[say.locale])
    return key


def _state(stored: Mapping[str, Lifecycle], key: str | None, say: Wording) -> str | None:
    return _labelled(stored, "states", key, say) if key else None


def _changes(site: Site, found: Entry, say: Wording) -> list[tuple[str, str, str]]:
    """Each field that was changed with both values as pages show them, in the order of the form."""
    lifecycle = found.lifecycle
    kind = lifecycle.records.get(str(found.event.details.get("record"))) if lifecycle else None
    if lifecycle is None or kind is None:
        return [(one.field, _shown(one.before), _shown(one.after)) for one in found.changed]
    values, order = Values(say, lifecycle, site.workflow.rules.programme), list(kind.fields)

    def told(key: str, value: Any) -> str:
        field = kind.fields.get(key)
        return "\n".join(values.row(field, value).parts) if field and value is not None else _shown(value)

    ordered = sorted(found.changed, key=lambda one: order.index(one.field) if one.field in kind.fields else len(order))
    labels = {key: field.label[say.locale] for key, field in kind.fields.items()}
    return [
        (labels.get(one.field, one.field), told(one.field, one.before), told(one.field, one.after)) for one in ordered
    ]


def _shown(value: Any) -> str:
    """A value as text: what is no text, as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _transitions(stored: Mapping[str, Lifecycle], say: Wording) -> list[tuple[str, list[tuple[str, str]]]]:
    """Of each lifecycle its label, and its transitions by key and label."""
    return [
        (one.label[say.locale], [(move.key, move.label[say.locale]) for move in one.transitions.values()])
        for one in stored.values()
    ]


ROUTES = (
    admin_get(PATH, page),
    admin_post(f"{PATH}/export", export),
    admin_get(f"{PATH}/eintrag/{{stream}}/{{seq:int}}", entry),
)
