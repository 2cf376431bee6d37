"""Guards over what several people judge alike: do their scores lie close enough to go on?"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from states import wording
from states.blockers import Blocker, blocker
from states.guards.base import NUMBER, Guard, Question, Wake, name_of, names_of, parameters, wakes
from states.snapshot import Needs
from states.visits import counting


def _scores_close(question: Question) -> Iterator[Blocker]:
    params, lifecycle, kind = question.params, question.lifecycle, question.params["record"]
    facts = counting(lifecycle.records[kind], question.snapshot)
    scores = [fmean(fact.data.get(field, 0) for field in params["fields"]) for fact in facts]
    minimum = params.get("minimum", 3)
    # A hair's breadth, so that 4.2 and 2.7 are 1.5 apart and no more, whatever binary fractions make of them.
    if len(scores) >= minimum or not scores or max(scores) - min(scores) <= params["apart"] + 1e-9:
        return
    yield blocker(
        "scores_apart",
        "{label}: Die Urteile liegen um mehr als {apart_de} Punkte auseinander; nötig sind {minimum}, es gibt {there}. "
        "Eintragen kann das: {who}.",
        "{label}: the judgements are more than {apart} points apart; {minimum} are needed, there are {there}. "
        "It can be entered by: {who}.",
        label=wording.label(lifecycle, kind),
        apart=params["apart"],
        apart_de=str(params["apart"]).replace(".", ","),
        minimum=minimum,
        there=len(scores),
        who=wording.writers(lifecycle, kind, question.snapshot.state),
        record=kind,
    )


SCORES = (
    Guard(
        "scores_close",
        "The records of several people do not differ by more than so many points, or there are enough of them.",
        parameters(
            ("record", "fields", "apart"),
            record=name_of("record"),
            fields=names_of("field", **{"x-type": "integer"}),
            apart={"type": "number", "exclusiveMinimum": 0},
            minimum=NUMBER,
        ),
        lambda params: Needs(records=frozenset({params["record"]})),
        wakes(Wake.RECORD),
        _scores_close,
    ),
)
