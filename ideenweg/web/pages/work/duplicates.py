"""What is like an item, for those who may merge it with another one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ideenweg.web.pages.work.opened import Opened
from states.roles import barred, grants_in
from workflow.queries import visible
from workflow.queries.alike import alike
from workflow.words import texts_of


@dataclass(frozen=True, slots=True)
class Like:
    """An item that is like this one. link: where the two are linked, which merging them begins with."""

    number: str
    title: str
    link: str


def likes(opened: Opened, connection: Connection) -> list[Like]:
    """What the item may have to be merged with; nothing for a visitor who could not do it now."""
    if not _merges(opened):
        return []
    sheet = opened.lifecycle.records[opened.lifecycle.sheet or "sheet"]
    data = next((one.data for one in opened.detail.records if one.kind == sheet.key), {})
    grants = grants_in(opened.lifecycle, opened.snapshot, opened.lifecycle.roles)
    within = visible.of_kind(opened.detail.programme, opened.lifecycle, opened.acting, grants)
    found = alike(connection, opened.lifecycle.key, texts_of(sheet, data), within=within, but=opened.number)
    linked = {one.number for one in opened.detail.ties}
    return [
        Like(one.number, one.title, opened.path("verknuepfungen", q=one.title))
        for one in found
        if one.number not in linked
    ]


def _merges(opened: Opened) -> bool:
    """Whether a step that the visitor may take waits for a link with another item of the same kind."""
    lifecycle, snapshot = opened.lifecycle, opened.snapshot
    kinds = {
        one.key for one in lifecycle.links.values()
        if lifecycle.key in one.to and not barred(lifecycle, snapshot, one.write)
    }  # fmt: skip
    return any(
        use.name == "linked" and use.params.get("link") in kinds and not barred(lifecycle, snapshot, move.roles)
        for move in lifecycle.leaving[snapshot.state]
        for use in move.guards
    )
