"""Tables of ideas become items: all of them or none, once, with nothing lost in silence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from ideenweg.wiring import App
from workflow.commands import Advance, Create
from workflow.errors import BadInput, Conflict, NotFound, Refused
from workflow.imports.report import BadRows, Report
from workflow.imports.staging import Staging
from workflow.models import assignment, contact, counter, deadline, event, import_row, item, item_facet, outbox, record

Import = Callable[..., Report]

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
COORDINATOR = "koordination@dortmund.example"
DEPUTY = "vertretung@dortmund.example"

MAPPING = """
source: {name: workshop, key: [Nr]}
lifecycle: short
actor: koordination@dortmund.example
title: {columns: [Titel], empty: ["-"], fallback: "Idee {Nr}", max: 40}
fields:
  cities: {column: Stadt, split: ",", empty: ["-"]}
  contact: {column: Kontakt}
skip: [{when: {Stadt: [Bochum]}, because: Bochum macht nicht mit.}]
"""

TABLE = """Nr;Titel;Stadt;Kontakt
1;Bänke für Ältere;Dortmund;
2;-;Dortmund, Schwerte;Büro
3;Eine sehr lange Überschrift, die niemand in einer Liste lesen mag;Schwerte;
4;Trinkbrunnen;Bochum;
5;Straßenlaternen;-;
"""


def rows(app: App, *columns: Any, where: Any = None) -> list[tuple[Any, ...]]:
    query = select(*columns)
    with app.database.reading() as connection:
        return [tuple(row) for row in connection.execute(query if where is None else query.where(where))]


def everything(app: App) -> dict[str, list[tuple[Any, ...]]]:
    tables = (item, event, record, item_facet, import_row, contact)
    counted = rows(app, counter, where=counter.c.last > 0)
    return {table.name: rows(app, table) for table in tables} | {counter.name: counted}


def test_every_row_becomes_an_item_with_its_sheet(app: App, ideas: Import) -> None:
    report = ideas(TABLE, MAPPING)
    assert rows(app, item.c.number, item.c.title, item.c.state) == [
        ("2026-0001", "Bänke für Ältere", "draft"),
        ("2026-0002", "Idee 2", "draft"),
        ("2026-0003", "Eine sehr lange Überschrift, die…", "draft"),
        ("2026-0004", "Straßenlaternen", "draft"),
    ]
    cities = rows(app, item_facet.c.item, item_facet.c.value, where=item_facet.c.facet == "cities")
    assert sorted(cities) == [
        ("2026-0001", "dortmund"),
        ("2026-0002", "dortmund"),
        ("2026-0002", "schwerte"),
        ("2026-0003", "schwerte"),
    ]
    assert (report.rows, report.items, report.numbers) == (5, 4, ("2026-0001", "2026-0004"))
    assert report.states == {"draft": 4}
    assert report.facets == {"cities": {"dortmund": 2, "schwerte": 2}}


def test_what_the_mapping_decides_is_told_by_line(ideas: Import) -> None:
    report = ideas(TABLE, MAPPING)
    assert [str(one) for one in report.remarks] == [
        "3: Titel: title made up: 'Idee 2'",
        "4: Titel: title shortened: 'Eine sehr lange Überschrift, die…'",
    ]
    assert [str(one) for one in report.skipped] == ["5: Bochum macht nicht mit."]


def test_a_column_that_nobody_speaks_of_is_told(ideas: Import) -> None:
    assert ideas("Nr;Titel;Stadt;Kontakt;Farbe\n1;Bank;-;;rot\n", MAPPING).unmapped == ("Farbe",)


def test_the_events_say_that_they_are_imported(app: App, ideas: Import) -> None:
    ideas(TABLE, MAPPING)
    kinds = rows(app, event.c.kind, event.c.via, event.c.account, where=event.c.stream == "item:2026-0002")
    assert kinds == [
        ("created", "import", "operator"),
        ("recorded", "import", "operator"),
        ("assigned", "import", "operator"),
    ]
    ((payload,),) = rows(app, event.c.payload, where=event.c.kind == "system:import_run")
    details = json.loads(payload)["details"]
    assert (details["source"], details["items"], len(details["sha256"])) == ("workshop", 4, 64)


def test_a_dry_run_says_the_same_and_changes_nothing(app: App, ideas: Import) -> None:
    before = everything(app)
    report = ideas(TABLE, MAPPING, dry_run=True)
    assert (report.items, report.states, report.numbers) == (4, {"draft": 4}, None)
    assert everything(app) == before


def test_a_second_run_imports_nothing_twice(app: App, ideas: Import) -> None:
    ideas(TABLE, MAPPING)
    before = everything(app)
    report = ideas(TABLE, MAPPING)
    assert (report.items, report.known, report.changed) == (0, 4, ())
    assert everything(app) == before


def test_a_second_run_takes_in_what_is_new_and_tells_what_has_changed(app: App, ideas: Import) -> None:
    ideas(TABLE, MAPPING)
    report = ideas(TABLE.replace("Ältere", "alle") + "6;Baum;Dortmund;\n", MAPPING)
    assert (report.items, report.known, report.changed) == (1, 4, (2,))
    assert rows(app, item.c.title, where=item.c.number.in_(["2026-0001", "2026-0005"])) == [
        ("Bänke für Ältere",),
        ("Baum",),
    ]


def test_rows_with_equal_keys_are_all_taken_in_and_once(ideas: Import) -> None:
    table = "Nr;Titel;Stadt;Kontakt\n;Bank;-;\n;Bank;-;\n"
    assert ideas(table, MAPPING).items == 2
    assert ideas(table, MAPPING).known == 2


def test_every_bad_row_is_told_and_nothing_is_written(app: App, ideas: Import) -> None:
    before = everything(app)
    table = "Nr;Titel;Stadt;Kontakt\n1;Bank;Dortmundt;\n2;Brunnen;Dortmund\n3;Baum;Schwerte;\n;-;Hagen;\n"
    with pytest.raises(BadRows) as error:
        ideas(table, MAPPING.replace('fallback: "Idee {Nr}", ', ""))
    assert [str(one) for one in error.value.report.problems] == [
        "2: Stadt: There is no city 'Dortmundt'. Did you mean Dortmund?",
        "3: The line has 3 cells, but there are 4 columns. Look for a quote or a delimiter too many or too few, in "
        "this line or the one before.",
        "5: Stadt: There is no city 'Hagen'. Known: dortmund, Dortmund, schwerte, Schwerte.",
        "5: Titel: There is no usable title. Add one, or a `fallback` to the mapping file.",
    ]
    assert "3 of 3 rows cannot be taken in, so nothing was." in str(error.value)
    assert everything(app) == before


def test_what_the_rules_of_the_form_say_is_told_by_column(projects: App, tmp_path: Path) -> None:
    with pytest.raises(BadRows) as error:
        bestand(projects, tmp_path, "1;Ba;submitted;;;;;2023\n2;Bank;submitted;;;;;20231\n")
    assert [(one.line, one.column) for one in error.value.report.problems] == [(2, "Titel"), (3, "Aufnahme")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('1;"Bank" neu;Dortmund;', "2: The quotes do not close"),
        ('1;"Bank;Dortmund;', "2: The quotes do not close"),
    ],
)
def test_a_quote_too_many_in_latin_1_stops_the_import_with_its_line(
    app: App, ideas: Import, tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(f"Nr;Titel;Stadt;Kontakt\n{line}\n3;Bäume;Schwerte;Büro\n".encode("latin-1"))
    with pytest.raises(BadRows) as error:
        ideas(path, MAPPING)
    assert str(error.value.report.problems[0]).startswith(said)
    assert rows(app, item.c.number) == []


@pytest.mark.parametrize("table", ["", "Nr;Titel;Stadt;Kontakt;Nr\n"])
def test_what_is_no_table_is_refused(ideas: Import, table: str) -> None:
    with pytest.raises(BadInput):
        ideas(table, MAPPING)


def test_a_header_alone_imports_nothing(app: App, ideas: Import) -> None:
    assert ideas("Nr;Titel;Stadt;Kontakt\n", MAPPING).items == 0
    assert rows(app, event.c.kind, where=event.c.kind == "system:import_run") == []


def spreadsheet(path: Path, encoding: str) -> Path:
    lines = list(csv.reader(io.StringIO(TABLE), delimiter=";"))
    if encoding != "xlsx":
        path.write_bytes(TABLE.encode(encoding))
        return path
    book = Workbook()
    assert book.active is not None
    for line in lines:
        book.active.append([int(cell) if cell.isdigit() else cell or None for cell in line])
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["latin-1", "xlsx"])
def test_the_same_table_in_another_form_is_the_same_import(ideas: Import, tmp_path: Path, encoding: str) -> None:
    ideas(TABLE, MAPPING)
    report = ideas(spreadsheet(tmp_path / "table", encoding), MAPPING)
    assert (report.items, report.known, report.changed) == (0, 4, ())


def test_whoever_may_not_create_items_may_not_import_them(app: App, ideas: Import, tmp_path: Path) -> None:
    lifecycle = tmp_path / "closed.yaml"
    text = (Path(__file__).parents[2] / "lifecycles" / "short.yaml").read_text("utf-8")
    lifecycle.write_text(text.replace("lifecycle: short", "lifecycle: closed\ncreate: [administrator]"), "utf-8")
    app.load(lifecycle)
    mapping = MAPPING.replace("lifecycle: short", "lifecycle: closed")
    with pytest.raises(Refused) as error:
        ideas(TABLE, mapping)
    assert [one.code for one in error.value.blockers] == ["role"]
    ((payload,),) = rows(app, event.c.payload, where=event.c.kind == "person:refused")
    assert json.loads(payload)["details"]["blockers"] == ["role"]
    assert ideas(TABLE, mapping, actor="verwaltung@dortmund.example").items == 4


def test_somebody_nobody_knows_becomes_a_person_by_the_import_alone(app: App, ideas: Import) -> None:
    known = contact.c.email == "neu@dortmund.example"
    ideas(TABLE, MAPPING, actor="Neu@dortmund.example", dry_run=True)
    assert rows(app, contact.c.name, where=known) == []
    ideas(TABLE, MAPPING, actor="Neu@dortmund.example")
    assert rows(app, contact.c.name, where=known) == [("neu@dortmund.example",)]


def test_somebody_has_to_be_named(ideas: Import) -> None:
    mapping = MAPPING.replace("actor: koordination@dortmund.example\n", "")
    with pytest.raises(BadInput, match="Add `actor:`, or use --as"):
        ideas(TABLE, mapping)
    assert ideas(TABLE, mapping, actor=COORDINATOR).items == 4


def test_an_unknown_lifecycle_is_told(ideas: Import) -> None:
    with pytest.raises(NotFound, match="There is no lifecycle 'long'"):
        ideas(TABLE, MAPPING.replace("lifecycle: short", "lifecycle: long"))


# --- all or nothing, and others meanwhile -----------------------------------------------------------------------------


def test_a_writer_gets_through_while_the_import_is_prepared(
    app: App, ideas: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are staged on one connection, with its transactions open, while another writes and commits."""
    numbers: list[str] = []

    def meanwhile(what: str, done: int, total: int) -> None:
        if what == "prepared":
            created = app.engine.execute(Create(actor=COORDINATOR, data={"title": "Dazwischen"}), now=NOW)
            numbers.append(created.item.number)

    commit = Staging.commit

    def later(staging: Staging, *arguments: Any) -> None:
        meanwhile("prepared", 4, 4)
        commit(staging, *arguments)

    monkeypatch.setattr(Staging, "commit", later)
    report = ideas(TABLE, MAPPING, progress=meanwhile)
    assert numbers == ["2026-0005", "2026-0006"]
    assert report.numbers == ("2026-0001", "2026-0004")
    assert len(rows(app, item.c.number)) == 6


