"""/webhooks: other programs that are called with each notice. For administrators.

A program in a private network is set up on the command line alone (`--private`): whoever holds a token should not be
able to let this machine call its neighbours.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from ideenweg.web.api.caller import Administrator, Caller, IdempotencyKey
from ideenweg.web.api.items import link_next, no_cursor
from ideenweg.web.api.problems import Problem
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import Document, Page, Paging, Sent, Told
from notifications import outbox, webhooks
from notifications.outbox import OutboxFilter
from notifications.webhooks import OVERLAP, Hook
from states.sentences import Sentence
from workflow.errors import BadInput

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=StrictRoute)

Id = Annotated[
    str, Path(pattern=r"^w-[0-9a-f]{16}$", description="The id of a webhook.", examples=["w-5f1c09a7d2e84b36"])
]


class Webhook(Document):
    """A program that is called with each notice."""

    id: str = Field(examples=["w-5f1c09a7d2e84b36"])
    url: str = Field(examples=["https://portal.dortmund.example/ideenweg"])
    private: bool = Field(description="It may lie in a private network; set on the command line alone.")
    made_at: Told
    disabled_at: Told | None = Field(description="Null while it is called.", examples=[None])
    disabled_why: str | None = Field(examples=[None])


class Webhooks(Document):
    """All webhooks, the oldest first."""

    webhooks: list[Webhook]


class Opened(Webhook):
    """A webhook with its secret, which is shown now and not again."""

    secret: str = Field(
        description="What its calls are signed with, as Standard Webhooks has it.",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    )
    old_secret_until: Told | None = Field(description="After a rotation: until then the one before counts, too.")


class NewWebhook(Sent):
    """Where to call."""

    url: str = Field(
        min_length=1, max_length=2000, description="An https address.", examples=["https://portal.dortmund.example/in"]
    )


class Delivery(Document):
    """A call that was made, or will be."""

    id: str
    notice: str | None = Field(examples=["review_requested"])
    item: str | None = Field(examples=["2026-0147"])
    status: str = Field(description="waiting, sent, failed, left_out or held.", examples=["sent"])
    result: str | None = Field(description="What the last attempt came to.", examples=["200"])
    attempts: int = Field(examples=[1])
    made_at: Told
    done_at: Told | None
    next_at: Told | None = Field(description="Of one that waits: not before.")


class Deliveries(Page):
    """A page of calls, the newest first."""

    deliveries: list[Delivery]


@router.get("", summary="List the webhooks")
def list_webhooks(caller: Administrator) -> Webhooks:
    """All that are set up, also those that were switched off. Their secrets are not shown."""
    with caller.reading() as connection:
        found = webhooks.listed(connection, caller.doors.workflow.outgoing.keys)
    return Webhooks(webhooks=[Webhook(**_told(one, caller)) for one in found])


@router.post("", status_code=201, summary="Set up a webhook")
def add_webhook(
    caller: Administrator,
    request: Request,
    response: Response,
    sent: NewWebhook,
    idempotency_key: IdempotencyKey = None,
) -> Opened:
    """Sets up a program that is called with every notice from now on. Its secret is shown now and not again."""
    keys = _keys(caller)

    def work(connection: Connection) -> str:
        return webhooks.add(connection, sent.url, keys, caller.now).id

    key = caller.once(idempotency_key, {"webhook": sent.url}, work)
    response.headers["Location"] = f"{request.url.path}/{key}"
    with caller.reading() as connection:
        return _opened(webhooks.show(connection, key, keys), caller, rotated=False)


@router.post("/{key}/rotation", summary="Give a webhook a new secret")
def rotate_webhook(caller: Administrator, key: Id, idempotency_key: IdempotencyKey = None) -> Opened:
    """Gives it a new secret. For another day its calls are signed with the one before, too."""
    keys = _keys(caller)

    def work(connection: Connection) -> str:
        return webhooks.rotate(connection, key, keys, caller.now).id

    with caller.reading() as connection:
        webhooks.show(connection, key, keys)
    caller.once(idempotency_key, {"rotate": key}, work)
    with caller.reading() as connection:
        return _opened(webhooks.show(connection, key, keys), caller, rotated=True)


@router.delete("/{key}", summary="Remove a webhook")
def remove_webhook(caller: Administrator, key: Id) -> Webhook:
    """Calls it no more. It stays in the list, switched off, since what it was told refers to it."""
    why = f"removed by {caller.person}"
    database = caller.doors.workflow.database
    database.attempt(lambda connection: webhooks.disable(connection, key, caller.now, why))
    with caller.reading() as connection:
        found = webhooks.show(connection, key, caller.doors.workflow.outgoing.keys)
    return Webhook(**_told(found, caller))


@router.get("/{key}/deliveries", summary="See what a webhook was told")
def list_deliveries(caller: Administrator, request: Request, response: Response, key: Id, asked: Paging) -> Deliveries:
    """The calls of the webhook, the newest first, with what became of each."""
    with caller.reading() as connection:
        webhooks.show(connection, key, caller.doors.workflow.outgoing.keys)
        try:
            lines, following = outbox.listed(
                connection, OutboxFilter(recipient=key), limit=asked.limit, cursor=asked.cursor
            )
        except BadInput as error:
            raise no_cursor(error) from None
    link_next(request, response, following)
    return Deliveries(
        deliveries=[
            Delivery(
                id=one.id,
                notice=one.notice,
                item=one.item,
                status=one.status,
                result=one.result,
                attempts=one.attempts,
                made_at=caller.at(one.made_at),
                done_at=caller.at(one.done_at) if one.done_at else None,
                next_at=caller.at(one.next_at) if one.next_at else None,
            )
            for one in lines
        ],
        next=following,
    )


def _keys(caller: Caller) -> tuple[bytes, ...]:
    """What secrets are derived from. Raises Problem where the installation has no key."""
    keys = caller.doors.workflow.outgoing.keys
    if not keys:
        detail = Sentence(
            "Hier fehlt der Schlüssel, um Aufrufe zu signieren: IDEENWEG_SECRET_KEY ist nicht gesetzt.",
            "This installation has no key to sign calls with: IDEENWEG_SECRET_KEY is not set.",
        )
        raise Problem("refused", detail)
    return keys


def _opened(one: Hook, caller: Caller, *, rotated: bool) -> Opened:
    assert one.secret is not None
    until = caller.at(caller.now + OVERLAP) if rotated else None
    return Opened(**_told(one, caller), secret=one.secret, old_secret_until=until)


def _told(one: Hook, caller: Caller) -> dict[str, Any]:
    return {
        "id": one.id,
        "url": one.url,
        "private": one.private,
        "made_at": caller.at(one.made_at),
        "disabled_at": caller.at(one.disabled_at) if one.disabled_at else None,
        "disabled_why": one.disabled_why,
    }
