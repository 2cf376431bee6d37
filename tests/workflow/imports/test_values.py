"""Cells become what a record's field takes: entries of the programme, numbers, dates, lists."""

from __future__ import annotations

from typing import Any

import pytest

from states.programme import Body, City, Programme, Term
from states.sentences import Text
from workflow.imports.rules import Unfit
from workflow.imports.values import fit

PROGRAMME = Programme(
    cities={"dortmund": City("dortmund", Text("Dortmund", "Dortmund"))},
    fields={
        "economy": Term("economy", Text("Wirtschaft, Handel und Tourismus", "Economy, commerce and tourism")),
        "mobility": Term("mobility", Text("Intelligente Mobilität", "Smart mobility")),
    },
    bodies={
        "council": Body("council", Text("Rat", "Council")),
        "old-council": Body("old-council", Text("Rat", "Former council")),
    },
)

NUMBER = {"type": "number"}
FIELDS = {"type": "array", "items": {"type": "string", "format": "field"}}


@pytest.mark.parametrize(
    ("value", "schema", "result"),
    [
        ("Wirtschaft, Handel und Tourismus", FIELDS, ["economy"]),
        (["mobility", "economy,  commerce and Tourism"], FIELDS, ["mobility", "economy"]),
        (["mobility", "Smart mobility"], {**FIELDS, "uniqueItems": True}, ["mobility"]),
        ("unknown", {"type": "string", "format": "city_or_unknown"}, "unknown"),
        ("DORTMUND", {"type": "string", "format": "city_or_unknown"}, "dortmund"),
        ("zugestimmt", {"type": "string", "enum": ["yes"], "x-labels": {"yes": {"de": "zugestimmt"}}}, "yes"),
        ("1200", {"type": "integer"}, 1200),
        ("1.200,50 €", NUMBER, 1200.5),
        ("1,200.50", NUMBER, 1200.5),
        ("0,5", NUMBER, 0.5),
        ("-3.25", NUMBER, -3.25),
        ("0.125", NUMBER, 0.125),
        ("1.234.567", {"type": "integer"}, 1234567),
        ("3.0", {"type": "integer"}, 3),
        ("Ja", {"type": "boolean"}, True),
        ("0", {"type": "boolean"}, False),
        ("2023-02", {"type": "string", "format": "partial_date"}, "2023-02"),
        (2023, {"type": "string"}, "2023"),
        ({"body": "council"}, {"type": "object"}, {"body": "council"}),
    ],
)
def test_a_value_is_read_as_its_field_takes_it(value: Any, schema: dict[str, Any], result: Any) -> None:
    assert fit(value, schema, PROGRAMME) == result


@pytest.mark.parametrize(
    ("value", "schema", "said"),
    [
        (
            "Mobilität",
            FIELDS,
            "There is no field of action 'Mobilität'. Did you mean ",
        ),
        ("Handel", FIELDS, "There is no field of action 'Handel'."),
        ("Rat", {"type": "string", "format": "body"}, "'Rat' may be any of council, old-council."),
        ("vielleicht", {"type": "boolean"}, "'vielleicht' is neither yes nor no."),
        ("1.200", NUMBER, "'1.200' may be 1200 or 1.200. Say in the rule which it is"),
        ("ca. 5", NUMBER, "'ca. 5' is no number."),
        ("1.20.300", NUMBER, "'1.20.300' is no number."),
        ("2,5", {"type": "integer"}, "'2,5' is no whole number."),
        ("2023-02", {"type": "string", "format": "date"}, "'2023-02' is no date as 2026-06-09."),
        ("15.2.2023", {"type": "string", "format": "date"}, "name its `format` in the rule"),
        ("2023-13", {"type": "string", "format": "partial_date"}, "'2023-13' is no date"),
        (["a", "b"], {"type": "string"}, "Several values stand here, and the field takes one."),
    ],
)
def test_what_a_field_does_not_take_is_told_with_a_remedy(value: Any, schema: dict[str, Any], said: str) -> None:
    with pytest.raises(Unfit) as error:
        fit(value, schema, PROGRAMME)
    assert said in str(error.value)


@pytest.mark.parametrize(("decimal", "result"), [(",", 1200), (".", 1.2)])
def test_the_mapping_says_which_mark_stands_before_the_fraction(decimal: str, result: float) -> None:
    assert fit("1.200", NUMBER, PROGRAMME, decimal=decimal) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [("15.02.2023", "2023-02-15"), ("02/2023", "2023-02"), ("2023", "2023"), ("1.3.2023", "2023-03-01")],
)
def test_a_date_is_as_exact_as_its_format(text: str, result: str) -> None:
    formats = ("%d.%m.%Y", "%m/%Y", "%Y")
    assert fit(text, {"type": "string", "format": "partial_date"}, PROGRAMME, formats=formats) == result


def test_a_month_is_no_day() -> None:
    with pytest.raises(Unfit, match="is no date as %m/%Y"):
        fit("02/2023", {"type": "string", "format": "date"}, PROGRAMME, formats=("%m/%Y",))
