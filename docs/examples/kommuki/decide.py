"""Brings the youth motions of the Kommuki data set to the decisions that their committees and councils really took.

    python docs/examples/kommuki/decide.py kommuki_ideas.csv --database sqlite:///kommuki.db

The motions are imported, then every vote that the table knows is recorded by a command, as a recorder would do it. At
the end the outcomes in the database are counted and held against those of the table, which are counted without any of
the code here. Another run changes nothing: each command has an id of its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import func, select

from ideenweg import open_workflow
from ideenweg.wiring import App
from workflow import access
from workflow.commands import Advance, Command, Record
from workflow.errors import NotFound
from workflow.imports.files import read_table
from workflow.imports.ideas import import_ideas
from workflow.imports.keys import items_of
from workflow.imports.parsing import parse_mapping
from workflow.models import item, record
from workflow.streams import Origin

HERE = Path(__file__).parent
MAPPING = HERE.parent / "kommuki.map.yaml"
LIFECYCLE = HERE / "lifecycle.yaml"

RECORDER = "protokoll@kommuki.example"
COMMITTEE, COUNCIL = "im Ausschuss genehmigt", "im Rat genehmigt"

Counts = dict[str, Counter[str]]
"""What is counted (the committees' outcomes, the council's, the states) -> how many motions have which."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--database", default="sqlite:///kommuki.db")
    options = parser.parse_args()
    with open_workflow(options.database, config_dir=HERE, lifecycle=LIFECYCLE) as app:
        decide(app, options.table)
        found, wanted = counted(app), expected(options.table)
    for what, counts in wanted.items():
        print(what)
        for outcome, number in sorted(counts.items()):
            print(f"  {outcome or '(not known)':18}{number:5} in the table{found[what][outcome]:5} in the database")
    if found != wanted:
        sys.exit("The outcomes differ.")
    print(f"{sum(wanted['states'].values())} motions, every outcome as in the table")


def decide(app: App, path: Path) -> None:
    """Import the motions in the table at `path`, and record every vote that it knows."""
    now = datetime.now(UTC)
    _make_recorder_known(app, now)
    mapping = parse_mapping(MAPPING.read_text("utf-8"), str(MAPPING), history=False)
    import_ideas(app.database, app.rules, path, mapping, now=now)
    table = read_table(path)
    numbers = items_of(app.database, table, mapping)
    committees = {body.label.de: key for key, body in app.rules.programme.bodies.items()}
    for row in table.rows:
        for command in votes(row.cells, numbers[row.line], committees):
            app.engine.execute(command, now=now)


def votes(cells: Mapping[str, str], number: str, committees: Mapping[str, str]) -> Iterator[Command]:
    """The commands that bring a motion as far as its row in the table knows."""
    held = cells["Jahr"]
    if outcome := cells[COMMITTEE]:
        # Where several committees dealt with a motion, the table has one outcome for all of them.
        for name in dict.fromkeys(name.strip() for name in cells["Ausschuss"].split(",")):
            key = committees[name]
            yield Record(
                actor=RECORDER,
                item=number,
                kind="committee_vote",
                key=key,
                data={"outcome": outcome, "held": held},
                command_id=f"{number}/committee_vote/{key}",
            )
    if outcome := cells[COUNCIL]:
        if cells[COMMITTEE] != "ja":
            before = "take_up" if cells[COMMITTEE] else "skip_committees"
            yield Advance(actor=RECORDER, item=number, transition=before, command_id=f"{number}/{before}")
        yield Advance(
            actor=RECORDER,
            item=number,
            transition="council_votes",
            data={"outcome": outcome, "held": held},
            command_id=f"{number}/council_votes",
        )


def counted(app: App) -> Counts:
    """The outcomes as the database has them."""
    counts: Counts = {COMMITTEE: Counter(), COUNCIL: Counter(), "states": Counter()}
    with app.database.reading() as connection:
        for state, number in connection.execute(select(item.c.state, func.count()).group_by(item.c.state)):
            counts["states"][state] = number
        total = sum(counts["states"].values())
        for what, kind in ((COMMITTEE, "committee_vote"), (COUNCIL, "council_vote")):
            rows = connection.execute(
                select(record.c.item, record.c.data).where(record.c.kind == kind, record.c.latest)
            ).all()
            outcomes = {(number, json.loads(data)["outcome"]) for number, data in rows}
            counts[what].update(outcome for _, outcome in outcomes)
            counts[what][""] = total - len({number for number, _ in outcomes})
    return counts


def expected(path: Path) -> Counts:
    """The outcomes as the table has them, by the standard library alone."""
    counts: Counts = {COMMITTEE: Counter(), COUNCIL: Counter(), "states": Counter()}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            committee, council = row[COMMITTEE], row[COUNCIL]
            counts[COMMITTEE][committee] += 1
            counts[COUNCIL][council] += 1
            counts["states"][END[council] if council else HALFWAY[committee]] += 1
    return counts


END = {"ja": "adopted", "nein": "declined", "zurückgezogen": "withdrawn"}
"""What the council decided -> where the motion's way ends."""

HALFWAY = {
    "ja": "before_council",
    "nein": "not_recommended",
    "zurückgezogen": "withdrawn",
    "": "before_committee",
}
"""What the committees decided -> where a motion is that no council has decided on."""


def _make_recorder_known(app: App, now: datetime) -> None:
    with app.database.writing() as connection:
        try:
            access.find(connection, RECORDER)
        except NotFound:
            origin = Origin("operator", "api")
            role = app.rules.newest_of(app.database, "youth-motion").roles["recorder"]
            access.add(connection, RECORDER, "Protokoll", origin, now)
            access.grant(
                connection, RECORDER, role, None, app.rules.programme, origin, now, valid_from=date(2020, 1, 1)
            )


if __name__ == "__main__":
    main()
