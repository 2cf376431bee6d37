"""Two lifecycles that share nothing with the shipped ones run on the same code: a petition and a purchase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ideenweg.wiring import App, open_workflow
from workflow import models as tables
from workflow.commands import Advance, Create, Support
from workflow.errors import Refused

LIFECYCLES = Path(__file__).parents[1] / "lifecycles"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def state_of(app: App, item: str) -> str:
    with app.database.reading() as connection:
        return str(connection.execute(select(tables.item.c.state).where(tables.item.c.number == item)).scalar_one())


@pytest.mark.parametrize(
    ("supporters", "after_support", "after_six_weeks"),
    [(75, "before_committee", "before_committee"), (74, "collecting", "lapsed")],
)
def test_a_petition_goes_on_by_itself_with_75_supporters_and_else_lapses_by_itself(
    database_url: str, appoint: Callable[..., None], supporters: int, after_support: str, after_six_weeks: str
) -> None:
    with open_workflow(database_url, lifecycle=LIFECYCLES / "petition.yaml") as app:
        residents = [f"person{number}@post.example" for number in range(supporters)]
        appoint(app, "petition", dict.fromkeys(residents, ()), START)
        item = app.engine.execute(
            Create(actor="antrag@post.example", data={"title": "Eine Bank am Markt"}), now=START
        ).item.number
        app.engine.execute(Advance(actor="antrag@post.example", item=item, transition="publish"), now=START)
        for resident in residents:
            app.engine.execute(Support(actor=resident, item=item), now=START + WEEK)
        with pytest.raises(Refused):  # once a person
            app.engine.execute(Support(actor=residents[0], item=item), now=START + WEEK)
        assert state_of(app, item) == after_support

        app.sweep(now=START + 6 * WEEK - timedelta(days=1))
        assert state_of(app, item) == after_support
        app.sweep(now=START + 6 * WEEK + timedelta(days=1))
        assert state_of(app, item) == after_six_weeks


@pytest.mark.parametrize(("size", "state"), [("petty", "ordered"), ("large", "at_finance")])
def test_a_purchase_goes_to_finance_if_it_is_large(
    database_url: str, appoint: Callable[..., None], size: str, state: str
) -> None:
    with open_workflow(database_url, lifecycle=LIFECYCLES / "purchase.yaml") as app:
        managers = dict.fromkeys(["manager@shop.example", "second@shop.example"], (("manager", None),))
        appoint(app, "purchase", managers | {"till@shop.example": [("finance", None)]}, START)
        wanted = {"title": "Chairs", "supplier": "Wood & Sons", "amount": 940.5, "size": size}
        item = app.engine.execute(Create(actor="manager@shop.example", data=wanted), now=START).item.number

        own = Advance(actor="manager@shop.example", item=item, transition="approve")
        assert "four_eyes" in {one.code for one in app.engine.plan(own, now=START).blockers}
        approval = Advance(actor="second@shop.example", item=item, transition="approve")
        assert app.engine.execute(approval, now=START).item.state == state
        if state == "at_finance":
            signed = Advance(actor="till@shop.example", item=item, transition="countersign")
            assert app.engine.execute(signed, now=START).item.state == "ordered"
        received = Advance(actor="till@shop.example", item=item, transition="receive", data={"note": "All there"})
        assert app.engine.execute(received, now=START).item.state == "received"
