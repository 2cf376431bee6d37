"""What is said when a call cannot be answered as it was meant: one problem document for each error (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.routing import compile_path

from ideenweg.web.api.faults import fault_of
from ideenweg.web.language import preferred
from states.blockers import Blocker, blocker
from states.errors import UnknownName, nearest
from states.sentences import Sentence, in_locale
from workflow.engine import ItemView
from workflow.errors import (
    BadInput,
    Conflict,
    Invalid,
    NotFound,
    Refused,
    StorageError,
    TooManySteps,
    WorkflowError,
)

log = logging.getLogger(__name__)

RETRY_SECONDS = "5"
RIGHTS = frozenset({"role", "not_deputy", "not_for_others"})
"""The codes of blockers that say: it is not up to you."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: what `type` ends with, the status it comes with, and its title."""

    key: str
    status: int
    title: Sentence


KINDS = {
    one.key: one
    for one in (
        Kind("bad_request", 400, Sentence("Die Anfrage ist nicht zu lesen.", "The request cannot be read.")),
        Kind(
            "wrong_filter", 400, Sentence("Ein Filter oder Parameter stimmt nicht.", "A filter or parameter is wrong.")
        ),
        Kind("unauthenticated", 401, Sentence("Dazu braucht es ein gültiges Token.", "This needs a good token.")),
        Kind("forbidden", 403, Sentence("Dazu sind andere berechtigt.", "This is up to others.")),
        Kind("not_found", 404, Sentence("Das gibt es nicht.", "There is no such thing.")),
        Kind("method_not_allowed", 405, Sentence("Das geht hier nicht.", "This cannot be done here.")),
        Kind("refused", 409, Sentence("Die Regeln stehen dem zurzeit entgegen.", "The rules stand against it now.")),
        Kind("conflict", 409, Sentence("Jemand war schneller.", "Somebody was faster.")),
        Kind(
            "changed",
            412,
            Sentence(
                "Der Vorgang hat sich geändert, seit Sie ihn gesehen haben.", "The item has changed since you saw it."
            ),
        ),
        Kind("too_large", 413, Sentence("Der Inhalt ist zu groß.", "The body is too large.")),
        Kind("unsupported_media_type", 415, Sentence("Der Inhalt ist kein JSON.", "The body is not JSON.")),
        Kind("invalid", 422, Sentence("Was gesendet wurde, kann so nie stimmen.", "What was sent can never be right.")),
        Kind("too_many_requests", 429, Sentence("Zu viele Aufrufe in kurzer Zeit.", "Too many calls in a short time.")),
        Kind("fault", 500, Sentence("Das ist ein Fehler des Programms.", "This is a fault of the program.")),
        Kind(
            "unavailable",
            503,
            Sentence("Die Datenbank kann zurzeit nicht antworten.", "The database cannot answer now."),
        ),
    )
}


class Said(BaseModel):
    """A text in both languages."""

    de: str = Field(examples=["Dazu ist hier berechtigt: Koordination."])
    en: str = Field(examples=["This is up to: Coordination."])


class BlockerModel(BaseModel):
    """One reason against it: what is missing or wrong, and who can remove it."""

    code: str = Field(description="Stays the same; programs may look at it.", examples=["role"])
    message: Said
    params: dict[str, Any] = Field(
        default={}, description="The facts of the sentence.", examples=[{"roles": ["coordinator"]}]
    )
    path: str | None = Field(None, description="Where in the request the fault lies.", examples=["data.title"])


class Current(BaseModel):
    """What there is by now."""

    number: str = Field(examples=["2026-0147"])
    state: str = Field(examples=["in_review"])
    revision: int = Field(examples=[18])


class ProblemModel(BaseModel):
    """Why a call was not answered as it was meant (RFC 9457)."""

    type: str = Field(description="The kind of problem: an address that explains it.", examples=["/api#refused"])
    title: str = Field(examples=["The rules stand against it now."])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["This is up to: Coordination."])
    instance: str = Field(description="What was asked for.", examples=["/api/v1/items/2026-0147/transitions"])
    blockers: list[BlockerModel] = Field(default=[], description="Every reason, not the first alone.")
    current: Current | None = Field(None, description="With 409 and 412: the item as it is now.")


