"""`/feed.atom`: the newest public steps, for whoever reads them elsewhere (RFC 4287)."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.files import kept_already
from ideenweg.web.routes import get
from ideenweg.web.site import site_of
from workflow.queries import public
from workflow.transaction import Transaction

STEPS = 40
ATOM = "http://www.w3.org/2005/Atom"
EVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def feed(request: Request) -> Response:
    """The feed, in the language of the request."""
    site = site_of(request)
    rules, say = site.workflow.rules, site.wording(request)
    base = site.workflow.outgoing.base_url
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": say.locale})
    with site.workflow.database.reading() as connection:
        lifecycle = site.lifecycle(connection)
        steps = public.news(connection, lifecycle.key, STEPS) if lifecycle else []
        _add(root, "id", f"{base}/feed.atom")
        _add(root, "title", say("feed_title", programme=rules.programme.label[say.locale]))
        _add(root, "updated", max((one.at for one in steps), default=EVER).isoformat())
        ElementTree.SubElement(root, f"{{{ATOM}}}link", rel="self", href=f"{base}/feed.atom")
        ElementTree.SubElement(root, f"{{{ATOM}}}link", href=f"{base}/")
        author = ElementTree.SubElement(root, f"{{{ATOM}}}author")
        _add(author, "name", rules.programme.label[say.locale] or say("brand"))
        for one in steps:
            assert lifecycle is not None
            state = rules.lifecycle(Transaction(connection), lifecycle.key, one.version).states[one.target]
            entry = ElementTree.SubElement(root, f"{{{ATOM}}}entry")
            _add(entry, "id", f"tag:{site.workflow.outgoing.domain},2026:item:{one.number}:{one.seq}")
            _add(entry, "title", f"{one.title}: {state.label[say.locale]}")
            _add(entry, "updated", one.at.isoformat())
            ElementTree.SubElement(entry, f"{{{ATOM}}}link", href=f"{base}/ideen/{one.number}")
            _add(entry, "summary", state.public[say.locale] if state.public else state.label[say.locale])
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    mark = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": mark, "Cache-Control": "public, max-age=300", "Vary": "Accept-Language, Cookie"}
    if kept_already(request, mark):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/atom+xml; charset=utf-8", headers=headers)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{ATOM}}}{name}").text = text


ROUTES = (get("/feed.atom", feed),)
