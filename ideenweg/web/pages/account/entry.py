"""From a verified identity to a session: the one place where somebody comes in, by whichever way they proved it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web import kept
from ideenweg.web.recognition import admit, enter
from ideenweg.web.routes import local
from ideenweg.web.site import Site, site_of
from ideenweg.web.throttle import client_of
from ideenweg.web.visitor import visitor_of
from workflow.accounts import log, sessions
from workflow.accounts.log import What
from workflow.accounts.sessions import Way


def admitted(
    request: Request, who: str, way: Way, *, factor: bool = False, back: str = "/", form: str = ""
) -> Response:
    """Sign the person `who` in, who has proved it by `way`, and lead them back to the path `back`.

    factor: a second factor was shown. form: one that was kept (kept.py); it is offered instead, to be sent now. A
    session that the browser had before ends: a value somebody else may have put there opens nothing (session fixation).
    """
    site, before = site_of(request), visitor_of(request).session

    with site.workflow.database.writing() as connection:
        if before is not None:
            sessions.end(connection, before)
        agent = request.headers.get("user-agent")
        value = sessions.begin(connection, who, way, site.now(), factor=factor, agent=agent)
        log.note(connection, What.SIGNED_IN, site.now(), who, client_of(request))
    enter(request, value)
    found = kept.opened(site.keys, form)
    answer = site.page(request, "account/resume.html", kept=found) if found else site.redirect(local(back))
    admit(site, answer, value)
    return answer


def renewed(request: Request, answer: Response, *, factor: bool) -> Response:
    """The same answer with another cookie for the present session, since what it may do has changed."""
    site, session = site_of(request), visitor_of(request).session
    assert session is not None
    value = site.workflow.database.attempt(
        lambda connection: sessions.renew(connection, session, site.now(), factor=factor)
    )
    admit(site, answer, value)
    return answer


def noted(request: Request, what: What, who: str | None) -> None:
    """Write it into the log of sign-ins."""
    site = site_of(request)
    site.workflow.database.attempt(lambda connection: log.note(connection, what, site.now(), who, client_of(request)))


def context_words(site: Site, *others: str) -> list[str]:
    """What a password must not be made of: the names of this place, and of the person."""
    programme = site.workflow.rules.programme
    labels = [programme.label, *(city.label for city in programme.cities.values())]
    return [*(label[language] for label in labels for language in ("de", "en")), *others]
