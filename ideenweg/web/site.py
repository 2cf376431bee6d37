"""What every page shares: the workflow it reads from, the templates, and how a page is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.language import COOKIE, KEPT, LANGUAGES, chosen, language_of
from ideenweg.web.wording import Wording
from ideenweg.wiring import App
from states.lifecycle import Lifecycle
from workflow.errors import NotFound
from workflow.transaction import Transaction

HERE = Path(__file__).parent
STATIC = HERE / "static"


@dataclass(frozen=True)
class Site:
    """The pages of one installation. `demo`: they show invented data and say so. `secure`: reached by https alone."""

    workflow: App
    demo: bool
    secure: bool
    templates: Environment

    def wording(self, request: Request) -> Wording:
        """How things are said in the answer to `request`."""
        return Wording(language_of(request), self.workflow.rules.programme.zone)

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
        text = self.templates.get_template(template).render(
            say=say,
            locale=say.locale,
            programme=self.workflow.rules.programme,
            demo=self.demo,
            asset=asset,
            path=request.url.path,
            menu=self._menu(),
            languages=[(language, _in_language(request, language)) for language in LANGUAGES],
            **context,
        )
        answer = HTMLResponse(text, status, {"Content-Language": say.locale, **(headers or {})})
        answer.headers["Vary"] = "Accept-Language, Cookie"
        answer.headers["Cache-Control"] = "no-cache"
        if language := chosen(request):
            answer.set_cookie(COOKIE, language, max_age=KEPT, secure=self.secure, httponly=True, samesite="lax")
        return answer

    def _menu(self) -> list[tuple[str, str]]:
        """Address and sentence of each entry."""
        menu = [("/", "nav_overview"), ("/ideen", "nav_ideas")]
        if key := self.workflow.engine.default:
            menu.append((f"/lebenszyklus/{quote(key)}", "nav_lifecycle"))
        return menu


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    return cast(Site, request.app.state.site)


def templates() -> Environment:
    """The templates: all text is escaped, and a name that a page forgot is an error and no gap."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def asset(name: str) -> str:
    """The address of a file under static/, with a mark that changes when the file does, so it may be kept for ever."""
    return f"/static/{name}?v={_mark(name)}"


@cache
def _mark(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _in_language(request: Request, language: str) -> str:
    """The address of the same page in another language."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*query, ('lang', language)])}"
