"""The draft of a submission between two pages: found by the secret in its cookie."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.pages.submit.steps import Typing
from ideenweg.web.site import Site, site_of
from states.lifecycle import Lifecycle
from workflow import drafts
from workflow.drafts import Draft
from workflow.errors import NotFound

PATH = "/einreichen"


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as a page goes on with it. secret: of a new one, which its cookie is to hold."""

    draft: Draft
    typing: Typing
    secret: str | None = None


def lifecycle_of(request: Request) -> Lifecycle:
    """The lifecycle that ideas are handed in under. Raises NotFound where none is loaded."""
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        lifecycle = site.lifecycle(connection)
    if lifecycle is None:
        raise NotFound("lifecycle", "")
    return lifecycle


def kept(request: Request, lifecycle: Lifecycle) -> Kept | None:
    """The draft that the browser's cookie opens, if it is one of this lifecycle."""
    site = site_of(request)
    secret = request.cookies.get(cookie(site))
    if not secret:
        return None
    with site.workflow.database.reading() as connection:
        found = drafts.find(connection, secret, site.now())
    if found is None or found.lifecycle != lifecycle.key:
        return None
    return Kept(found, Typing.of(found.data, site.wording(request).locale))


def begun(request: Request, lifecycle: Lifecycle) -> Kept:
    """A new draft."""
    site = site_of(request)
    now = site.now()
    secret, digest = site.workflow.database.attempt(lambda connection: drafts.begin(connection, lifecycle.key, now))
    draft = Draft(digest, lifecycle.key, {}, now, now, ())
    return Kept(draft, Typing(site.wording(request).locale), secret)


def keep(request: Request, one: Kept, typing: Typing) -> None:
    """Keep what was typed."""
    site = site_of(request)
    email = typing.contact.get("email") or None
    site.workflow.database.attempt(
        lambda connection: drafts.keep(connection, one.draft.digest, typing.kept(), email, site.now())
    )


def remember(request: Request, response: Response, one: Kept) -> Response:
    """Give the browser of a new draft its cookie."""
    site = site_of(request)
    if one.secret:
        response.set_cookie(
            cookie(site), one.secret, max_age=int(drafts.KEPT.total_seconds()), path=PATH, secure=site.secure,
            httponly=True, samesite="lax",
        )  # fmt: skip
    return response


def forget(request: Request, response: Response) -> Response:
    """Take the cookie back."""
    site = site_of(request)
    response.delete_cookie(cookie(site), path=PATH, secure=site.secure, httponly=True, samesite="lax")
    return response


def cookie(site: Site) -> str:
    """`__Secure-`: taken over TLS alone (RFC 6265bis §4.1.3.1)."""
    return "__Secure-draft" if site.secure else "draft"
