"""A round and a session from the command line alone: dates in, ideas on the agenda, results, papers, the file set."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ideenweg.wiring import SHIPPED, App, open_workflow
from workflow.commands import Advance, Command, Correct, Create, Link

if TYPE_CHECKING:
    from conftest import Cli

OFFICE, GRANTS = "ratsbuero@dortmund.example", "foerdermittel@dortmund.example"
HELD = datetime(2026, 6, 10, 10, tzinfo=UTC)
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//rat//DE\r\n"
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260609\r\nSUMMARY:Rat\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Rat ohne Tag\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def furnished(app: App, appoint: Callable[..., None]) -> None:
    """The shipped lifecycles, a session office and a grants office."""
    for key in ("idea-to-project", "session", "selection-round", "obligation"):
        app.load(SHIPPED / f"lifecycles/{key}.yaml")
    people = {OFFICE: [("session_office", "council-dortmund")], GRANTS: [("funding_officer", "dortmund")]}
    appoint(app, "idea-to-project", people, HELD)


def test_what_a_session_and_a_round_take_is_done_on_the_command_line(
    sqlite_cli: Cli, appoint: Callable[..., None], write: Callable[..., str], tmp_path: Path
) -> None:
    cli = sqlite_cli
    with open_workflow(cli.url) as app:
        furnished(app, appoint)

        def make(who: str, lifecycle: str, **sheet: object) -> str:
            data = {"cities": ["dortmund"], **sheet}
            return app.engine.execute(Create(actor=who, lifecycle=lifecycle, data=data), now=HELD).item.number

        budget = [{"city": "dortmund", "euros": 1000}]
        a_round = make(cli.coordinator, "selection-round", title="Runde", budget=budget)
        owed = make(GRANTS, "obligation", title="Verwendungsnachweis", kind="final_proof", due="2026-12-01")
        bench, tree = (make(cli.resident, "idea-to-project", title=title, problem="…") for title in ("Bank", "Baum"))
        taken = cli(
            "import", "sessions", write(CALENDAR, "rat.ics"), "--body", "council-dortmund", "--as", OFFICE, "--json"
        )
        (new,), (fault,) = taken.json["import"]["made"], taken.json["import"]["faults"]
        assert (taken.code, fault["line"]) == (1, 9)  # an event without a time is told, and keeps nothing else out
        session = new["number"]
        commands: list[Command] = [
            Link(item=owed, kind="owed_under", other=bench, actor=GRANTS),
            Link(item=tree, kind="related", other=bench, actor=cli.coordinator),
        ]
        for number in (bench, tree):
            commands += [
                Correct(item=number, to="before_bodies", reason="Altbestand", actor=cli.administrator),
                Link(item=number, kind="on_agenda_of", other=session, actor=cli.coordinator),
            ]
        for step in ("close_agenda", "hold"):
            commands.append(Advance(item=session, transition=step, actor=OFFICE))
        for one in commands:
            app.engine.execute(one, now=HELD)

    told = cli("item", "agenda", session).out
    assert 0 < told.index(bench) < told.index(tree)
    odd = {"outcome": "approved", "vote": "by_figures", "votes_for": 900, "paper": "DS 1", "date": "2099-01-01"}
    half = {bench: odd, tree: {"vote": "unanimous"}}
    refused = cli("item", "results", session, "--as", OFFICE, "--data", "-", stdin=json.dumps(half))
    assert (refused.code, "Outcome" in refused.err) == (1, True)
    assert all(not one["result"] for one in cli.document("item", "agenda", session)["entries"])
    call = ("item", "results", session, "--as", OFFICE, "--data", "-")
    done = cli.document(*call, stdin=json.dumps({bench: odd}))
    assert [one["code"] for one in done["warnings"][bench]] == ["date_ahead"]  # told, and refused nothing
    assert (sorted(done["recorded"]), done["held"]) == (sorted([session, bench]), [])
    assert cli(*call, stdin='{"2026-9999": {}}').code == 2
    alone = ("item", "record", bench, "decision", "--as", OFFICE, "--data", "-")
    said = cli(*alone, stdin=json.dumps(odd))
    assert (said.code, bench in said.out, "lies ahead" in said.out) == (0, True, False)
    assert "Please check: “Date” lies ahead: 2099-01-01." in said.err
    assert [one["code"] for one in cli.document(*alone, stdin=json.dumps(odd))["warnings"]] == ["date_ahead"]

    assert cli.document("item", "ranking", a_round, "--budget", "dortmund=5")["left"] == {"dortmund": 5}
    paper, package = tmp_path / "paper.docx", tmp_path / "package.zip"
    assert cli.document("export", "paper", bench, str(paper), "--body", "council-dortmund")["missing"]
    assert paper.read_bytes().startswith(b"PK")
    made = cli.document("export", "package", owed, str(package), "--as", GRANTS)
    assert (made["items"], made["left_out"]) == ([owed, bench, tree], [])  # tree: by way of bench
    with ZipFile(package) as archive:
        rows = archive.read("records.csv").decode()
    assert f"{bench},Bank,decision,council-dortmund" in rows
    assert "DS 1" in rows
