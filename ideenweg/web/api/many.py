"""/transitions: one transition on many items, looked at first or carried out, under one batch id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from ideenweg.answers import find, reasons
from ideenweg.web.api.caller import Caller, IdempotencyKey, Reader, Writer
from ideenweg.web.api.changes import must_see, nobody
from ideenweg.web.api.problems import BlockerModel, Problem, blocker_model
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import NAME, Document, InPlace
from states.sentences import Sentence
from workflow import bulk
from workflow.commands import Advance
from workflow.errors import Invalid, NotFound
from workflow.numbers import NUMBER

router = APIRouter(tags=["items"], route_class=StrictRoute)

MOST = 200
"""Items of one call."""

Numbers = Annotated[
    list[Annotated[str, Field(pattern=f"^{NUMBER.pattern}$")]],
    Field(min_length=1, max_length=MOST, examples=[["2026-0147", "2026-0148"]]),
]


class NewSteps(InPlace):
    """A transition on many items."""

    items: Numbers
    transition: str = Field(pattern=NAME, examples=["pool"])
    reason: str | None = Field(None, max_length=20_000, examples=["Beschluss vom 9. Juni"])
    answer: str | None = Field(
        None, max_length=100, description="In place of `reason`: one of `GET /answers`, filled in for each item.",
        examples=[None],
    )  # fmt: skip
    data: dict[str, Any] | None = Field(None, description="The record that the transition fills.")
    preview: bool = Field(False, description="Say what would happen, and change nothing.")
    whole: bool = Field(False, description="Move none of them where one cannot be moved.")


class AnswerDocument(Document):
    """A reason in the words of the city."""

    name: str = Field(examples=["de/already-there"])
    title: str = Field(examples=["Gibt es schon"])
    text: str = Field(examples=["„{title}“ ({number}) gibt es schon."])


class Answers(Document):
    """What was written beforehand; `{title}`, `{number}`, `{office}` and `{state}` are filled in for each item."""

    answers: list[AnswerDocument]


class HeldItem(Document):
    """An item that cannot be moved, and every reason why."""

    number: str = Field(examples=["2026-0148"])
    blockers: list[BlockerModel]


class Batch(Document):
    """What the call did, or would do. With `whole` and anything held, nothing is done."""

    batch: str | None = Field(
        description="Stands on every event, as the beginning of its `command_id`; null for a preview.",
        examples=["batch-5f1c09a7"],
    )
    allowed: list[str] = Field(description="The items that were moved, or could be.", examples=[["2026-0147"]])
    held: list[HeldItem]


@router.post("/transitions", summary="Fire a transition on many items")
def fire_transitions(caller: Writer, sent: NewSteps, idempotency_key: IdempotencyKey = None) -> Batch:
    """Moves the items on, or says with `preview` what stands against each. Nobody gets more than one mail of it."""
    numbers = list(dict.fromkeys(sent.items))
    why = _reasons(caller, sent, numbers)
    unseen = {number: error for number in numbers if (error := _unseen(caller, number, sent.on_behalf_of))}
    commands = [
        Advance(
            item=number, transition=sent.transition, reason=why.get(number), data=sent.data, actor=caller.person,
            on_behalf_of=sent.on_behalf_of,
        )
        for number in numbers
        if number not in unseen
    ]  # fmt: skip
    engine = caller.doors.engine
    if not commands:
        done = bulk.Bulk(idempotency_key or "", (), ())
    elif sent.preview or (sent.whole and unseen):
        done = bulk.preview(engine, commands, caller.now)
    else:
        done = bulk.carry_out(engine, commands, caller.now, whole=sent.whole, batch=idempotency_key)
    stopped = sent.whole and not sent.preview and bool(unseen)
    held = {one.item: one for one in done.held}
    return Batch(
        batch=None if sent.preview or stopped else done.batch or None,
        allowed=[] if stopped else list(done.allowed),
        held=[
            HeldItem(number=number, blockers=_blockers(held.get(number), unseen.get(number)))
            for number in numbers
            if number in held or number in unseen
        ],
    )


@router.get("/answers", summary="List the answers written beforehand")
def list_answers(caller: Reader) -> Answers:
    """Reasons that the installation keeps in its folder `answers`."""
    known = caller.doors.workflow.answers
    return Answers(answers=[AnswerDocument(name=one.name, title=one.title, text=one.text) for one in known.values()])


def _reasons(caller: Caller, sent: NewSteps, numbers: list[str]) -> Mapping[str, str | None]:
    """Item -> why. Raises Problem for two ways to say why, and for an answer that there is not."""
    if sent.answer is None:
        return dict.fromkeys(numbers, sent.reason)
    if sent.reason is not None:
        detail = Sentence(
            "`reason` und `answer` sind zwei Weisen, es zu begründen: Wählen Sie eine.",
            "`reason` and `answer` are two ways to say why: choose one.",
        )
        raise Problem("invalid", detail)
    workflow = caller.doors.workflow
    answer = find(workflow.answers, sent.answer)
    with caller.reading() as connection:
        return dict(reasons(connection, workflow.rules, answer, numbers))


def _unseen(caller: Caller, number: str, on_behalf_of: str | None) -> NotFound | None:
    """That there is no such item for the caller."""
    try:
        must_see(caller, number, on_behalf_of)
    except NotFound as error:
        return error
    return None


def _blockers(held: bulk.Held | None, unseen: NotFound | None) -> list[BlockerModel]:
    error = unseen or (held.error if held else None)
    if isinstance(error, NotFound):
        found: Invalid = nobody(error)
        return [blocker_model(one) for one in found.blockers]
    return [blocker_model(one) for one in held.blockers] if held else []
