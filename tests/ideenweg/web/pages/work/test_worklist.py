"""A task is taken up, passed on and put back for a day in its own row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from ideenweg.wiring import open_workflow
from workflow import access
from workflow.commands import Advance, Create
from workflow.queries.worklist import View, sections
from workflow.streams import Origin

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
ANNA, BERT = "koordination@dortmund.example", "vertretung@dortmund.example"


def test_a_task_is_taken_up_passed_on_and_put_back(sqlite_url: str, browsing: Callable[..., Any]) -> None:
    with open_workflow(sqlite_url) as app:
        app.load(app.config_dir / "lifecycles" / "idea-to-project.yaml")
        role = app.rules.newest_of(app.database, "idea-to-project").roles["coordinator"]
        origin = Origin("operator", "cli")

        def people(connection: Any) -> list[str]:
            known = [access.add(connection, email, email, origin, NOW) for email in (ANNA, BERT)]
            for email in (ANNA, BERT):
                access.grant(
                    connection, email, role, "dortmund", app.rules.programme, origin, NOW, valid_from=date(2020, 1, 1)
                )
            return known

        anna, bert = app.database.attempt(people)
        data = {"title": "Bank am Fluss", "idea": "Eine Bank", "cities": ["dortmund"]}
        number = app.engine.execute(Create(actor="buergerin@dortmund.example", data=data), now=NOW).item.number
        app.engine.execute(Advance(actor="buergerin@dortmund.example", item=number, transition="submit"), now=NOW)

        def mine(person: str) -> list[str]:
            with app.database.reading() as connection:
                found = sections(connection, app.rules, person, NOW, view=View.MINE)
            return [row.number for some in found.values() for row in some]

        with browsing(app, ANNA, NOW) as browser:
            assert "Übernehmen" in browser.get("/aufgaben").text
            row = {"role": "coordinator", "command_id": "a"}
            browser.send_form(f"/aufgaben/{number}/uebernehmen", row, on="/aufgaben")
            assert mine(anna) == [number]
            assert f"{number} haben Sie jetzt übernommen." in browser.get("/aufgaben").text
            given = {"role": "coordinator", "command_id": "b", "claimed_by": anna, "person": bert}
            browser.send_form(f"/aufgaben/{number}/weitergeben", given, on="/aufgaben?view=office")
            assert (mine(anna), mine(bert)) == ([], [number])
            browser.send_form(f"/aufgaben/{number}/wiedervorlage", {"on": "2026-06-20", "note": "Ufer"}, on="/konto")
            assert "Ufer" in browser.get("/aufgaben").text
            browser.send_form(f"/aufgaben/{number}/wiedervorlage", {"on": "2026-06-01"}, on="/konto")
            assert "Bitte einen Tag ab heute angeben" in browser.get("/aufgaben").text
