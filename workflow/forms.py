"""Writes what people fill in about an item: records with their versions, comments, support."""

from __future__ import annotations

import json
from dataclasses import replace

import rfc8785

from states.oddities import oddities
from states.records import RecordPlan
from states.snapshot import RecordFact, local_day
from workflow.events import Kind
from workflow.words import searchable
from workflow.work import Work


def write_record(work: Work, plan: RecordPlan, *, misfit: tuple[str, ...] = ()) -> int:
    """Write a planned record as the next version of its kind, key and visit; the seq of its event.

    misfit: codes of the blockers that stood against it, where a lenient import takes it in all the same.
    What is odd about it is gathered in `work`, and no reason to refuse it.
    """
    work.odd += oddities(plan, work.programme, local_day(work.now, work.programme))
    kind = plan.kind.key
    place = (kind, plan.key, plan.visit)
    before = next((one for one in work.snapshot.records if (one.kind, one.key, one.visit) == place), None)
    version = before.version + 1 if before else 1
    data = rfc8785.dumps(dict(plan.data)).decode()
    personal = rfc8785.dumps(dict(plan.personal)).decode() if plan.personal else None
    seq = work.event(
        Kind.RECORDED,
        details={"record": kind, "key": plan.key, "visit": plan.visit, "version": version, **marked(misfit)},
        held={"data": data} | ({"personal": personal} if personal else {}),
    )
    number = work.item.number
    if before:
        work.write(work.tx.sql.supersede_record, number, *place)
    work.write(
        work.tx.sql.insert_record,
        number, seq, *place, version, work.lifecycle.version, work.author, work.writer, data, personal, work.stamp,
        True,
    )  # fmt: skip
    fact = RecordFact(*place, version, work.author, {**plan.data, **plan.personal}, work.at, work.writer)
    others = (one for one in work.snapshot.records if one is not before)
    work.snapshot = replace(work.snapshot, records=(*others, fact))
    work.keep(plan.columns)
    if kind == work.lifecycle.sheet:
        said = (searchable(plan.kind, data) for data in (before.data if before else {}, fact.data))
        work.find_by(*said)
    return seq


def write_comment(work: Work, text: str, *, public: bool, misfit: tuple[str, ...] = ()) -> int:
    """Append a comment; the seq of its event. misfit: why it is no more than that, in a lenient import."""
    return work.event(Kind.COMMENTED, details={"public": public, **marked(misfit)}, texts={"text": text})


def marked(misfit: tuple[str, ...]) -> dict[str, list[str]]:
    """What the event of an imported step says of the rules it does not keep."""
    return {"misfit": list(misfit)} if misfit else {}


def write_support(work: Work) -> None:
    """Count the actor's support. No event of the item: only what it sets off is."""
    work.write(work.tx.sql.insert_support, work.item.number, work.snapshot.actor.id, work.stamp)
    work.snapshot = replace(work.snapshot, supports=(*work.snapshot.supports, work.at))


def canonical_text(data: object) -> str:
    """RFC 8785 text of JSON data of any kind, for comparing two requests."""
    return rfc8785.dumps(json.loads(json.dumps(data, default=str))).decode()
