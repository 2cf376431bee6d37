"""/lifecycles/{key}/differences and …/migrations: what another version changes, and running items that go on by it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from ideenweg.web.api.caller import Administrator, Anybody
from ideenweg.web.api.many import HeldItem
from ideenweg.web.api.problems import Problem, blocker_model
from ideenweg.web.api.rules import Key
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import ChangeDocument, Document, Sent, Whole
from states.differences import differences
from states.errors import FileFault
from workflow.migrating import migration_to
from workflow.transaction import Transaction

router = APIRouter(prefix="/lifecycles/{key}", tags=["rules"], route_class=StrictRoute)

LARGEST_VERSION = 1_000_000
Version = Annotated[Whole, Field(ge=1, le=LARGEST_VERSION)]


class Versions(BaseModel):
    """Which two."""

    model_config = ConfigDict(extra="forbid")

    before: Version = Field(description="A stored version.", examples=[1])
    after: Version = Field(description="Another one.", examples=[1])


class DifferenceDocument(Document):
    """An entry of the lifecycle that is not the same in both versions."""

    section: str = Field(examples=["transitions"])
    key: str = Field(examples=["close"])
    what: str = Field(description="added, removed or changed.", examples=["changed"])
    changes: list[ChangeDocument]


class Differences(Document):
    """All that differs, in the order of a file."""

    differences: list[DifferenceDocument]


class NewMigration(Sent):
    """Which version running items go on by."""

    to: int = Field(ge=1, le=LARGEST_VERSION, description="A stored version.", examples=[2])
    map: dict[str, Any] | None = Field(
        None, description="What becomes of states that the version lacks: docs/lifecycle-files.md.",
        examples=[{"states": {"in_review": "expert_review"}}],
    )  # fmt: skip
    preview: bool = Field(False, description="Tell what would happen, and change nothing.")


class MovedItems(Document):
    """Items of one state."""

    version: int = Field(examples=[1])
    source: str = Field(alias="from", examples=["in_review"])
    to: str = Field(examples=["expert_review"])
    items: int = Field(examples=[17])


class LeftItem(HeldItem):
    """An item that stays under its version, and every reason why."""

    version: int = Field(examples=[1])
    state: str = Field(examples=["in_review"])


class MigrationDocument(Document):
    """What was moved, or (a preview) would be."""

    moved: list[MovedItems]
    left: list[LeftItem]
    records: dict[str, int] = Field(
        description="Kind whose form differs -> records that stay as they were written.", examples=[{"sheet": 17}]
    )
    deadlines: dict[str, dict[str, int]] = Field(
        description="Rule -> how many of it are kept, closed, opened.", examples=[{"review": {"kept": 17}}]
    )


@router.get("/differences", summary="Compare two versions of a lifecycle")
def read_differences(caller: Anybody, key: Key, asked: Annotated[Versions, Query()]) -> Differences:
    """What is added, removed and changed on the way from one stored version to another, entry by entry."""
    rules = caller.doors.workflow.rules
    with caller.reading() as connection:
        tx = Transaction(connection)
        old, new = (rules.lifecycle(tx, key, one) for one in (asked.before, asked.after))
    return Differences(
        differences=[
            DifferenceDocument(
                section=one.section, key=one.key, what=one.what,
                changes=[ChangeDocument.of(two) for two in one.changes],
            )
            for one in differences(old, new)
        ]
    )  # fmt: skip


@router.post("/migrations", summary="Move running items to another version")
def migrate_items(caller: Administrator, key: Key, sent: NewMigration) -> MigrationDocument:
    """Every item of an earlier version goes on under this one, its visit and what is left of its deadlines kept; what
    cannot be moved stays, with the reason. Look with `preview` first. It takes its time with many items: a call that
    was cut off is sent again, and goes on where it stopped. With nothing to move it says so (422)."""
    app = caller.doors.workflow
    text = json.dumps(sent.map) if sent.map else None  # JSON is YAML
    try:
        migration = migration_to(app.database, app.rules, key, sent.to, text, "map", caller.origin)
    except FileFault as error:
        raise Problem("invalid", str(error)) from None
    done = migration.run(caller.now, dry_run=sent.preview)
    return MigrationDocument(
        moved=[
            MovedItems.model_validate({"version": old, "from": source, "to": target, "items": items})
            for (old, source, target), items in sorted(done.moved.items())
        ],
        left=[
            LeftItem(
                number=one.number, version=one.version, state=one.state,
                blockers=[blocker_model(two) for two in one.blockers],
            )
            for one in done.left
        ],
        records=dict(sorted(done.records.items())),
        deadlines={rule: dict(counts) for rule, counts in sorted(done.deadlines.items())},
    )  # fmt: skip
