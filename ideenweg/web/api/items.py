"""/items: find items, read one with all the caller may see of it, make new ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from ideenweg.web.api import item_documents as documents
from ideenweg.web.api import shown
from ideenweg.web.api.caller import Anybody, Caller, IdempotencyKey, Writer, unauthenticated
from ideenweg.web.api.changes import carry_out
from ideenweg.web.api.item_requests import NewItem
from ideenweg.web.api.problems import Problem, without_commands, wrong_filter
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, Flag, Number, PageQuery
from states.lifecycle import Lifecycle
from states.sentences import Sentence
from workflow import commands
from workflow.errors import BadInput, NotFound
from workflow.queries import detail, public
from workflow.queries.items import ItemFilter, list_items
from workflow.queries.roles import newest
from workflow.transaction import Transaction

router = APIRouter(prefix="/items", tags=["items"], route_class=StrictRoute)

Key = Annotated[str | None, Field(pattern=NAME)]


class ItemQuery(PageQuery):
    """The filters of the list; all can be combined."""

    lifecycle: Key = Field(None, description="The kind of item.", examples=["idea-to-project"])
    state: Key = Field(None, examples=["in_review"])
    stage: Key = Field(None, examples=["review"])
    field: Key = Field(None, description="A field of action.", examples=["smart-mobility"])
    city: Key = Field(None, description="A city of the programme, or unknown.", examples=["dortmund"])
    provenance: Key = None
    funding: Key = None
    overdue: Flag = Field(False, description="Only those with a deadline that has run out. Needs a token.")
    q: str | None = Field(
        None, max_length=200, description="Each word of it begins a word of the title or of the public texts."
    )
    cursor: str | None = Field(None, min_length=1, max_length=400, description="Goes on behind a page: its `next`.")


@router.get("", summary="Find items")
def find_items(
    caller: Anybody, request: Request, response: Response, asked: Annotated[ItemQuery, Query()]
) -> documents.Items:
    """Lists items, the newest first: without a token the released ones, with one all that its person may see."""
    if asked.overdue and caller.token is None:
        raise unauthenticated(
            Sentence(
                "Was überfällig ist, ist nicht öffentlich: Dieser Filter braucht ein Token.",
                "What is overdue is not public: this filter needs a token.",
            )
        )
    rules = caller.doors.workflow.rules
    with caller.reading() as connection:
        stored = newest(connection, rules)
        _check(asked, stored, caller)
        filters = ItemFilter(
            lifecycle=asked.lifecycle,
            state=asked.state,
            stage=asked.stage,
            field=asked.field,
            city=asked.city,
            provenance=asked.provenance,
            funding=asked.funding,
            text=asked.q,
            overdue_at=caller.now if asked.overdue else None,
            released=caller.token is None,
        )
        try:
            page = list_items(connection, filters, asked.limit, asked.cursor, within=caller.sees(connection))
        except BadInput as error:
            raise no_cursor(error) from None
        tx = Transaction(connection)
        lines = [shown.line(one, rules.lifecycle(tx, one.lifecycle, one.version), caller) for one in page.items]
    link_next(request, response, page.next)
    return documents.Items(items=lines, next=page.next)


@router.post("", status_code=201, summary="Hand in an item")
def create_item(
    caller: Writer,
    request: Request,
    response: Response,
    sent: NewItem,
    idempotency_key: IdempotencyKey = None,
) -> documents.Outcome:
    """Makes a new item in the initial state of its lifecycle. `data` fills its sheet.

    Send an Idempotency-Key: then a request that is repeated, because no answer came, makes no second item.
    """
    outcome = carry_out(
        caller,
        response,
        commands.Create(
            actor=caller.person,
            on_behalf_of=sent.on_behalf_of,
            command_id=idempotency_key,
            data=sent.data,
            lifecycle=sent.lifecycle,
        ),
    )
    response.headers["Location"] = f"{request.url.path}/{outcome.item.number}"
    return outcome


@router.get("/{number}", summary="Read an item")
def read_item(caller: Anybody, response: Response, number: Number) -> documents.Item:
    """One item: where it stands, its records and links; with a token also whose turn it is, what is due, who has which
    role. Fields that the caller may not see are left out of the records."""
    if caller.token is None:
        return shown.public_item(public_item(caller, number), caller)
    found = seen_item(caller, number)
    response.headers["ETag"] = f'"{found.item.revision}"'
    return shown.item(found, caller)


@router.get("/{number}/events", summary="Read the history of an item")
def item_events(
    caller: Anybody,
    request: Request,
    response: Response,
    number: Number,
    asked: Annotated[PageQuery, Query()],
) -> documents.History:
    """What happened with the item, in order: moves, public reasons and comments; with a token what its person may see.

    For proofs with hashes see `GET /events`.
    """
    if caller.token is None:
        found = public_item(caller, number)
        happened = [shown.public_step(one, caller) for one in found.steps]
    else:
        item = seen_item(caller, number)
        happened = [shown.happened(one, item, caller) for one in item.history]
    begin = position(asked.cursor)
    end = begin + asked.limit
    following = str(end) if end < len(happened) else None
    link_next(request, response, following)
    return documents.History(events=happened[begin:end], next=following)


def seen_item(caller: Caller, number: str) -> detail.Detail:
    """The item as the caller sees it. Raises NotFound."""
    with caller.reading() as connection:
        return detail.find(connection, caller.doors.workflow.rules, number, caller.person, caller.now, stand_in=True)


def public_item(caller: Caller, number: str) -> public.PublicItem:
    """The item as everybody sees it. Raises NotFound."""
    with caller.reading() as connection:
        found = public.find(connection, caller.doors.workflow.rules, number)
    if found is None:
        raise NotFound("item", number)
    return found


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Say in the Link header where the next page is (RFC 8288)."""
    if cursor is not None:
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        address = f"{request.url.path}?{urlencode([*query, ('cursor', cursor)])}"
        response.headers["Link"] = f'<{address}>; rel="next"'


def position(cursor: str | None) -> int:
    """The place in a short list that a cursor stands for. Raises Problem for one that is none."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise no_cursor(BadInput(f"{cursor!r} is no cursor."))
    return int(cursor)


def no_cursor(error: BadInput) -> Problem:
    """The problem of a cursor that no page gave."""
    return Problem("wrong_filter", without_commands(error))


def _check(asked: ItemQuery, stored: Mapping[str, Lifecycle], caller: Caller) -> None:
    """Raises Problem for a filter value that nothing can have."""
    one = stored.get(asked.lifecycle or "")
    meant = [one] if one else list(stored.values())
    programme = caller.programme
    choices: dict[Literal["lifecycle", "state", "stage", "field", "city", "provenance", "funding"], Iterable[str]] = {
        "lifecycle": stored,
        "state": {state for one in meant for state in one.states},
        "stage": {stage for one in meant for stage in one.stages},
        "field": programme.fields,
        "city": (*programme.cities, "unknown"),
        "provenance": programme.provenance,
        "funding": programme.funding,
    }
    for name, known in choices.items():
        value = getattr(asked, name)
        if value is not None and value not in known:
            raise wrong_filter(name, value, known)
