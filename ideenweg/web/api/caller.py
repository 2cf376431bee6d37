"""Who calls, by the token that came with the request, and what they reach with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, cast
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from sqlalchemy import ColumnElement, Connection

from ideenweg.web.api.doors import Doors
from ideenweg.web.api.problems import Problem
from states.programme import Programme
from states.sentences import Sentence
from states.snapshot import local_day
from workflow.accounts import tokens
from workflow.accounts.tokens import Scope, Token
from workflow.commands import Command
from workflow.engine import Outcome
from workflow.errors import Busy
from workflow.models import item
from workflow.queries import visible
from workflow.queries.acting import standing
from workflow.repeats import once
from workflow.streams import Origin

PATIENCE = 0.5
"""Seconds that noting a use may wait for other writers; the next call notes it as well."""

BEARER = HTTPBearer(
    scheme_name="token",
    description="A token, as `ideenweg token add EMAIL --scope …` makes one. It acts in the name of its person, with "
    "their rights of the day. Scopes: `read`, `write` (includes `read`), `audit` and `admin` (for administrators), "
    "`metrics`.",
    auto_error=False,
)

NO_TOKEN = Sentence("Dazu braucht es ein Token.", "This needs a token.")

ADMINISTRATORS = frozenset({Scope.AUDIT, Scope.ADMIN})
"""The scopes that count only for whoever administers on the day of the call."""


@dataclass(frozen=True)
class Caller:
    """A call: whose token it came with (None: anybody's), and when."""

    doors: Doors
    token: Token | None
    now: datetime

    @property
    def person(self) -> str:
        """The pseudonymous id of whose token it is. Asked for only where one is needed."""
        assert self.token is not None
        return self.token.person

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times are told."""
        return self.programme.zone

    @property
    def programme(self) -> Programme:
        return self.doors.workflow.rules.programme

    @property
    def today(self) -> date:
        """The day on which the rights are judged."""
        return local_day(self.now, self.programme)

    @property
    def origin(self) -> Origin:
        """Who writes the events of what is no command."""
        return Origin(self.person, "api")

    def reading(self) -> AbstractContextManager[Connection]:
        """One reading transaction."""
        return self.doors.workflow.database.reading()

    def execute(self, command: Command) -> Outcome:
        """What the engine says to the command."""
        return self.doors.engine.execute(command, now=self.now)

    def once(self, key: str | None, request: Mapping[str, Any], work: Callable[[Connection], str]) -> str:
        """What `work` gives in a writing transaction, or gave when this request came under this Idempotency-Key
        before. Raises Invalid for another request under it."""

        def run(connection: Connection) -> str:
            return once(connection, self.person, key, request, self.now, lambda: work(connection))

        return self.doors.workflow.database.attempt(run)

    def sees(self, connection: Connection) -> ColumnElement[bool]:
        """The condition on items that lets through what the caller may see."""
        if self.token is None:
            return cast(ColumnElement[bool], item.c.released)
        return visible.to_person(connection, self.doors.workflow.rules, self.person, self.today)

    def at(self, moment: datetime | str) -> datetime:
        """A moment, or the text of one as the tables have it, in the programme's zone."""
        aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return aware.astimezone(self.zone)


def caller_of(
    request: Request,
    needed: SecurityScopes,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
) -> Caller:
    """Who calls. Raises Problem 401 without a good token where one is needed, 403 where it is not good for this."""
    doors = cast(Doors, request.app.state.doors)
    now = doors.now()
    scopes = [Scope(one) for one in needed.scopes]
    if "authorization" not in request.headers:
        _slow_down(doors.throttle.wait_from(_address(request)))
        if scopes:
            raise unauthenticated(NO_TOKEN)
        return Caller(doors, None, now)
    database = doors.workflow.database
    with database.reading() as connection:
        token = tokens.find(connection, given.credentials, now) if given else None
        if token is None:
            _slow_down(doors.throttle.wait_from(_address(request)))
            raise unauthenticated(
                Sentence(
                    "Dieses Token ist unbekannt, widerrufen oder abgelaufen.",
                    "This token is not known, was revoked or has ended.",
                ),
                error="invalid_token",
            )
        _slow_down(doors.throttle.wait_with_token(token.id))
        for scope in scopes or [Scope.READ]:
            if not token.allows(scope):
                raise _forbidden(
                    Sentence(f"Dieses Token gilt nicht für {scope}.", f"This token is not good for {scope}."), scope
                )
        caller = Caller(doors, token, now)
        if not ADMINISTRATORS.isdisjoint(scopes):
            roles = standing(connection, token.person, caller.today).roles
            if roles.isdisjoint(caller.programme.administration):
                raise _forbidden(Sentence("Das ist der Administration vorbehalten.", "This is up to administrators."))
    if tokens.unnoted(token, now):
        with suppress(Busy):
            database.attempt(lambda connection: tokens.note(connection, token, now), patience=PATIENCE)
    return caller


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _slow_down(seconds: int) -> None:
    """Raises Problem where a call has to wait."""
    if seconds:
        detail = Sentence(
            f"Zu viele Aufrufe in kurzer Zeit. Versuchen Sie es in {seconds} Sekunden wieder.",
            f"Too many calls in a short time. Try again in {seconds} seconds.",
        )
        raise Problem("too_many_requests", detail, headers={"Retry-After": str(seconds)})


def unauthenticated(detail: Sentence, *, error: str | None = None) -> Problem:
    """The problem of a call without a good token (RFC 6750 §3)."""
    challenge = 'Bearer realm="ideenweg"' + (f', error="{error}"' if error else "")
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def _forbidden(detail: Sentence, scope: Scope | None = None) -> Problem:
    if scope is None:
        return Problem("forbidden", detail)
    challenge = f'Bearer realm="ideenweg", error="insufficient_scope", scope="{scope}"'
    return Problem("forbidden", detail, headers={"WWW-Authenticate": challenge})


Anybody = Annotated[Caller, Security(caller_of)]
Reader = Annotated[Caller, Security(caller_of, scopes=[Scope.READ.value])]
Writer = Annotated[Caller, Security(caller_of, scopes=[Scope.WRITE.value])]
Auditor = Annotated[Caller, Security(caller_of, scopes=[Scope.AUDIT.value])]
Administrator = Annotated[Caller, Security(caller_of, scopes=[Scope.ADMIN.value])]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Your own id of this request, for example a UUID. Sent again under the same id, it happens once "
        "and gives the same answer; another request under it is a problem 422.",
        examples=["7f1c09a7-d2e8-4b36-9a5e-0f3a5b7c9d1e"],
    ),
]
