"""The statement behind the worklist: the first tasks of several stretches of the indexes of `task`, in one order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Integer,
    Select,
    Text,
    bindparam,
    false,
    literal,
    literal_column,
    select,
    true,
    tuple_,
    union_all,
)

from workflow.models import item, task

BEHIND = ("due_at", "item", "what", "key")
"""The order of the tasks, and where in it a stretch begins that does not with its first."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is read of an index, its values apart: tasks of a person (`own`), all or those `of_role`; or those of a role
    for a place, `claimed` or not.

    section: what its tasks are labelled with. waiting: for others to do them. behind: not from its first task on.
    """

    section: str
    waiting: bool
    own: bool = False
    of_role: bool = False
    claimed: bool = False
    behind: bool = False


@lru_cache(maxsize=256)
def statement(stretches: tuple[Stretch, ...]) -> Select[Any]:
    """The first `most` tasks of each stretch with their items; its values are parameters, numbered by its place.

    Kept, since putting it together takes longer than the database needs for its answer.
    """
    branches = (_branch(one, place).subquery() for place, one in enumerate(stretches))
    every = union_all(*(select(branch) for branch in branches)).subquery("every")
    return (
        select(every, item.c.title, item.c.lifecycle, item.c.version, item.c.state, item.c.revision)
        .join(item, item.c.number == every.c.item)
        .order_by(every.c.due_at, every.c.item, every.c.what, every.c.key, every.c.in_place_of)
    )


def _branch(one: Stretch, place: int) -> Select[Any]:
    def given(name: str) -> BindParameter[str]:
        return bindparam(f"{name}_{place}", type_=Text)

    order = (task.c.due_at, task.c.item, task.c.what, task.c.key)
    found = select(*task.c, literal(one.section).label("section"), given("in_place_of").label("in_place_of"))
    found = found.where(
        task.c.waiting == (true() if one.waiting else false()),
        task.c.due_at > given("from"),
        task.c.due_at <= given("to"),
    )
    if one.behind:
        found = found.where(task.c.due_at >= given("due_at"), tuple_(*order) > tuple_(*map(given, BEHIND)))
    if one.own:
        # Written out: the condition of the partial index has to be seen when the plan is made.
        found = found.where(task.c.person == given("person"), task.c.person != literal_column("''"))
    else:
        found = found.where(
            task.c.scope_kind == given("scope_kind"),
            task.c.scope == given("scope"),
            task.c.claimed == (true() if one.claimed else false()),
        )
    if one.of_role or not one.own:
        found = found.where(task.c.role == given("role"))
    return found.order_by(*order).limit(bindparam("most", type_=Integer))
