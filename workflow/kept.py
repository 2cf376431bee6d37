"""What is kept of an item so that search and worklists are quick: held against what follows from it, and written anew.

Words, their text and tasks say nothing that the item's records, assignments and deadlines do not say. They are no part
of the history; one that is wrong hides an item from search, or from whoever has to act on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Delete, Row, Select, Table, delete, exists, func, insert, select, text

from states import tasks
from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import Column
from states.snapshot import SYSTEM, AssignmentFact, Person, RecordFact, Snapshot
from workflow.chains import Findings
from workflow.db import Database
from workflow.events import moment
from workflow.facts import load
from workflow.models import item, item_text, item_word, record, task
from workflow.numbers import ordinal_of
from workflow.progress import Progress, silent
from workflow.replay import ItemReplay, LifecycleOf
from workflow.rules import Rules
from workflow.tasks import Standing, row_of, task_statements
from workflow.transaction import Transaction
from workflow.words import searchable, with_parts

TABLES = (item_word.name, item_text.name, task.name)
"""What a finding about what is kept names; `rebuild` mends it."""

AT_A_TIME = 100
"""Items that are written anew in one transaction."""

Narrowed = TypeVar("Narrowed", Select[Any], Delete)
ProgrammeOf = Callable[[str | None, int | None], Programme | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """Of one item: the words it is found by, those it is compared with others by, and the rows of its tasks.

    alike: the same words with parts of the long ones, which follow from them and are not looked at.
    """

    words: frozenset[str]
    alike: frozenset[str]
    tasks: frozenset[tuple[Any, ...]]

    def differs(self, there: Kept) -> Iterator[tuple[str, list[str], list[str]]]:
        """Table, what is missing `there` and what is too much, where this is what there has to be."""
        for table, wanted, found in (
            (item_word.name, self.words, there.words),
            (item_text.name, self.alike, there.alike & self.alike),
            (task.name, self.tasks, there.tasks),
        ):
            if wanted != found:
                yield table, _shown(wanted - found), _shown(found - wanted)


def stored(connection: Connection, numbers: Sequence[str]) -> dict[str, Kept]:
    """What is kept of these items."""
    by_ordinal = {ordinal_of(number): number for number in numbers}
    said = func.aggregate_strings(item_word.c.word, " ").label("words")
    words = select(item_word.c.ordinal, said).where(item_word.c.ordinal.in_(by_ordinal)).group_by(item_word.c.ordinal)
    of_word = {row.ordinal: row.words for row in connection.execute(words)}
    texts = select(item_text).where(item_text.c.ordinal.in_(by_ordinal))
    of_text = {row.ordinal: row.words for row in connection.execute(texts)}
    rows: dict[str, set[tuple[Any, ...]]] = {}
    for row in connection.execute(select(task).where(task.c.item.in_(numbers))):
        rows.setdefault(row.item, set()).add(tuple(row))
    return {
        number: Kept(
            frozenset(of_word.get(ordinal, "").split()),
            frozenset(of_text.get(ordinal, "").split()),
            frozenset(rows.get(number, ())),
        )
        for ordinal, number in by_ordinal.items()
    }


def compare(
    connection: Connection, replays: Iterable[ItemReplay], programme_of: ProgrammeOf, findings: Findings
) -> None:
    """Note what is kept of items and does not follow from their events; `ideenweg db rebuild` mends it.

    Of an item whose lifecycle, programme or cities cannot be told nothing is compared.
    """
    told = {one.number: one for one in replays}
    there = stored(connection, list(told))
    for number, replay in told.items():
        if (due := _following(replay, programme_of)) is None:
            continue
        for table, missing, extra in due.differs(there[number]):
            findings.add(replay.stream, None, table, missing or None, extra or None)


def strays(connection: Connection, findings: Findings) -> None:
    """Note words of no item."""
    for table in (item_word, item_text):
        for ordinal in connection.scalars(_of_no_item(select(table.c.ordinal).distinct(), table)):
            findings.add("system", None, table.name, None, f"words of an item with the ordinal {ordinal}")


def rebuild(database: Database, rules: Rules, now: datetime, progress: Progress = silent) -> list[str]:
    """Write anew what is kept of every item, and the full-text index; the numbers of those that were mended."""
    with database.reading() as connection:
        numbers = list(connection.scalars(select(item.c.number).order_by(item.c.ordinal)))
    mended: list[str] = []
    for start in range(0, len(numbers), AT_A_TIME):
        some = numbers[start : start + AT_A_TIME]
        mended += database.attempt(partial(_mend, rules=rules, numbers=some, now=now))
        progress("items", start + len(some), len(numbers))
    database.attempt(_index)
    return mended


def _following(replay: ItemReplay, programme_of: ProgrammeOf) -> Kept | None:
    """What is to be kept of an item as its events tell it; None where that cannot be told."""
    about, rows = replay.item, list(replay.records.values())
    lifecycle = replay.lifecycle_of(about["lifecycle"], about["version"])
    programme = programme_of(about["programme"], about["programme_version"])
    if lifecycle is None or programme is None or Column.CITIES in replay.unknown:
        return None
    cities = replay.columns.get(Column.CITIES) or ()
    snapshot = Snapshot(
        number=replay.number,
        state=about["state"],
        visit=about["visit"],
        revision=0,
        entered_at=moment(about["entered_at"]),
        actor=Person(SYSTEM),
        cities=tuple(one for one in ([cities] if isinstance(cities, str) else cities) if one in programme.cities),
        records=tuple(_fact(row) for row in rows),
        assignments=tuple(
            AssignmentFact(role, person, replay.assignments.rows[seq].unit)
            for (role, person), seq in replay.assignments.open.items()
        ),
        programme=programme,
    )
    clocks = [(one["rule"], one["key"], one["date"], None, one["status"]) for one in replay.deadlines.values()]
    sheets = [row for row in rows if row.kind == lifecycle.sheet]
    words = _found_by(lifecycle, sheets, replay.lifecycle_of)
    return Kept(words, words, _rows(Standing(lifecycle, snapshot, clocks)))


def _found_by(lifecycle: Lifecycle, sheets: Iterable[Row[Any]], lifecycle_of: LifecycleOf) -> frozenset[str]:
    """The words of an item's sheet, by the rules of the version under which it was written."""
    words: set[str] = set()
    for row in sheets:
        written = lifecycle_of(lifecycle.key, row.lifecycle_version) or lifecycle
        if row.kind in written.records:
            words.update(searchable(written.records[row.kind], json.loads(row.data)))
    return frozenset(words)


