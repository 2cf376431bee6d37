"""Proposes a mapping for a table by how alike the names of its columns and of the fields are; and changes one column by
column. A mapping is plain data here, as its YAML file has it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

from states.lifecycle import Lifecycle
from states.programme import Programme
from states.record_kinds import Column
from states.sentences import Text
from workflow.imports.tables import Table

Data = dict[str, Any]

TITLE, STATE, SINCE, FIELD = "title", "state", "since", "field:"
"""What a column may fill; behind FIELD stands the key of a field of the sheet."""

ALIKE = 0.75
"""How alike two names have to be, from 0 to 1."""

WITHIN, LONG = 0.8, 4
"""How alike a name of so many letters is to one that it is a part of."""

CALLED = {
    TITLE: ("titel", "title", "name", "projekt", "project", "idee", "bezeichnung", "betreff", "subject"),
    STATE: ("stand", "status", "zustand", "state"),
    SINCE: ("seit", "since"),
    "case": ("vorgang", "fall", "case", "ticket", "nummer"),
    "activity": ("schritt", "aktivitat", "activity", "aktion", "action", "ereignis"),
    "time": ("zeitpunkt", "zeit", "time", "datum", "date", "wann"),
    "person": ("person", "wer", "user", "benutzer", "bearbeiter", "email"),
}
SEPARATORS = ("/", ";", ",", "|")
DAYS = {
    "%d.%m.%Y": re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"),
    "%d.%m.%Y %H:%M": re.compile(r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d\d"),
    "%m/%Y": re.compile(r"\d\d/\d{4}"),
    "%Y": re.compile(r"\d{4}"),
}
"""How days are written, and how that looks."""

LOOKED_AT = 500
"""Rows that are looked at for how their cells are written."""

MOST_ACTIVITIES = 200
IGNORED = "Noch nicht zugeordnet."


def targets(lifecycle: Lifecycle) -> dict[str, Text | None]:
    """What a column of a table of ideas may fill, with the label where the lifecycle has one."""
    sheet = lifecycle.records[lifecycle.sheet] if lifecycle.sheet else None
    fields = [one for one in sheet.fields.values() if one.sets is not Column.TITLE] if sheet else []
    return {TITLE: None, STATE: None, SINCE: None, **{f"{FIELD}{one.key}": one.label for one in fields}}


def proposed(table: Table, lifecycle: Lifecycle, programme: Programme, source: str) -> Data:
    """A mapping for a table of ideas. source: the name under which its rows are remembered."""
    chosen: dict[str, str] = {}
    for _, column, target in _pairs(table.columns, lifecycle):
        if column not in chosen and target not in chosen.values():
            chosen[column] = target
    if TITLE not in chosen.values() and table.columns:
        free = next((one for one in table.columns if one not in chosen), table.columns[0])
        chosen[free] = TITLE
    data = arranged({"source": {"name": slug(source)}, "lifecycle": lifecycle.key}, table, chosen)
    for key, rule in data.get("fields", {}).items():
        _refine(rule, table, _vocabulary(lifecycle, key), programme)
    if "since" in data.get("state", {}):
        _refine(data["state"]["since"], table, None, programme)
    return data


def proposed_log(table: Table, lifecycle: Lifecycle, programme: Programme, source: str) -> Data:
    """A mapping for another tool's log; activities that no transition is called like are ignored at first."""
    columns = list(table.columns)
    found = {name: _nearest(columns, CALLED[name]) or columns[0] for name in ("case", "activity", "time", "person")}
    title = _nearest(columns, CALLED[TITLE])
    activities: Data = {}
    for text in dict.fromkeys(row.cells[found["activity"]] for row in table.rows):
        if text and len(activities) < MOST_ACTIVITIES:
            labels = {(move.label.de, move.label.en, move.key): move.key for move in lifecycle.transitions.values()}
            best = max(labels, key=lambda names: max(_alike(text, name) for name in names))
            near = max(_alike(text, name) for name in best) >= ALIKE
            activities[text] = labels[best] if near else {"ignore": IGNORED}
    data: Data = {
        "source": {"name": slug(source)},
        "lifecycle": lifecycle.key,
        "case": found["case"],
        "activity": found["activity"],
        "time": {"column": found["time"]},
        "person": {"column": found["person"]},
        "title": {"columns": [title or found["case"]], "fallback": f"{{{found['case']}}}"},
        "activities": activities,
        "order": "time",
    }
    _refine(data["time"], table, None, programme)
    return data


def assigned(data: Mapping[str, Any]) -> dict[str, str]:
    """Column -> what it fills, as far as that is one of `targets`."""
    found = dict.fromkeys(data.get("title", {}).get("columns", ()), TITLE)
    for target, rule in _rules(data):
        for column in [rule["column"]] if "column" in rule else rule.get("columns", ()):
            found.setdefault(column, target)
    return found


