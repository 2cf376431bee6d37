"""What somebody does by the signed link: a step with its form, a record of theirs, a document, a new link."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.mine.opened import PATH, Mine, by_link
from ideenweg.web.pages.mine.page import Tried, overview
from ideenweg.web.record_forms.typed import PREFIX, Typed, data_of
from ideenweg.web.routes import post
from ideenweg.web.shelf import UPLOAD
from ideenweg.web.throttle import Throttle
from states.blockers import Blocker, blocker
from workflow.commands import Advance, ItemCommand, Record
from workflow.errors import Conflict, Invalid, NotFound, Refused
from workflow.own_links import renew, token

CHANGED = Throttle("own item", 60)


def advance(mine: Mine) -> Response:
    """Take a step: answer, withdraw. Raises NotFound for one that is not theirs to take."""
    key = mine.request.path_params["move"]
    move = next((one.transition for one in mine.steps() if one.transition.key == key), None)
    form, typed = form_of(mine.request), _typed(mine)
    reason = form.text("reason")
    if move is None:
        return _not_carried_out(mine, Tried(key, typed, reason, [_moved_on()]), 409)
    kind = mine.lifecycle.records[move.form] if move.form else None
    command = Advance(
        **mine.said(), **_marks(mine), transition=key, reason=reason or None,
        data=data_of(kind, typed, mine.say.locale) if kind else None,
    )  # fmt: skip
    return _carried_out(
        mine, command, f"own_done_{'end' if mine.leads_to_an_end(move) else 'step'}", key, typed, reason
    )


def record(mine: Mine) -> Response:
    """Write a record of theirs anew. Raises NotFound for a kind that is not."""
    key = mine.request.path_params["kind"]
    kind = next((one for one in mine.own_records() if one.key == key), None)
    if kind is None:
        raise NotFound("record kind", key)
    typed = _typed(mine)
    command = Record(**mine.said(), **_marks(mine), kind=key, data=data_of(kind, typed, mine.say.locale))
    return _carried_out(mine, command, "own_done_record", key, typed, "")


def attach(mine: Mine) -> Response:
    """Attach a file."""
    form = form_of(mine.request)
    upload = form.file("file")
    if upload is None:
        wrong: list[Blocker] = [_no_file()]
    else:
        CHANGED.count(mine.request)
        try:
            mine.site.workflow.attach(
                mine.site.engine, **mine.said(), name=upload.name, content=upload.read(), now=mine.site.now(),
                command_id=form.text("command_id") or None,
            )  # fmt: skip
        except Refused as error:
            wrong = list(error.blockers)
        else:
            return mine.site.redirect(f"{mine.address}#documents", "documents_attached")
    return _not_carried_out(mine, Tried("file", {}, "", wrong), 422)


def new_link(mine: Mine) -> Response:
    """Make every link before this one invalid, and go on by a new one."""
    now = mine.site.now()
    generation = mine.site.workflow.database.attempt(lambda connection: renew(connection, mine.own, now))
    text = token(mine.site.keys, mine.own, generation, now.date())
    return mine.site.redirect(f"{PATH}/{text}/eingang", "own_done_link")


def _carried_out(mine: Mine, command: ItemCommand, key: str, what: str, typed: Typed, reason: str) -> Response:
    CHANGED.count(mine.request)
    try:
        mine.site.engine.execute(command, now=mine.site.now())
    except Refused as error:
        status = 422 if isinstance(error, Invalid) else 409
        return _not_carried_out(mine, Tried(what, typed, reason, error.blockers), status)
    except Conflict:
        return _not_carried_out(mine, Tried(what, typed, reason, [_moved_on()]), 409)
    return mine.site.redirect(mine.address, key)


def _not_carried_out(mine: Mine, tried: Tried, status: int) -> Response:
    """The page as it stands now, with what was typed."""
    return overview(mine, tried=tried, status=status)


def _marks(mine: Mine) -> dict[str, Any]:
    form = form_of(mine.request)
    revision = form.text("revision")
    return {
        "command_id": form.text("command_id") or None,
        "revision": int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else None,
    }


def _typed(mine: Mine) -> Typed:
    form = form_of(mine.request)
    return {name: form.all(name) for name in form.fields if name.startswith(f"{PREFIX}.")}


def _moved_on() -> Blocker:
    return blocker(
        "stale",
        "Inzwischen ist etwas geschehen: Unten steht der jetzige Stand. Was Sie geschrieben haben, ist noch da.",
        "Something has happened meanwhile: below is how things stand now. What you wrote is still there.",
    )


def _no_file() -> Blocker:
    return blocker(
        "invalid_document", "Bitte wählen Sie zuerst eine Datei aus.", "Please choose a file first.", path="file"
    )


ROUTES = (
    post(f"{PATH}/{{token}}/schritt/{{move:name}}", by_link(advance)),
    post(f"{PATH}/{{token}}/angaben/{{kind:name}}", by_link(record)),
    post(f"{PATH}/{{token}}/dokumente", by_link(attach), body=UPLOAD),
    post(f"{PATH}/{{token}}/neuer-link", by_link(new_link)),
)
