"""What stands against the moves that lead onwards, in words, each with the place where the visitor can remove it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ideenweg.web.pages.work.opened import Opened
from states import machine
from states.blockers import Blocker
from states.lifecycle import Fire, Role, Transition
from states.roles import barred
from states.snapshot import Request as Asked
from states.tasks import onward
from workflow.queries.detail import Next

ASKED_WITH_THE_STEP = ("reason_missing", "form_missing")


@dataclass(frozen=True, slots=True)
class Remedy:
    """Where the visitor can do something about it."""

    address: str
    label: str


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing: the sentence, which also says who can bring it."""

    text: str
    remedy: Remedy | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A move that leads onwards, and what it still takes. `step`: as the visitor would take it; None: by itself."""

    transition: Transition
    lacks: tuple[Lack, ...]
    step: Next | None

    @property
    def others(self) -> bool:
        """Whether it is up to others alone, so that the visitor need not read what it takes."""
        told = bool(self.step and self.step.plan and any(one.code == "role" for one in self.step.plan.blockers))
        return told and not any(one.remedy for one in self.lacks)


def ahead(opened: Opened) -> list[Ahead]:
    """The moves that lead onwards from here, by hand or by themselves."""
    lifecycle, snapshot = opened.lifecycle, opened.snapshot
    by_hand = {one.key for one in onward(lifecycle, snapshot.state)}
    steps = {one.transition.key: one for one in opened.detail.steps}
    found = []
    for move in lifecycle.leaving[snapshot.state]:
        if move.fire is Fire.AUTOMATIC:
            planned = machine.plan(lifecycle, snapshot, Asked(move.key, fire=Fire.AUTOMATIC), opened.now)
            found.append(Ahead(move, tuple(lacks(opened, planned.blockers)), None))
        elif move.key in by_hand and (step := steps.get(move.key)) and step.plan:
            found.append(Ahead(move, tuple(lacks(opened, beforehand(step), move.form)), step))
    return found


def lacks(opened: Opened, blockers: Iterable[Blocker], form: str | None = None) -> Iterator[Lack]:
    """The blockers in words, each with what the visitor can do about it; nothing about `form`, which is on the page."""
    for one in blockers:
        here = form is not None and one.params.get("record") == form
        yield Lack(one.in_locale(opened.say.locale), None if here else remedy(opened, one))


def remedy(opened: Opened, one: Blocker) -> Remedy | None:
    """What the visitor can do about a blocker: fill in a form, give a role, link another item."""
    kind = opened.lifecycle.records.get(str(one.params.get("record", "")))
    if kind is not None and opened.writes(kind):
        key = one.params.get("key")
        address = opened.path("eintrag", kind.key, key=key if isinstance(key, str) else None)
        return Remedy(address, opened.say("item_fill_in", form=opened.text(kind.label)))
    role = _role_meant(opened, one) if one.code in ("not_assigned", "conflicted_assignment") else None
    if role is not None and not barred(opened.lifecycle, opened.snapshot, role.assign):
        label = opened.say("item_give_role", role=opened.text(role.label))
        return Remedy(opened.path("beteiligte", role=role.key), label)
    if one.code in ("link_missing", "linked_item_not_ready") and _links(opened):
        return Remedy(opened.path("verknuepfungen"), opened.say("item_links_change"))
    return None


def beforehand(step: Next) -> tuple[Blocker, ...]:
    """What is missing apart from what is asked for together with the step."""
    assert step.plan is not None
    return tuple(
        one
        for one in step.plan.blockers
        if one.code not in ASKED_WITH_THE_STEP
        and not ("data" in step.asks and one.params.get("record") == step.transition.form)
    )


def _role_meant(opened: Opened, one: Blocker) -> Role | None:
    """The role that a blocker is about, which it names as people do."""
    called = one.params.get("role")
    return next(
        (
            role
            for role in opened.lifecycle.roles.values()
            if role.assign and called == {"de": role.label.de, "en": role.label.en}
        ),
        None,
    )


def _links(opened: Opened) -> bool:
    return any(not barred(opened.lifecycle, opened.snapshot, one.write) for one in opened.lifecycle.links.values())
