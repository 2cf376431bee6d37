"""What is odd about a record and no reason to refuse it: whoever wrote it is told, and it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from states.blockers import Blocker, blocker
from states.programme import Programme
from states.records import RecordPlan
from states.wording import german_day


def oddities(plan: RecordPlan, programme: Programme, today: date) -> Iterator[Blocker]:
    """More votes than the record's body has members; days of something that `happened` which are still to come.

    Only fields that name nobody are looked at: what is said here is kept with the result of the command.
    """
    yield from _votes(plan, programme)
    for name, field in plan.kind.fields.items():
        said = str(plan.data.get(name) or "") if field.happened else ""
        if said[:10] > today.isoformat()[: len(said[:10])]:  # of a month or a year, that alone
            yield blocker(
                "date_ahead",
                "„{field}“ liegt in der Zukunft: {date_de}.",
                "“{field}” lies ahead: {date}.",
                field=field.label,
                date=said,
                date_de=german_day(said),
                path=name,
            )


def _votes(plan: RecordPlan, programme: Programme) -> Iterator[Blocker]:
    body = programme.bodies.get(plan.key) if plan.kind.votes else None
    cast = sum(plan.data.get(name) or 0 for name in plan.kind.votes)
    if body is not None and body.size is not None and cast > body.size:
        yield blocker(
            "votes_exceed_body",
            "Es sind {cast} Stimmen eingetragen; {body} hat {size} Mitglieder.",
            "There are {cast} votes; {body} has {size} members.",
            cast=cast,
            body=body.label,
            size=body.size,
        )