def test_ctrl_c_changes_nothing_and_gives_the_numbers_back(app: App, ideas: Import) -> None:
    app.engine.execute(Create(actor=COORDINATOR, data={"title": "Vorher"}), now=NOW)
    before = everything(app)

    def interrupt(what: str, done: int, total: int) -> None:
        if what == "prepared":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ideas(TABLE, MAPPING, progress=interrupt)
    assert everything(app) == before
    assert ideas(TABLE, MAPPING).numbers == ("2026-0002", "2026-0005")


def test_ctrl_c_right_after_the_commit_takes_nothing_back(
    app: App, ideas: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Staging.commit

    def interrupted(staging: Staging, *arguments: Any) -> None:
        commit(staging, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Staging, "commit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ideas(TABLE, MAPPING)
    assert len(rows(app, item.c.number)) == 4
    created = app.engine.execute(Create(actor=COORDINATOR, data={"title": "Danach"}), now=NOW)
    assert created.item.number == "2026-0005"


def test_of_two_imports_of_the_same_rows_the_second_conflicts(
    app: App, ideas: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Staging.commit

    def beaten(staging: Staging, *arguments: Any) -> None:
        monkeypatch.undo()
        ideas(TABLE, MAPPING)
        commit(staging, *arguments)

    monkeypatch.setattr(Staging, "commit", beaten)
    with pytest.raises(Conflict, match="4 of these rows were imported meanwhile"):
        ideas(TABLE, MAPPING)
    assert len(rows(app, item.c.number)) == 4


def test_a_failure_in_the_last_step_changes_nothing(app: App, ideas: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(app)

    def fail(*arguments: Any, **options: Any) -> None:
        raise OSError("no more")

    monkeypatch.setattr("workflow.imports.staging.append", fail)
    with pytest.raises(OSError, match="no more"):
        ideas(TABLE, MAPPING)
    assert everything(app) == before


# --- a running programme enters at its actual state -------------------------------------------------------------------

BESTAND = """
source: {name: bestand, key: [Nr]}
lifecycle: idea-to-project
actor: verwaltung@dortmund.example
title: {columns: [Titel]}
fields:
  idea: {constant: Aus der Projektliste.}
  cities: {constant: [dortmund]}
  noted_on: {column: Aufnahme}
state:
  to: {column: Zustand, map: {pausiert: on_hold}, otherwise: in_progress, default: submitted}
  since: {column: Seit, format: ["%d.%m.%Y", "%m/%Y", "%Y"]}
records:
  - record: decision
    key: {column: Gremien, split: ","}
    fields:
      date: {column: Beschluss, format: ["%d.%m.%Y", "%m/%Y", "%Y"]}
      paper: {column: Drucksache}
      outcome: {constant: approved}
""".replace("map: {pausiert: on_hold}, otherwise: in_progress, default: submitted", "default: submitted")


def bestand(app: App, tmp_path: Path, lines: str, *, mapping: str = BESTAND, now: datetime = NOW) -> Report:
    from workflow.imports.ideas import import_ideas
    from workflow.imports.parsing import parse_mapping

    path = tmp_path / "bestand.csv"
    path.write_text("Nr;Titel;Zustand;Seit;Gremien;Beschluss;Drucksache;Aufnahme\n" + lines, encoding="utf-8")
    parsed = parse_mapping(mapping, "bestand.map.yaml", history=False)
    return import_ideas(app.database, app.rules, path, parsed, now=now)


def test_a_project_enters_at_its_state_with_the_records_that_it_rests_on(projects: App, tmp_path: Path) -> None:
    report = bestand(
        projects,
        tmp_path,
        "1;Sensoren;In Umsetzung;02/2023;Rat der Stadt Dortmund, board-dortmund;12/2022;12345-22;2021\n"
        "2;Lampen;;15.03.2026;;;;\n",
    )
    assert report.states == {"submitted": 1, "in_progress": 1}
    entered = rows(projects, item.c.state, item.c.entered_at, item.c.stage)
    assert entered == [
        ("in_progress", "2023-01-31T23:00:00.000000Z", "implementation"),
        ("submitted", "2026-03-14T23:00:00.000000Z", "submission"),
    ]
    decisions = rows(projects, record.c.key, record.c.data, where=record.c.kind == "decision")
    assert [(key, json.loads(data)) for key, data in sorted(decisions)] == [
        (key, {"date": "2022-12", "outcome": "approved", "paper": "12345-22"})
        for key in ("board-dortmund", "council-dortmund")
    ]
    ((payload, at, recorded_at),) = rows(
        projects, event.c.payload, event.c.at, event.c.recorded_at,
        where=(event.c.kind == "imported") & (event.c.stream == "item:2026-0001"),
    )  # fmt: skip
    assert json.loads(payload)["details"]["since"] == "2023-02"
    assert (at, recorded_at) == ("2023-01-31T23:00:00.000000Z", "2026-06-01T08:00:00.000000Z")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1;Bank;Vorbei;;;;;", "Zustand: There is no state 'Vorbei'."),
        ("1;Bank;submitted;2027;;;;", "Seit: 2027 is still to come. Give the day on which the state was entered."),
        ("1;Bank;submitted;gestern;;;;", "Seit: 'gestern' is no date as %d.%m.%Y or %m/%Y or %Y."),
        ("1;Bank;in_review;1801;;;;", "The working days of 1801 cannot be counted"),
        ("1;Bank;in_progress;2023;Rat;2022;1;", "Gremien: There is no body 'Rat'."),
        ("1;Bank;in_progress;2023;;2022;1;", "Gremien: For whom the Decision is does not stand here."),
        ("1;Bank;in_progress;2023;board-dortmund;2022;;", "Drucksache: “Paper number” is missing."),
    ],
)
def test_a_row_that_cannot_be_where_it_says_is_told(projects: App, tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(BadRows) as error:
        bestand(projects, tmp_path, line + "\n")
    assert str(error.value.report.problems[0]).startswith(f"2: {said}")


def clocks(app: App, number: str) -> dict[str, tuple[str | None, str, int]]:
    found = rows(
        app,
        deadline.c.rule,
        deadline.c.local_date,
        deadline.c.status,
        deadline.c.version,
        where=deadline.c.item == number,
    )
    return {rule: (day, status, version) for rule, day, status, version in found}


def test_a_deadline_counts_from_the_entry_unless_it_ran_out_before_the_import(projects: App, tmp_path: Path) -> None:
    bestand(projects, tmp_path, "1;Neu;submitted;26.05.2026;;;;\n2;Alt;submitted;02/2023;;;;\n")
    assert clocks(projects, "2026-0001")["precheck"] == ("2026-06-10", "running", 1)
    assert clocks(projects, "2026-0002")["precheck"] == ("2026-06-16", "running", 2)


def test_a_yearly_date_goes_on_to_the_next_one(projects: App, tmp_path: Path) -> None:
    bestand(projects, tmp_path, "1;Dauerhaft;integrated;15.09.2019;;;;\n")
    assert clocks(projects, "2026-0001")["re_evaluate"][:2] == ("2026-09-15", "running")
    assert projects.sweep(now=NOW + timedelta(days=1)).fired == 0
    assert rows(projects, item.c.state) == [("integrated",)]


def test_a_project_on_hold_knows_what_it_interrupts(projects: App, tmp_path: Path) -> None:
    bestand(projects, tmp_path, "1;Ruht;on_hold;02/2023;;;;\n")
    assert rows(projects, item.c.state, item.c.origin, item.c.origin_visit) == [("on_hold", "in_progress", 1)]


def test_where_a_pause_may_interrupt_several_states_the_row_says_which(projects: App, tmp_path: Path) -> None:
    line = "1;Frage;needs_information;28.05.2026;;;;\n"
    with pytest.raises(BadRows) as error:
        bestand(projects, tmp_path, line)
    assert "interrupts another state, and which is not known. One of in_review, submitted." in str(
        error.value.report.problems[0]
    )
    named = BESTAND.replace("records:", "  origin: {constant: submitted}\nrecords:")
    bestand(projects, tmp_path, line, mapping=named)
    assert clocks(projects, "2026-0001") == {
        "precheck": ("2026-06-12", "stopped", 1),
        "answer": ("2026-06-19", "running", 1),
    }
    # The question stays unanswered; the clock of the state before goes on where it stood still.
    assert projects.sweep(now=datetime(2026, 6, 20, 8, tzinfo=UTC)).fired == 1
    assert rows(projects, item.c.state, item.c.visit) == [("submitted", 1)]
    assert clocks(projects, "2026-0001")["precheck"][1] == "running"


def test_nobody_is_told_of_what_an_import_brings_in(projects: App, tmp_path: Path) -> None:
    bestand(projects, tmp_path, "1;Neu;submitted;26.05.2026;;;;\n2;Alt;in_progress;02/2023;;;;\n")
    assert rows(projects, outbox.c.id) == []


def test_people_get_their_roles_by_their_addresses(app: App, ideas: Import) -> None:
    mapping = MAPPING + 'people: {expert: {column: Kontakt, split: ","}, submitter: {column: Titel}}\n'
    expert, submitter = "tiefbauamt@dortmund.example", "buergerin@dortmund.example"
    ideas(f"Nr;Titel;Stadt;Kontakt\n1;{submitter};Dortmund;{expert}\n", mapping)
    names = dict(rows(app, contact.c.person, contact.c.email))
    given = rows(app, assignment.c.role, assignment.c.person, assignment.c.unit)
    assert sorted((role, names[person], unit) for role, person, unit in given) == [
        ("expert", expert, "civil-engineering-dortmund"),
        ("submitter", submitter, None),
    ]
    with pytest.raises(BadRows) as error:
        ideas("Nr;Titel;Stadt;Kontakt\n2;buergerin@dortmund.example;Dortmund;amt@dortmund.example\n", mapping)
    assert str(error.value.report.problems[0]).startswith("2: Kontakt: There is no person 'amt@dortmund.example'.")


def test_whoever_imports_an_item_counts_as_having_done_every_step(app: App, ideas: Import) -> None:
    """`accept` asks for other eyes than those of `submit`."""
    ideas("Nr;Titel;Stadt;Kontakt\n1;Bank;Dortmund;\n", MAPPING + "state: {to: {constant: in_review}}\n")

    def accept(actor: str) -> Advance:
        return Advance(actor=actor, item="2026-0001", transition="accept", data={"feasible": True})

    assert [one.code for one in app.engine.plan(accept(COORDINATOR), now=NOW).blockers] == ["four_eyes"]
    assert app.engine.plan(accept(DEPUTY), now=NOW).allowed


def test_who_imports_an_item_at_its_beginning_has_done_nothing_yet(app: App, ideas: Import) -> None:
    ideas("Nr;Titel;Stadt;Kontakt\n1;Bank;Dortmund;\n", MAPPING)
    app.engine.execute(Advance(actor=DEPUTY, item="2026-0001", transition="submit"), now=NOW)
    accept = Advance(actor=COORDINATOR, item="2026-0001", transition="accept", data={"feasible": True})
    assert app.engine.plan(accept, now=NOW).allowed


def test_an_item_whose_next_step_is_due_by_itself_takes_it(projects: App, tmp_path: Path) -> None:
    """All deciding bodies have approved: `confirm` follows, in the import as everywhere."""
    mapping = BESTAND.replace(
        "  noted_on:", "  stations: {constant: [{body: council-dortmund, mode: deciding}]}\n  noted_on:"
    )
    report = bestand(projects, tmp_path, "1;Bank;before_bodies;2026;council-dortmund;2026;7;\n", mapping=mapping)
    assert report.states == {"planned": 1}
    assert [str(one) for one in report.remarks] == ["2: moved on by itself from before_bodies to planned"]
    assert rows(projects, event.c.kind, event.c.actor, where=event.c.kind == "advanced") == [("advanced", "system")]
