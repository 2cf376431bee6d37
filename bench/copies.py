"""Many items for a measurement: those of the demonstration, many times over.

They are copied with their records, people, deadlines, tasks and first EVENTS events each, in a mixture of states, by
one statement a table.
"""

from __future__ import annotations

import random

from sqlalchemy import Table, select, text

from ideenweg.wiring import App
from workflow import models
from workflow.models import event, item

EVENTS = 5
MIXTURE = {"submitted": 30, "in_review": 15, "pooled": 30, "rejected": 10, "shortlisted": 3}
"""How often a state comes among the copies; any other once."""

COPIED = ("item_facet", "item_word", "record", "assignment", "deadline", "task")
"""Tables of which an item's rows are copied whole, besides `item` and its first events."""


def fill(app: App, number: int) -> None:
    """Copy the items of the demonstration until there are `number` more."""
    with app.database.writing() as connection:
        templates = connection.execute(
            select(item.c.number, item.c.ordinal, item.c.state)
            .where(item.c.lifecycle == app.engine.default)
            .order_by(item.c.ordinal)
        ).all()
        weights = [MIXTURE.get(one.state, 1) for one in templates]
        drawn = random.Random(1).choices(templates, weights, k=997)
        described = random.Random(2).choices(templates, k=997)
        connection.execute(
            text(
                "CREATE TEMPORARY TABLE pick (place INTEGER PRIMARY KEY, template TEXT, origin BIGINT, described TEXT)"
            )
        )
        connection.execute(
            text("INSERT INTO pick VALUES (:place, :template, :origin, :described)"),
            [
                {"place": place, "template": one.number, "origin": one.ordinal, "described": other.number}
                for place, (one, other) in enumerate(zip(drawn, described, strict=True))
            ],
        )
        connection.execute(text(_COPIES[app.database.dialect]), {"most": number})
        for table in (item, *(models.metadata.tables[name] for name in COPIED), event, models.disclosure):
            connection.execute(text(_copied(table, app.database.dialect)))
        connection.execute(text("DROP TABLE pick"))
        connection.execute(text("DROP TABLE copies"))
    if app.database.dialect == "postgresql":
        with app.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


# A copy's number and ordinal, what it is a copy of, by how many days its deadlines are moved, how many days ago it went
# its way, and whose cities and fields it has. These are drawn apart: else all ideas of a city and field would be in one
# state, and every other be searched for them in vain.
_COPY = """
CREATE TEMPORARY TABLE copies AS
SELECT '2027-' || CASE WHEN n < 10000 THEN substr(CAST(10000 + n AS TEXT), 2) ELSE CAST(n AS TEXT) END AS number,
    20270000000 + n AS ordinal, own.template, own.origin, other.described, n % 90 - 20 AS days, n % 1000 AS ago
FROM {numbers} JOIN pick AS own ON own.place = n % 997 JOIN pick AS other ON other.place = n % 991
"""
_COPIES = {
    "sqlite": _COPY.format(
        numbers="(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :most) SELECT n FROM s) s"
    ),
    "postgresql": _COPY.format(numbers="generate_series(1, :most) AS s(n)"),
}
_DAY = {
    "sqlite": "date(substr({column}, 1, 10), ({days}) || ' days')",
    "postgresql": "CAST(CAST(substr({column}, 1, 10) AS DATE) + ({days}) AS TEXT)",
}


def _copied(table: Table, dialect: str) -> str:
    """INSERT … SELECT of the rows of every copy."""
    day = _DAY[dialect].format(column="o.local_date", days="c.days")
    whose = next(name for name in ("stream", "item", "number", "ordinal") if name in table.c)
    origin = {"stream": "'item:' || c.template", "ordinal": "c.origin"}.get(whose, "c.template")
    origin = "c.described" if table.name == "item_facet" else origin
    instead = {
        "local_date": day,
        # By the day, as clocks are set: a day ends at its midnight.
        "due_at": f"coalesce({day} || substr(o.due_at, 11), o.due_at)",
        # Else the newest hundred thousands were copies of one event.
        "recorded_at": f"{_DAY[dialect].format(column='o.recorded_at', days='-c.ago')} || substr(o.recorded_at, 11)",
        whose: "'item:' || c.number" if whose == "stream" else "c.number",
        "ordinal": "c.ordinal",
    }
    columns = ", ".join(f'"{one.name}"' for one in table.columns)
    values = ", ".join(instead.get(one.name, f'o."{one.name}"') for one in table.columns)
    # Of the words searched for, those with one beginning: a tenth, so that filling does not take longer than measuring.
    some = {"stream": f" WHERE o.seq <= {EVENTS}", "ordinal": " WHERE o.word LIKE 's%'"}.get(whose, "")
    # In this order: for each copy its few rows are looked up.
    join = "CROSS JOIN" if dialect == "sqlite" else "JOIN"
    on = f" {'WHERE' if dialect == 'sqlite' else 'ON'} o.{whose} = {origin}"
    some = some.replace("WHERE", "AND") if dialect == "sqlite" else some
    return f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM copies c {join} {table.name} o{on}{some}"