def _rows(standing: Standing) -> frozenset[tuple[Any, ...]]:
    return frozenset(row_of(standing.snapshot.number, one, standing) for one in standing.tasks)


def _fact(row: Row[Any]) -> RecordFact:
    data = json.loads(row.data) | (json.loads(row.personal) if row.personal else {})
    return RecordFact(row.kind, row.key, row.visit, row.version, row.author, data, moment(row.at), row.writer)


def _shown(rows: Iterable[Any]) -> list[Any]:
    """Words, or of tasks whose they are and what is to be done."""
    return sorted(one if isinstance(one, str) else " ".join(str(part) for part in one[1:8] if part) for one in rows)


def _mend(connection: Connection, *, rules: Rules, numbers: Sequence[str], now: datetime) -> list[str]:
    tx, there, mended = Transaction(connection), stored(connection, numbers), []
    lifecycle_of = partial(rules.lifecycle, tx)
    sheets: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(select(record).where(record.c.item.in_(numbers), record.c.latest)):
        sheets.setdefault(row.item, []).append(row)
    for number in numbers:
        facts = load(
            tx, rules, number=number, actor=SYSTEM, on_behalf_of=None, command_id=None,
            needs_of=lambda lifecycle, state: tasks.needs(lifecycle), now=now, lock=True,
        )  # fmt: skip
        own = [row for row in sheets.get(number, ()) if row.kind == facts.lifecycle.sheet]
        words = _found_by(facts.lifecycle, own, lifecycle_of)
        due = Kept(words, words, _rows(Standing(facts.lifecycle, facts.snapshot, facts.deadlines)))
        if any(due.differs(there[number])):
            _write(connection, tx, number, due)
            mended.append(number)
    return mended


def _write(connection: Connection, tx: Transaction, number: str, due: Kept) -> None:
    gone, made = task_statements(tx.dialect)
    tx.write(gone, (number,))
    for row in due.tasks:
        tx.write(made, row)
    tx.flush()
    ordinal = ordinal_of(number)
    for table in (item_word, item_text):
        connection.execute(delete(table).where(table.c.ordinal == ordinal))
    if due.words:
        connection.execute(insert(item_word), [{"ordinal": ordinal, "word": word} for word in sorted(due.words)])
        connection.execute(insert(item_text), [{"ordinal": ordinal, "words": with_parts(sorted(due.words))}])


def _index(connection: Connection) -> None:
    """Drop words of no item. SQLite's full-text index is kept by whoever writes, so it is made anew."""
    for table in (item_word, item_text):
        connection.execute(_of_no_item(delete(table), table))
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO item_text_index (item_text_index) VALUES ('rebuild')"))


def _of_no_item(statement: Narrowed, table: Table) -> Narrowed:
    return statement.where(~exists().where(item.c.ordinal == table.c.ordinal))
