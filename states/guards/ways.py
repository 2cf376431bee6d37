"""Guards over other items and the item's own past, and the one that takes either of several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_

from states import wording
from states.blockers import Blocker, blocker
from states.guards.base import NUMBER, Guard, Params, Question, Wake, name_of, names_of, parameters, wakes
from states.lifecycle import GuardUse
from states.sentences import Text
from states.snapshot import Needs


def _linked(question: Question) -> Iterator[Blocker]:
    params, lifecycle = question.params, question.lifecycle
    link = lifecycle.links[params["link"]]
    outgoing, minimum = not params.get("incoming", False), params.get("minimum", 1)
    links = [one for one in question.snapshot.links if one.kind == link.key and one.outgoing is outgoing]
    states, tags = params.get("states"), params.get("tags")
    right = [
        one
        for one in links
        if (states is None or one.state in states) and (tags is None or not one.tags.isdisjoint(tags))
    ]
    if len(right) >= minimum:
        return
    said = {
        "link": link.key,
        "label": link.label if outgoing else link.inverse,
        "right": len(right),
        "minimum": minimum,
    }
    if len(links) < minimum:
        yield blocker(
            "link_missing",
            "Es fehlt die Verknüpfung „{label}“ ({right} von {minimum}). Eintragen kann sie: {who}.",
            "The link “{label}” is missing ({right} of {minimum}). It can be entered by: {who}.",
            who=wording.roles(lifecycle, link.write),
            **said,
        )
    else:
        others = [one.other for one in links if one not in right]
        yield blocker(
            "linked_item_not_ready",
            "„{label}“: {others} ist noch nicht so weit; nötig ist {wanted}. Das können die dort Zuständigen tun.",
            "“{label}”: {others} is not ready; needed is {wanted}. Those in charge there can do that.",
            others=others,
            wanted=wording.either(Text(one, one) for one in (*(states or ()), *(tags or ()))),
            **said,
        )


def _was_in(question: Question) -> Iterator[Blocker]:
    wanted = question.params["states"]
    if not any(step.target in wanted for step in question.snapshot.steps):
        yield blocker(
            "never_was_in",
            "Das geht nur, wenn der Vorgang schon einmal hier war: {states}.",
            "This is possible only if the item has been here before: {states}.",
            states=wording.states(question.lifecycle, wanted),
        )


def _any_of(question: Question) -> Iterator[Blocker]:
    against = []
    for use in question.params["guards"]:
        blockers = list(use.guard.judge(replace(question, params=use.params)))
        if not blockers:
            return
        against.append(blockers)
    yield alternatives(against)


def alternatives(against: Sequence[Sequence[Blocker]]) -> Blocker:
    """One blocker for several ways on, each with what stands against it: to clear one of them is enough."""
    de, en = (
        " ".join(
            f"({number}) {' '.join(one.text[locale] for one in blockers)}"
            for number, blockers in enumerate(against, start=1)
        )
        for locale in ("de", "en")
    )
    return blocker(
        "no_alternative",
        "Eines davon genügt: {ways}",
        "One of these is enough: {ways}",
        ways=Text(de, en),
        records=[one.params["record"] for blockers in against for one in blockers if "record" in one.params],
        codes=[[one.code for one in blockers] for blockers in against],
    )


def _uses(params: Params) -> Sequence[GuardUse]:
    uses: Sequence[GuardUse] = params["guards"]
    return uses


WAYS = (
    Guard(
        "linked",
        "The item is linked to so many others, in one of these states or with one of these tags.",
        parameters(
            ("link",),
            link=name_of("link"),
            states=names_of("linked state"),
            tags=names_of("linked tag"),
            incoming={"type": "boolean"},
            minimum=NUMBER,
        ),
        lambda params: Needs(links={params["link"]: frozenset()}),
        lambda params: frozenset({Wake.LINK, *({Wake.LINKED_ITEM} if "states" in params or "tags" in params else ())}),
        _linked,
    ),
    Guard(
        "was_in",
        "The item was in one of these states at some time.",
        parameters(("states",), states=names_of("state")),
        lambda params: Needs(steps=True),
        wakes(),
        _was_in,
    ),
    Guard(
        "any_of",
        "One of several guards holds.",
        parameters(("guards",), guards={"type": "array", "minItems": 2, "x-guards": True}),
        lambda params: reduce(or_, (use.guard.needs(use.params) for use in _uses(params)), Needs()),
        lambda params: frozenset().union(*(use.guard.wakes(use.params) for use in _uses(params))),
        _any_of,
    ),
)
