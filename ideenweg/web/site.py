"""What every page shares: the workflow it reads from, the templates, and how a page is made of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ideenweg.claims import Claims, read_claims
from ideenweg.oidc import Provider
from ideenweg.web import csrf, markdown, notices, theme
from ideenweg.web.guesses import Guesses
from ideenweg.web.language import COOKIE, KEPT, LANGUAGES, chosen, language_of
from ideenweg.web.lately import Lately
from ideenweg.web.throttle import Pace
from ideenweg.web.visitor import Visitor, visitor_of
from ideenweg.web.wording import Wording
from ideenweg.wiring import App
from states.lifecycle import Lifecycle
from workflow.engine import Engine
from workflow.errors import NotFound
from workflow.transaction import Transaction

HERE = Path(__file__).parent
STATIC = HERE / "static"

WORKING = (
    ("/aufgaben", "nav_worklist"),
    ("/board", "nav_board"),
    ("/fristen", "nav_deadlines"),
    ("/auswahl", "nav_selection"),
    ("/sitzungen", "nav_sittings"),
    ("/portfolio", "nav_portfolio"),
)
"""What the menu offers whoever works on ideas."""


Menu = list[tuple[str, str]]
"""Address and sentence of each entry."""


@dataclass(frozen=True)
class Site:
    """The pages of one installation. `demo`: they show invented data and say so. `secure`: reached by https alone.

    alone: only this machine reaches them, since no address is set for others. clock: gives the aware moment at which a
    request is answered. provider: where people may sign in besides.
    """

    workflow: App
    demo: bool
    secure: bool
    templates: Environment
    clock: Callable[[], datetime]
    alone: bool
    guesses: Guesses = field(default_factory=Guesses)
    pace: Pace = field(default_factory=Pace)
    lately: Lately = field(default_factory=Lately)
    files: Lately = field(default_factory=Lately)  # apart, so that no page waits until all items are read for one
    provider: Provider | None = None

    def now(self) -> datetime:
        """The moment at which a request is answered."""
        return self.clock()

    @cached_property
    def engine(self) -> Engine:
        """What carries out the commands of the pages."""
        return self.workflow.engine_via("page")

    @cached_property
    def claims(self) -> Claims:
        """What the claims of the provider mean. Raises BadInput."""
        return read_claims(self.workflow.config_dir)

    @cached_property
    def keys(self) -> Sequence[bytes]:
        """What forms and cookies are signed with, the present key first. Where none is set, one of this process."""
        return self.workflow.outgoing.keys or (secrets.token_bytes(32),)

    def wording(self, request: Request) -> Wording:
        """How things are said in the answer to `request`."""
        return Wording(language_of(request, visitor_of(request).locale), self.workflow.rules.programme.zone)

    def lifecycle(self, connection: Connection) -> Lifecycle | None:
        """The newest version of the lifecycle that new ideas take; None where it is not loaded yet."""
        try:
            return self.workflow.rules.newest(Transaction(connection), self.workflow.engine.default or "")
        except NotFound:
            return None

    def page(
        self, request: Request, template: str, status: int = 200, headers: dict[str, str] | None = None, **context: Any
    ) -> HTMLResponse:
        """The page that `template` makes of `context`, in the language of the request."""
        say = self.wording(request)
        visitor = visitor_of(request)
        notice = notices.left(request, self.keys)
        text = self.templates.get_template(template).render(
            say=say,
            locale=say.locale,
            programme=self.workflow.rules.programme,
            demo=self.demo,
            asset=asset,
            path=request.url.path,
            visitor=visitor,
            csrf_mark=csrf.mark(self.keys, visitor.session) if visitor.session else "",
            seconds_left=int((visitor.session.end - self.now()).total_seconds()) if visitor.session else None,
            notice=say(notice.key, **notice.params) if notice else None,
            notice_look=notice.look if notice else None,
            menu=self._menu(visitor),
            languages=[(language, _address(request, lang=language)) for language in LANGUAGES],
            theme=theme.theme_of(request),
            provided=self.provider is not None,
            themes=[(one, _address(request, theme=one)) for one in theme.THEMES],
            **context,
        )
        answer = HTMLResponse(text, status, {"Content-Language": say.locale, **(headers or {})})
        answer.headers["Vary"] = "Accept-Language, Cookie"
        answer.headers["Cache-Control"] = "no-store" if visitor.known else "no-cache"
        if notice:
            answer.delete_cookie(notices.COOKIE, secure=self.secure, httponly=True, samesite="lax")
        if language := chosen(request):
            answer.set_cookie(COOKIE, language, max_age=KEPT, secure=self.secure, httponly=True, samesite="lax")
        if shade := theme.chosen(request):
            answer.set_cookie(theme.COOKIE, shade, max_age=KEPT, secure=self.secure, httponly=True, samesite="lax")
        return answer

    def redirect(
        self, address: str, key: str | None = None, *, look: str = "success", **params: Any
    ) -> RedirectResponse:
        """After a form was carried out: on to `address`, where the sentence `key` is said once."""
        answer = RedirectResponse(address, 303)
        if key is not None:
            self.flash(answer, key, look=look, **params)
        return answer

    def flash(self, response: Response, key: str, *, look: str = "success", **params: Any) -> None:
        """Let the next page that this browser asks for say the sentence `key`."""
        notices.leave(response, self.keys, notices.Notice(key, params, look), secure=self.secure)

    def _menu(self, visitor: Visitor) -> Menu:
        menu = [("/", "nav_overview"), ("/ideen", "nav_ideas"), ("/einreichen", "nav_submit")]
        if key := self.workflow.engine.default:
            menu.append((f"/lebenszyklus/{quote(key)}", "nav_lifecycle"))
        if visitor.staff:
            menu += WORKING
        elif visitor.known:  # reviewers, leads and whoever handed in have tasks on single items
            menu.append(WORKING[0])
        if visitor.administrator:
            menu.append(("/verwaltung", "nav_administration"))
        return menu


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    return cast(Site, request.app.state.site)


@cache
def templates() -> Environment:
    """The templates: all text is escaped, and a name that a page forgot is an error and no gap."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # else each template of a page is looked at on the disk for every answer
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["markdown"] = markdown.rendered
    return environment


def asset(name: str) -> str:
    """The address of a file under static/, with a mark that changes when the file does, so it may be kept for ever."""
    return f"/static/{name}?v={_mark(name)}"


@cache
def _mark(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _address(request: Request, **wanted: str) -> str:
    """The address of the same page in another language or theme."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in wanted]
    return f"{request.url.path}?{urlencode([*query, *wanted.items()])}"
