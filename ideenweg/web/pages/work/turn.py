"""Whose turn it is on an item and what is the visitor's own next step, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ideenweg.web.pages.work.days import Days
from ideenweg.web.pages.work.opened import Opened
from ideenweg.web.values import VOICES
from states.record_kinds import Per, RecordKind
from states.roles import grants_in
from states.tasks import Act, Task, tasks
from workflow.clocks import declared


@dataclass(frozen=True, slots=True)
class Duty:
    """What somebody has to do: `who` and `what` in words, by when, how long there is or since when it is late."""

    who: str
    what: str
    due: str | None
    left: str
    late: bool


def open_tasks(opened: Opened) -> list[Task]:
    """What is to be done on the item now, the most urgent first; without those who wait for it."""
    clocks = {(one.rule, one.key): one.due for one in opened.detail.clocks if one.status == "running" and one.due}
    found = tasks(opened.lifecycle, opened.snapshot, clocks)
    return sorted((one for one in found if not one.waiting), key=lambda one: (one.urgency, one.role, one.holder))


def own(opened: Opened, task: Task) -> bool:
    """Whether the task is the visitor's, by a role that they may use here now."""
    if task.holder.person:
        return task.holder.person == opened.acting
    return any(
        grant.scope is None or (grant.scope_kind, grant.scope) == (task.holder.scope_kind, task.holder.scope)
        for grant in grants_in(opened.lifecycle, opened.snapshot, (task.role,))
    )


def duties(opened: Opened, found: list[Task]) -> list[Duty]:
    """Whose turn it is, each with what they have to do; who have the same to do share a line."""
    shared: dict[tuple[str, date | None], list[str]] = {}
    for task in found:
        names = shared.setdefault((what(opened, task), task.due), [])
        if (who := _who(opened, task)) not in names:
            names.append(who)
    days = Days(opened.site.workflow.rules, opened.say, opened.today)
    return [
        Duty(
            opened.say.listed(names),
            todo,
            opened.say.day(due) if due else None,
            days.left(due, opened.lifecycle) if due else "",
            due is not None and due < opened.today,
        )
        for (todo, due), names in shared.items()
    ]


def what(opened: Opened, task: Task) -> str:
    """The name of the step, of the form, or of the role that is to be given."""
    lifecycle = opened.lifecycle
    if task.act is Act.MOVE:
        return opened.text(lifecycle.transitions[task.what].label)
    if task.act is Act.ASSIGN:
        return opened.say("item_give_role", role=opened.text(lifecycle.roles[task.what].label))
    return _record(opened, lifecycle.records[task.what], task.key)


def clock_of(opened: Opened, rule: str, key: str) -> tuple[str, str]:
    """What a deadline is for and who is responsible for it; the first is "" where it is for leaving the state."""
    lifecycle = opened.lifecycle
    known = declared(lifecycle).get(rule)
    kind = lifecycle.records.get(known.until or "") if known else None
    role = lifecycle.roles.get(known.responsible or "") if known else None
    what = _record(opened, kind, key) if kind else ""
    return what, opened.text(role.label) if role else opened.say("item_somebody")


def _record(opened: Opened, kind: RecordKind, key: str) -> str:
    about = [opened.values.term(VOICES[kind.per], key)] if kind.per in VOICES and key else []
    return ": ".join([opened.text(kind.label), *about])


def _who(opened: Opened, task: Task) -> str:
    role = opened.lifecycle.roles.get(task.role)
    label = opened.text(role.label) if role else task.role
    more = list(_more(opened, task))
    return f"{label} ({', '.join(more)})" if more else label


def _more(opened: Opened, task: Task) -> Iterator[str]:
    holder = task.holder
    if holder.scope_kind and Per(holder.scope_kind) in VOICES:
        yield opened.values.term(VOICES[Per(holder.scope_kind)], holder.scope)
    if holder.person and opened.detail.view.knows(holder.person):
        yield opened.name(holder.person)
