"""The pages that are words alone: accessibility, privacy, imprint and their like, written as Markdown in config/pages.

A file of the same name under `pages/` in the operator's folder takes the place of the shipped one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from ideenweg.web import feedback, markdown
from ideenweg.web.forms import form_of
from ideenweg.web.routes import Page, get, post
from ideenweg.web.site import Site, site_of
from ideenweg.web.throttle import Throttle
from ideenweg.wiring import SHIPPED
from workflow.errors import NotFound

ADDRESSES = {
    "/barrierefreiheit": "accessibility",
    "/leichte-sprache": "easy-language",
    "/gebaerdensprache": "sign-language",
    "/datenschutz": "privacy",
    "/impressum": "imprint",
}
"""Address -> the file with its words."""

STATEMENT = "/barrierefreiheit"

KINDS = {
    ".pdf": "application/pdf",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
"""The files that are offered for download -> what they are; never HTML, which would be a page of ours."""


REPORTED = Throttle("feedback", 10)
"""How often one address may report a barrier in an hour."""


@dataclass(frozen=True, slots=True)
class Words:
    """A page of words: its title, and what stands below."""

    title: str
    body: Markup


@dataclass(frozen=True, slots=True)
class Feedback:
    """The form that reports a barrier: what was typed, and what is wrong with it by field."""

    message: str = ""
    email: str = ""
    errors: tuple[tuple[str, str], ...] = ()


def words_of(site: Site, locale: str, name: str) -> Words:
    """The operator's words, else the shipped ones. Raises NotFound for neither."""
    places = (folder / "pages" / locale / f"{name}.md" for folder in (site.workflow.config_dir, SHIPPED))
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        raise NotFound("page", name)
    first, _, rest = file.read_text("utf-8").lstrip().partition("\n")
    return Words(first.removeprefix("#").strip(), markdown.page(rest))


def page(request: Request, *, name: str) -> HTMLResponse:
    """One of these pages. Raises NotFound."""
    site = site_of(request)
    words = words_of(site, site.wording(request).locale, name)
    return site.page(request, "words.html", words=words)


def statement(request: Request, *, typed: Feedback | None = None) -> HTMLResponse:
    """The accessibility statement with its form."""
    site = site_of(request)
    words = words_of(site, site.wording(request).locale, ADDRESSES[STATEMENT])
    return site.page(
        request,
        "statement.html",
        status=400 if typed else 200,
        words=words,
        typed=typed or Feedback(),
        errors=dict(typed.errors) if typed else {},
        sends=site.workflow.outgoing.mail is not None,
        mailbox=feedback.mailbox(site.workflow.rules.programme),
    )


def report(request: Request) -> Response:
    """Send what somebody reports to the office that coordinates."""
    REPORTED.count(request)
    site, form = site_of(request), form_of(request)
    typed = Feedback(form.text("message")[: feedback.LONGEST], form.text("email")[:254])
    if wrong := feedback.send(site, site.wording(request), typed.message, typed.email):
        return statement(request, typed=Feedback(typed.message, typed.email, tuple(wrong.items())))
    return site.redirect(STATEMENT, "feedback_sent")


def downloads(request: Request) -> HTMLResponse:
    """What there is to download."""
    site = site_of(request)
    files = [(file.name, f"/downloads/{quote(file.name)}", file.stat().st_size) for file in _offered(site)]
    return site.page(request, "downloads.html", files=files)


def download(request: Request) -> Response:
    """One file, to be saved. Raises NotFound for a name that is not offered."""
    wanted = request.path_params["name"]
    for file in _offered(site_of(request)):
        if file.name == wanted:
            kind = KINDS[file.suffix.lower()]
            return FileResponse(file, media_type=kind, filename=file.name, content_disposition_type="attachment")
    raise NotFound("download", wanted)


def _offered(site: Site) -> list[Path]:
    folder = site.workflow.config_dir / "downloads"
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(file for file in found if file.is_file() and file.suffix.lower() in KINDS)


def _page(address: str, name: str) -> Page:
    answer: Callable[[Request], Response] = statement if address == STATEMENT else partial(page, name=name)
    return get(address, answer)


ROUTES = (
    *(_page(address, name) for address, name in ADDRESSES.items()),
    post(STATEMENT, report),
    get("/downloads", downloads),
    get("/downloads/{name}", download),
)