class Problem(HTTPException):
    """A problem that is known before a room is asked. kind: a key of KINDS; detail: a Sentence where there is one."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        blockers: Iterable[BlockerModel] = (),
        current: Current | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = KINDS[kind]
        self.blockers = list(blockers)
        self.current = current
        super().__init__(self.kind.status, detail, dict(headers or {}))


def blocker_model(one: Blocker) -> BlockerModel:
    """A blocker as the API tells it."""
    params = {name: value for name, value in one.params.items() if name != "path"}
    path = one.params.get("path")
    return BlockerModel(
        code=one.code,
        message=Said(de=one.text.de, en=one.text.en),
        params=params,
        path=str(path) if path is not None else None,
    )


def wrong_filter(name: str, value: str, known: Iterable[str]) -> Problem:
    """The problem of a filter that nothing can have, with the values that something can."""
    allowed = sorted(known)
    said = blocker(
        "unknown_filter_value",
        "„{value}“ gibt es für „{filter}“ nicht. Möglich: {known}.",
        "There is no {filter} “{value}”. Possible: {known}.",
        filter=name,
        value=value,
        known=allowed,
        path=name,
    )
    near = nearest(value, allowed)
    detail = Sentence(f"{said.text.de} {near.de}", f"{said.message} {near}")
    return Problem("wrong_filter", detail, blockers=[blocker_model(said)])


def problem_of(error: Exception) -> Problem:
    """The problem that tells of `error`."""
    match error:
        case Problem():
            return error
        case AnyHTTPException():
            kind = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status_code, "bad_request")
            return Problem(kind, KINDS[kind].title, headers=error.headers)
        case Refused():
            return _refused(error)
        case UnknownName():
            return Problem("invalid", no_such(error.what, error.name))
        case Conflict():
            return Problem("conflict", error.message, current=current_of(error.current))
        case NotFound():
            return Problem("not_found", no_such(error.what, error.name))
        case BadInput():
            return Problem("invalid", without_commands(error))
        case TooManySteps():
            return Problem("refused", str(error))
        case StorageError():
            return Problem("unavailable", KINDS["unavailable"].title, headers={"Retry-After": RETRY_SECONDS})
    wrong = Sentence(
        "Was schiefging, steht im Protokoll des Programms.", "What went wrong is in the log of the program."
    )
    return Problem("fault", wrong)


def no_such(what: str, name: str) -> Sentence:
    """The sentence about something that there is not."""
    return Sentence(f"„{name}“ gibt es nicht.", f"There is no {what} {name!r}.")


def current_of(item: object) -> Current | None:
    """The state of an item that has changed meanwhile."""
    if not isinstance(item, ItemView):
        return None
    return Current(number=item.number, state=item.state, revision=item.revision)


def language_of(headers: Headers) -> str:
    """The language in which a call wants to be told of a problem; English, where it does not say."""
    return preferred(headers.get("accept-language", "")) or "en"


def response_of(problem: Problem, path: str, locale: str) -> Response:
    """The answer that tells of the problem, to a call of `path`: in `locale`, as far as there is a text in it."""
    told = ProblemModel(
        type=f"/api#{problem.kind.key}",
        title=in_locale(problem.kind.title, locale),
        status=problem.kind.status,
        detail=in_locale(problem.detail, locale),
        instance=path,
        blockers=problem.blockers,
        current=problem.current,
    )
    spoken = "en" if locale == "en" else locale if isinstance(problem.detail, Sentence) else f"{locale}, en"
    headers = {**(problem.headers or {}), "Content-Language": spoken, "Vary": "Accept-Language"}
    return JSONResponse(
        told.model_dump(mode="json"), problem.kind.status, headers, media_type="application/problem+json"
    )


async def answer(request: Request, error: Exception) -> Response:
    """The answer to a call that ended with `error`. What would be right the document of the API knows."""
    if isinstance(error, RequestValidationError):
        asked = _operations(request).get(request.method.lower(), {})
        known = [one["name"] for one in asked.get("parameters", ()) if one["in"] == "query"]
        problem = _unreadable(error, known)
    else:
        problem = problem_of(error)
    if problem.status_code == 405:
        allowed = [method.upper() for method in _operations(request)]
        problem.headers = {"Allow": ", ".join([*allowed, *(["HEAD"] if "GET" in allowed else [])])}
    return response_of(problem, request.url.path, language_of(request.headers))


def _operations(request: Request) -> Mapping[str, Any]:
    """What the document says can be asked of the address: method -> operation."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    for template, operations in request.app.openapi()["paths"].items():
        if compile_path(template)[0].match(path):
            return cast(Mapping[str, Any], operations)
    return {}


def _refused(error: Refused) -> Problem:
    blockers = [blocker_model(one) for one in error.blockers]
    detail = Sentence("\n".join(one.text.de for one in error.blockers), str(error))
    if isinstance(error, Invalid):
        return Problem("invalid", detail, blockers=blockers)
    kind = "forbidden" if any(one.code in RIGHTS for one in error.blockers) else "refused"
    return Problem(kind, detail, blockers=blockers)


def _unreadable(error: RequestValidationError, known: Sequence[str]) -> Problem:
    """Wrong in the address: there is no such thing. In the query or a header: 400. In the body: 422.

    known: the parameters that the query may have.
    """
    faults = [fault_of(one, known) for one in error.errors()]
    where = {str(one["loc"][0]) for one in error.errors()}
    kind = "not_found" if "path" in where else "invalid" if where <= {"body"} else "wrong_filter"
    german, english = (
        " ".join(f"{one.params['path']}: {one.in_locale(locale)}" for one in faults) for locale in ("de", "en")
    )
    return Problem(kind, Sentence(german, english), blockers=[blocker_model(one) for one in faults])


def without_commands(error: BadInput) -> str:
    """What is wrong, and what to do about it unless that is a command or an option of the command line."""
    told = {}
    for locale in ("de", "en"):
        remedy = in_locale(error.remedy or "", locale)
        told[locale] = error.in_locale(locale)
        if "ideenweg " in remedy or "--" in remedy:
            told[locale] = told[locale].removesuffix(remedy).rstrip()
    return Sentence(told["de"], told["en"]) if isinstance(error.message, Sentence) else told["en"]


HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    AnyHTTPException: answer,
    RequestValidationError: answer,
    WorkflowError: answer,
    UnknownName: answer,
}
