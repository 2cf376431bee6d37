"""Supporting an idea: at once by an account, else by an address that a mail's link has confirmed (pages/follow.py)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages import idea
from ideenweg.web.routes import post
from ideenweg.web.site import Site, site_of
from ideenweg.web.throttle import Throttle
from ideenweg.web.visitor import visitor_of
from states.lifecycle import Lifecycle
from workflow import followers
from workflow.commands import Support
from workflow.errors import BadInput, NotFound, Refused
from workflow.queries import public

ASKED = Throttle("support", 30)
"""How often one address may ask in an hour, whoever is asked."""


def give(request: Request) -> Response:
    """Support the idea, or send the mail that asks whether the address is theirs. Raises NotFound."""
    site, number = site_of(request), request.path_params["number"]
    say, person = site.wording(request), visitor_of(request).person
    lifecycle_of(site, number)
    if person is not None:
        return site.redirect(f"/ideen/{number}#support", support(site, number, person))
    ASKED.count(request)
    email = form_of(request).text("email")
    try:
        site.workflow.database.attempt(
            lambda connection: followers.ask(connection, number, email, say.locale, site.now())
        )
    except BadInput:
        return idea.page(request, support=idea.Follow(email, say("follow_no_address")))
    return site.redirect(f"/ideen/{number}#support", "support_asked")


def support(site: Site, number: str, person: str) -> str:
    """Count the support of a person whose address or account is known to be theirs; what to say of it."""
    try:
        site.engine.execute(Support(item=number, actor=person), now=site.now())
    except Refused as error:
        codes = {one.code for one in error.blockers}
        return "support_already" if "supported_already" in codes else "support_closed"
    return "support_given"


def lifecycle_of(site: Site, number: str) -> Lifecycle:
    """The lifecycle of a released item that may be supported. Raises NotFound."""
    with site.workflow.database.reading() as connection:
        item = public.find(connection, site.workflow.rules, number)
    if item is None or not item.lifecycle.support:
        raise NotFound("item", number)
    return item.lifecycle


ROUTES = (post("/ideen/{number:number}/unterstuetzen", give),)
