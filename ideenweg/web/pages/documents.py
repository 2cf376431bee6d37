"""`/dokumente/…`: documents are opened, attached, removed, and shown to everybody or not."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.work.opened import IN_PLACE, Opened, open_item, place_asked, represented
from ideenweg.web.routes import Who, get, post
from ideenweg.web.shelf import UPLOAD, accept, handed_over, shelf
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from workflow.commands import ItemCommand, RemoveDocument, ShowDocument
from workflow.errors import NotFound, Refused
from workflow.queries.documents import Document, find


def document(request: Request) -> Response:
    """The file, for whoever may open it. Raises NotFound, alike for one that there is not."""
    site, visitor = site_of(request), visitor_of(request)
    one = _found(request, visitor.person)
    path = site.workflow.files.path(one.sha256)
    if not path.is_file():  # `audit verify` tells of it
        raise NotFound("document", one.id)
    return handed_over(one, path, everybody=not visitor.known)


def attach(request: Request) -> Response:
    """Attach the file that was sent; what is wrong with it is said on a page with the form.

    Raises NotFound, and HTTPException 403 for who may not.
    """
    site, form, number = site_of(request), form_of(request), request.path_params["number"]
    say = site.wording(request)
    with site.workflow.database.reading() as connection:  # before a file is kept for whoever may not attach any
        opened = open_item(request, connection, history=False)
        there = shelf(connection, opened.lifecycle, opened.snapshot, released=bool(opened.detail.item.released))
    if not there.attach:
        raise HTTPException(403)
    upload = form.file("file")
    if upload is None:
        return _again(opened, say("documents_no_file"))
    try:
        site.workflow.attach(
            site.engine,
            actor=_person(request),
            on_behalf_of=opened.in_place,
            item=number,
            name=upload.name,
            content=upload.read(),
            record=form.text("record") or None,
            command_id=form.text("command_id") or None,
            now=site.now(),
        )
    except Refused as error:
        reasons = " ".join(one.in_locale(say.locale) for one in error.blockers)
        return _again(opened, reasons)
    return site.redirect(f"{opened.address}#documents", "documents_attached")


def remove(request: Request) -> Response:
    """Remove a document. Raises NotFound, and HTTPException 403 for who may not."""

    def command(one: Document, actor: str, in_place: str | None) -> RemoveDocument:
        return RemoveDocument(actor=actor, on_behalf_of=in_place, item=one.number, document=one.id)

    return _carry_out(request, "documents_removed", command)


def show(request: Request) -> Response:
    """Let everybody see a document once its item is released, or nobody but those who work on it."""
    public = form_of(request).text("public") == "1"
    key = "documents_shown" if public else "documents_hidden"

    def command(one: Document, actor: str, in_place: str | None) -> ShowDocument:
        return ShowDocument(actor=actor, on_behalf_of=in_place, item=one.number, document=one.id, public=public)

    return _carry_out(request, key, command)


def _carry_out(
    request: Request, key: str, command: Callable[[Document, str, str | None], ItemCommand]
) -> RedirectResponse:
    site, place = site_of(request), place_asked(request)
    one = _found(request, _person(request))
    try:
        site.engine.execute(command(one, _person(request), represented(request)), now=site.now())
    except Refused:  # no button offers it
        raise HTTPException(403) from None
    return site.redirect(f"/ideen/{one.number}{f'?{IN_PLACE}={place}' if place else ''}#documents", key)


def _found(request: Request, person: str | None) -> Document:
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        return find(
            connection, site.workflow.rules, request.path_params["id"], person, site.now(),
            on_behalf_of=represented(request), stand_in=not place_asked(request),
        )  # fmt: skip


def _person(request: Request) -> str:
    person = visitor_of(request).person
    assert person is not None  # the table of pages lets nobody else in
    return person


def _again(opened: Opened, error: str) -> Response:
    limits = opened.detail.programme.documents
    return opened.page("documents/wrong.html", 422, error=error, limits=limits, accept=accept(limits))


ROUTES = (
    get("/dokumente/{id:name}", document),
    post("/ideen/{number:number}/dokumente", attach, Who.SIGNED_IN, body=UPLOAD),
    post("/dokumente/{id:name}/entfernen", remove, Who.SIGNED_IN),
    post("/dokumente/{id:name}/zeigen", show, Who.SIGNED_IN),
)
