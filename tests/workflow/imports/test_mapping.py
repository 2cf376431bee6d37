"""A mapping file tells every fault at once: its own, and whatever does not fit the table, lifecycle and programme."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from states.errors import FileFault
from workflow.imports.parsing import parse_mapping
from workflow.imports.report import Report

TABLE = "Titel;Stadt;Kontakt\nBank;Dortmund;x\n"


def findings(text: str, *, history: bool = False) -> list[str]:
    with pytest.raises(FileFault) as error:
        parse_mapping(text, "x.map.yaml", history=history)
    return [f"{one.place.line}:{one.place.column} {one.message} {one.hint}" for one in error.value.findings]


def test_every_fault_of_its_shape_is_told_with_line_and_column() -> None:
    found = findings(
        "source: {name: with blank}\n"
        "lifecycle: short\n"
        "title: {columns: Titel}\n"
        "fields:\n"
        "  cities: {colum: Stadt}\n"
        "  contact: {column: Kontakt, format: 3}\n"
        "colour: red\n"
    )
    assert [one.split(" ")[0] for one in found] == ["1:16", "3:18", "5:12", "6:38", "7:1"]
    assert "Write a name of letters, digits, dots, _ and -." in found[0]
    assert "Did you mean column or columns?" in found[2]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "{column: A, template: '{B}'}",
            "exactly one of constant, column, columns, template; here is column and template",
        ),
        ("{default: x}", "here is none"),
        ("{column: A, join: ', '}", "`join` says nothing without `columns`"),
        ("{column: A, otherwise: x}", "`otherwise` says nothing without `map`"),
    ],
)
def test_a_rule_says_once_where_its_value_comes_from(rule: str, said: str) -> None:
    (found,) = findings(f"source: {{name: x}}\nlifecycle: short\ntitle: {{columns: [A]}}\nfields:\n  contact: {rule}\n")
    assert said in found
    assert found.startswith("5:")


def test_an_activity_stands_for_one_thing() -> None:
    (found, reason) = findings(
        "source: {name: x}\nlifecycle: short\ntitle: {columns: [A]}\ncase: A\nactivity: B\n"
        "time: {column: C}\nperson: {column: D}\nactivities:\n"
        "  Start: {begin: true, transition: submit}\n"
        "  Ende: {ignore: nothing, reason: {column: A}}\n",
        history=True,
    )
    assert found.startswith("9:3 An activity is one of begin, transition, record, assign and ignore; here are 2.")
    assert reason.startswith("10:27 Only a transition has a reason.")


def test_what_is_no_mapping_is_told() -> None:
    assert findings("- a\n") == ["1:1 The file is no mapping. Begin with `source:`."]
    assert "1:1" in findings("")[0]


MAPPING = """
source: {name: test, key: [Titel, Nummer]}
lifecycle: short
actor: koordination@dortmund.example
title: {columns: [Titel, Thema], fallback: "{Ort}: ohne Titel"}
notes: cities
fields:
  cities: {column: Stadt, map: {Dortmund: dortmund, Schwerte: [schwerte, hagen]}, otherwise: nowhere}
  colour: {column: Stadt}
  contact: {constant: [a, b]}
state: {to: {column: Stadt, map: {Dortmund: in_review, Schwerte: reviewed}}}
records:
  - {record: opinions, fields: {feasible: {constant: true}}}
  - {record: opinion, fields: {remark: {column: Kontakt}}}
  - {record: sheet, fields: {title: {column: Titel}}}
people: {boss: {column: Kontakt}}
skip: [{when: {Stadt: [x], Land: [y]}, because: test}]
unused: [Kontakt, Telefon]
"""


def test_every_name_that_does_not_exist_is_told_with_its_place(ideas: Callable[..., Report]) -> None:
    with pytest.raises(FileFault) as error:
        ideas(TABLE, MAPPING)
    assert [f"{one.place.line}:{one.place.column} {one.message}" for one in error.value.findings] == [
        "2:35 The table has no column 'Nummer'.",
        "5:26 The table has no column 'Thema'.",
        "5:44 The table has no column 'Ort'.",
        "6:8 The field 'cities' takes no text.",
        "8:74 There is no city 'hagen'.",
        "8:94 There is no city 'nowhere'.",
        "9:3 'sheet' has no field 'colour'.",
        "10:23 Several values stand here, and the field takes one.",
        "11:66 There is no state 'reviewed'.",
        "13:14 There is no record kind 'opinions'.",
        "14:14 Each person writes 'opinion' for themselves.",
        "14:23 The field 'feasible' of 'opinion' must be filled.",
        "15:14 'sheet' is the sheet.",
        "16:10 There is no role 'boss'.",
        "17:34 The table has no column 'Land'.",
        "18:19 The table has no column 'Telefon'.",
    ]


def test_an_activity_names_what_the_lifecycle_has(history: Callable[..., Report]) -> None:
    mapping = """
source: {name: test}
lifecycle: short
title: {columns: [Titel]}
case: Titel
activity: Stadt
time: {column: Kontakt}
person: {constant: koordination@dortmund.example}
activities:
  a: submitt
  b: {transition: submit, fields: {x: {column: Titel}}}
  c: {transition: accept, fields: {feasible: {constant: perhaps}}}
  d: {assign: boss}
"""
    with pytest.raises(FileFault) as error:
        history(TABLE, mapping)
    assert [f"{one.place.line}:{one.place.column} {one.message}" for one in error.value.findings] == [
        "10:6 There is no transition 'submitt'.",
        "11:27 The transition 'submit' has no form.",
        "12:57 'perhaps' is neither yes nor no.",
        "13:15 There is no role 'boss'.",
    ]
