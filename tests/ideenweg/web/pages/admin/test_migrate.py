"""`/verwaltung/lebenszyklen/{key}/umstellen`: a dry run, then the move itself, from a map made by the form."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from sqlalchemy import select

from ideenweg.wiring import SHIPPED, App
from workflow import jobs
from workflow.commands import Advance, Correct, Create
from workflow.models import item

from .conftest import ADMIN, NOW, OPERATOR

KEY = "idea-to-project"
PATH = f"/verwaltung/lebenszyklen/{KEY}/umstellen"
RESIDENT = "buergerin@dortmund.example"


def ended(app: App, address: str) -> jobs.Job:
    for _ in range(400):
        with app.database.reading() as connection:
            job = jobs.find(connection, address.rpartition("/")[2])
        if job.status != jobs.RUNNING:
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def states(app: App) -> Counter[tuple[int, str]]:
    with app.database.reading() as connection:
        return Counter((row.version, row.state) for row in connection.execute(select(item.c.version, item.c.state)))


def test_items_are_moved_by_a_map_from_the_form_after_a_dry_run_that_said_so(own: App, admin: Any) -> None:
    assert "Es ist nichts umzustellen" in admin.get(PATH).text
    first = own.rules.newest_of(own.database, KEY).version
    for title in ("Bank", "Baum", "Brunnen"):
        number = own.engine.execute(Create(actor=RESIDENT, data={"title": title, "problem": "…"}), now=NOW).item.number
        own.engine.execute(Advance(actor=RESIDENT, item=number, transition="submit"), now=NOW)
    for number in ("2026-0001", "2026-0002"):
        own.engine.execute(Correct(actor=ADMIN, item=number, to="referred", reason="Altbestand"), now=NOW)
    text = (SHIPPED / "lifecycles" / f"{KEY}.yaml").read_text("utf-8")
    newer = text.replace(f"version: {first}\n", f"version: {first + 1}\n", 1)
    for before, after in (
        ("\n  referred:\n", "\n  passed_on:\n"),
        ("to: referred\n", "to: passed_on\n"),
        ("- referred\n", "- passed_on\n"),
    ):
        assert before in newer
        newer = newer.replace(before, after)
    stored = own.check(newer, "newer.yaml")
    own.store(stored, OPERATOR, NOW)

    page = admin.get(PATH).text
    assert 'name="state.referred"' in page
    assert "(Vorgänge: 2)" in page
    assert f'href="{PATH}"' in admin.get(f"/verwaltung/lebenszyklen/{KEY}").text

    fields = {"version": first + 1, "state.referred": "passed_on"}
    told = admin.send_form(PATH, {**fields, "do": "yaml"})
    assert told.text == "states:\n  referred: passed_on\n"
    wrong = admin.send_form(PATH, {**fields, "do": "try", "map": "states: {referred: nowhere}"})
    assert (wrong.status_code, "nowhere" in wrong.text) == (422, True)

    tried = admin.send_form(PATH, {"version": first + 1, "do": "try"}).headers["location"]
    assert ended(own, tried).status == jobs.CHECKED
    page = admin.get(tried).text
    assert "kämen: 1. Es blieben" in page
    assert "nennt die Zuordnung kein Ziel" in page
    tried = admin.send_form(PATH, {**fields, "do": "try"}).headers["location"]
    job = ended(own, tried)
    assert job.result is not None
    assert (sum(one["items"] for one in job.result["moved"]), job.result["stay"]) == (3, 0)
    before = states(own)
    assert before == {(first, "referred"): 2, (first, "submitted"): 1}

    moved = admin.send_form(tried, {}).headers["location"]
    assert moved != tried
    assert ended(own, moved).result == job.result
    assert states(own) == {(first + 1, "passed_on"): 2, (first + 1, "submitted"): 1}
    assert ": 3. Geblieben, wo sie waren" in admin.get(moved).text
    assert own.audit.verify().ok