def arranged(data: Mapping[str, Any], table: Table, chosen: Mapping[str, str]) -> Data:
    """The mapping with these columns (column -> what it fills); what else a rule says is kept while its column is."""
    new = {key: value for key, value in data.items() if key not in ("title", "fields", "state", "unused")}
    before = dict(_rules(data))
    by_target: dict[str, list[str]] = {}
    for column, target in chosen.items():
        by_target.setdefault(target, []).append(column)
    new["title"] = {**data.get("title", {}), "columns": by_target.pop(TITLE, [])}
    kept = {target: rule for target, rule in before.items() if not {"column", "columns"} & rule.keys()}
    rules = kept | {target: _rule(columns, before.get(target, {})) for target, columns in by_target.items()}
    if fields := {target.removeprefix(FIELD): rule for target, rule in rules.items() if target.startswith(FIELD)}:
        new["fields"] = fields
    if STATE in rules:
        origin = {key: rule for key, rule in data.get("state", {}).items() if key == "origin"}
        new["state"] = {"to": rules[STATE], **({"since": rules[SINCE]} if SINCE in rules else {}), **origin}
    if left := [column for column in table.columns if column not in _spoken_of(new)]:
        new["unused"] = left
    return new


def dumped(data: Mapping[str, Any]) -> str:
    """The mapping as a YAML file."""
    return yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=120)


def slug(name: str) -> str:
    """A name for a source: `Maßnahmen 2026.xlsx` -> `Massnahmen-2026`."""
    folded = unicodedata.normalize("NFKD", name.rpartition(".")[0] or name).replace("ß", "ss")
    plain = folded.encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")[:64] or "table"


def _rules(data: Mapping[str, Any]) -> Iterator[tuple[str, Data]]:
    for key, rule in data.get("fields", {}).items():
        yield f"{FIELD}{key}", rule
    for key, target in (("to", STATE), ("since", SINCE)):
        if key in data.get("state", {}):
            yield target, data["state"][key]


def _rule(columns: Sequence[str], before: Mapping[str, Any]) -> Data:
    rest = {key: value for key, value in before.items() if key not in ("column", "columns", "join")}
    if len(columns) == 1:
        return {"column": columns[0], **(rest if before.get("column") == columns[0] else {})}
    return {"columns": list(columns), "join": ", "}


def _spoken_of(data: Any) -> set[str]:
    """Every text that stands in the mapping where a column may."""
    if isinstance(data, Mapping):
        return set().union(*({str(key)} | _spoken_of(value) for key, value in data.items()))
    if isinstance(data, list):
        return set().union(*map(_spoken_of, data))
    return {data, *re.findall(r"\{([^{}]+)\}", data)} if isinstance(data, str) else set()


def _pairs(columns: Sequence[str], lifecycle: Lifecycle) -> list[tuple[float, str, str]]:
    """How alike a column and what it may fill are, the most alike first."""
    found = []
    for target, label in targets(lifecycle).items():
        names = CALLED[target] if label is None else (target.removeprefix(FIELD), label.de, label.en)
        found += [(max(_alike(column, name) for name in names), column, target) for column in columns]
    return sorted((one for one in found if one[0] >= ALIKE), key=lambda one: -one[0])


def _nearest(columns: Sequence[str], names: Sequence[str]) -> str | None:
    best = max(columns, key=lambda column: max(_alike(column, name) for name in names))
    return best if max(_alike(best, name) for name in names) >= ALIKE else None


def _alike(one: str, other: str) -> float:
    short, long = sorted((_folded(one), _folded(other)), key=len)
    return WITHIN if LONG <= len(short) < len(long) and short in long else SequenceMatcher(None, short, long).ratio()


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain)


def _vocabulary(lifecycle: Lifecycle, field: str) -> str | None:
    """The programme's vocabulary that several values of a field come from."""
    schema = lifecycle.records[lifecycle.sheet or ""].fields[field].schema
    form = str(schema.get("items", {}).get("format", "")).partition("_or_")[0]
    return form if schema.get("type") == "array" and form else None


def _refine(rule: Data, table: Table, vocabulary: str | None, programme: Programme) -> None:
    """Say how several values are parted, and how days are written, where the cells show it."""
    if "column" not in rule:
        return
    cells = [cell for row in table.rows[:LOOKED_AT] if (cell := row.cells[rule["column"]])]
    forms = [form for form, shape in DAYS.items() if any(shape.fullmatch(cell) for cell in cells)]
    if forms and all(any(DAYS[form].fullmatch(cell) for form in forms) for cell in cells):
        rule["format"] = forms
    if vocabulary:
        known = {
            _folded(name) for key, one in programme.vocabulary(vocabulary).items() for name in (key, *_labels(one))
        }
        for mark in SEPARATORS:
            parts = [part for cell in cells if mark in cell for part in cell.split(mark)]
            if parts and sum(_folded(part) in known for part in parts) > len(parts) / 2:
                rule["split"] = mark
                return


def _labels(one: Any) -> tuple[str, str]:
    """The labels of an entry of a vocabulary."""
    return one.label.de, one.label.en
