"""`/konto/sitzungen`: where one is signed in, ending it there; and staying signed in when the end is near."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.agents import named
from ideenweg.web.pages.account.entry import noted
from ideenweg.web.routes import Who, get, post
from ideenweg.web.site import site_of
from ideenweg.web.visitor import visitor_of
from workflow.accounts import log, sessions
from workflow.accounts.log import What
from workflow.errors import NotFound

SESSIONS = "/konto/sitzungen"


def page(request: Request) -> Response:
    """The sessions, the one that asks first, and what was noted of sign-ins."""
    site, visitor = site_of(request), visitor_of(request)
    who = visitor.person or ""
    with site.workflow.database.reading() as connection:
        open_now = sessions.of_person(connection, who, site.now())
        entries = log.latest(connection, who)
    found = sorted(open_now, key=lambda one: visitor.session is None or one.id != visitor.session.id)
    return site.page(request, "account/sessions.html", sessions=found, entries=entries, named=named)


def revoke(request: Request) -> Response:
    """Ends one of one's own. Raises NotFound for any other."""
    site, who = site_of(request), visitor_of(request).person or ""
    key = request.path_params["key"]
    if not site.workflow.database.attempt(lambda connection: sessions.revoke(connection, who, key)):
        raise NotFound("session", key)
    noted(request, What.SESSION_ENDED, who)
    return site.redirect(SESSIONS, "session_ended")


def revoke_others(request: Request) -> Response:
    """Ends all but the one that asks."""
    site, visitor = site_of(request), visitor_of(request)
    ended = site.workflow.database.attempt(
        lambda connection: sessions.revoke_all(connection, visitor.person, but=visitor.session)
    )
    noted(request, What.SESSION_ENDED, visitor.person)
    return site.redirect(SESSIONS, "sessions_ended", n=ended)


def prolong(request: Request) -> Response:
    """Notes that the session is used, and says for how many seconds it lasts now."""
    site, session = site_of(request), visitor_of(request).session
    assert session is not None
    now = site.now()
    site.workflow.database.attempt(lambda connection: sessions.note(connection, session, now))
    left = min(sessions.IDLE, session.ends_at - now)
    return Response(status_code=204, headers={"X-Session-Seconds": str(int(left.total_seconds()))})


ROUTES = (
    get(SESSIONS, page, Who.SIGNED_IN),
    post(SESSIONS + "/beenden", revoke_others, Who.SIGNED_IN),
    post(SESSIONS + "/{key:name}/beenden", revoke, Who.SIGNED_IN),
    post("/konto/sitzung", prolong, Who.SIGNED_IN),
)
