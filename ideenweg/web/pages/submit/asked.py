"""What the steps ask for beside fields – files, contact, consent –, and what stands against handing in."""

from __future__ import annotations

from starlette.requests import Request

from ideenweg.web.forms import form_of
from ideenweg.web.pages.submit.kept import Kept
from ideenweg.web.pages.submit.steps import NOBODY_YET, Step, Typing, against
from ideenweg.web.site import Site, site_of
from ideenweg.web.throttle import Throttle
from ideenweg.web.visitor import visitor_of
from states.lifecycle import Lifecycle
from states.snapshot import Person, local_day
from states.submission import Part
from workflow import documents, drafts
from workflow.access import checked_email
from workflow.errors import BadInput, Refused
from workflow.facts import person, who
from workflow.transaction import Transaction

UPLOADED = Throttle("upload", 60)


def wrong(request: Request, found: Step, typing: Typing) -> dict[str, str]:
    """What is wrong with what the step asks for beside fields."""
    site = site_of(request)
    say = site.wording(request)
    if found.asks is Part.CONTACT and (email := typing.contact.get("email")):
        try:
            checked_email(email)
        except BadInput:
            return {"contact-email": say("submit_wrong_email")}
    if found.asks is Part.TERMS:
        missing = not_agreed(site, typing)
        return {f"agreed-{key}": say("submit_agree") for key in missing}
    return {}


def not_agreed(site: Site, typing: Typing) -> list[str]:
    terms = site.workflow.rules.programme.terms
    return [key for key, one in terms.items() if one.consent and key not in typing.agreed]


def attach(request: Request, one: Kept) -> dict[str, str]:
    """Keep the file that was sent; what is wrong with it."""
    site = site_of(request)
    say, programme = site.wording(request), site.workflow.rules.programme
    upload = form_of(request).file("file")
    if upload is None:
        return {"file": say("documents_no_file")}
    if len(one.draft.documents) >= programme.documents.number:
        return {"file": say("submit_too_many_files", n=programme.documents.number)}
    UPLOADED.count(request)
    try:
        file = documents.keep(site.workflow.files, upload.name, upload.read(), programme.documents)
    except Refused as error:
        return {"file": " ".join(blocker.in_locale(say.locale) for blocker in error.blockers)}
    site.workflow.database.attempt(lambda connection: drafts.attach(connection, one.draft.digest, file, site.now()))
    return {}


def against_it(request: Request, lifecycle: Lifecycle, one: Kept) -> list[str]:
    """What stands against handing it in, in words."""
    site = site_of(request)
    say = site.wording(request)
    found = against(lifecycle, site.workflow.rules.programme, one.typing, whoever(request), site.now())
    said = [blocker.in_locale(say.locale) for blocker in found]
    return [*said, *([say("submit_agree_all")] if not_agreed(site, one.typing) else [])]


def whoever(request: Request) -> Person:
    """Who asks, with the roles granted to them; for anybody, somebody without any."""
    site, known = site_of(request), visitor_of(request).person
    if known is None:
        return Person(NOBODY_YET)
    today = local_day(site.now(), site.workflow.rules.programme).isoformat()
    with site.workflow.database.reading() as connection:
        tx = Transaction(connection)
        return person(tx.read(who(tx, known, today))[0], known)
