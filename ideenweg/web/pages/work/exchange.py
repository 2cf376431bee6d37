"""Files for others and from them: the project sheet of a released idea, the funder's file set, a sheet of a partner."""

from __future__ import annotations

import json
import secrets

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from states.transfer import LICENCE
from workflow.errors import BadInput, Refused
from workflow.packages import package_of
from workflow.transfer import LARGEST, Sheet, sheet_of, take_in

PATH = "/einreichen/fuer-andere/projektblatt"


def sheet(request: Request) -> Response:
    """The project sheet of a released item, for other cities. Raises NotFound."""
    site, number = site_of(request), request.path_params["number"]
    app = site.workflow
    with app.database.reading() as connection:
        found = sheet_of(connection, app.rules, number, app.outgoing.base_url, LICENCE)
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    return _file(text.encode(), "application/json", f"projektblatt-{number}.json")


def package(request: Request) -> Response:
    """The file set on an item and all that is linked to it, as the visitor may see it. Raises NotFound."""
    site, number, person = site_of(request), request.path_params["number"], visitor_of(request).person
    assert person is not None
    app = site.workflow
    with app.database.reading() as connection:
        made = package_of(connection, app.rules, number, person, app.outgoing.base_url, site.now())
    return _file(made.content, "application/zip", f"paket-{number}.zip")


def upload(request: Request) -> HTMLResponse:
    """The form for a sheet of another city."""
    return _shown(request)


def take(request: Request) -> Response:
    """Take it in as an idea, or (`go` is `check`) say what of it would be."""
    site, form, person = site_of(request), form_of(request), visitor_of(request).person
    say, sent = site.wording(request), form.file("file")
    assert person is not None
    if sent is None:
        return _shown(request, wrong=say("sheet_no_file"))
    try:
        text = sent.read().decode("utf-8-sig")
        read, number = take_in(
            site.engine, site.workflow.files, text, person, site.now(), dry_run=form.text("go") == "check",
            command_id=form.text("command_id") or None,
        )  # fmt: skip
    except UnicodeDecodeError:
        return _shown(request, wrong=say("sheet_no_text"))
    except BadInput as error:
        return _shown(request, wrong=say("sheet_unreadable", why=error.in_locale(say.locale)))
    except Refused as error:
        return _shown(request, wrong=" ".join(one.in_locale(say.locale) for one in error.blockers))
    if number is None:
        return _shown(request, read=read)
    address, left = f"/ideen/{number}", len(read.taken.left)
    return site.redirect(address, "sheet_taken", n=left) if left else site.redirect(address, "sheet_taken_whole")


def _shown(request: Request, *, read: Sheet | None = None, wrong: str | None = None) -> HTMLResponse:
    mark = form_of(request).text("command_id") or f"sheet-{secrets.token_hex(12)}"
    return site_of(request).page(
        request, "submit/sheet.html", 422 if wrong else 200, read=read, wrong=wrong, command_id=mark
    )


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


ROUTES = (
    get("/ideen/{number:number}/projektblatt.json", sheet),
    get("/ideen/{number:number}/paket.zip", package, Who.SIGNED_IN),
    get(PATH, upload, Who.STAFF),
    post(PATH, take, Who.STAFF, body=LARGEST + 10_000),
)
