"""Every guard by table: facts -> blockers, in German and English; and the page that tells of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from states.blockers import Blocker
from states.document import read
from states.errors import GuardClash
from states.guards import GUARDS, Guard, Question, Wake, guards_with
from states.guards.base import parameters, wakes
from states.lifecycle import GuardUse, Lifecycle
from states.snapshot import Needs, Request, Snapshot
from states.uses import GuardUses

TABLE: Mapping[str, list[dict[str, Any]]] = read(Path(__file__).with_name("guards.yaml").read_text("utf-8"))[0].data
PAGE = (Path(__file__).parents[2] / "docs" / "guards.md").read_text("utf-8")

each_case = pytest.mark.parametrize(
    ("name", "case"),
    [pytest.param(name, case, id=f"{name}: {case['says']}") for name, cases in TABLE.items() for case in cases],
)
each_guard = pytest.mark.parametrize("guard", GUARDS.values(), ids=lambda guard: guard.name)


def used(entry: Mapping[str, Any]) -> GuardUse:
    """The guard as a lifecycle file would use it in the transition `check`."""
    uses = GuardUses(GUARDS)
    (use,) = uses.read([entry], ("transitions", "check", "guards"))
    assert not uses.faults
    return use


def facts(item: Callable[..., Snapshot], case: Mapping[str, Any]) -> Snapshot:
    given = dict(case.get("given", {}))
    if "supports" in given:
        given["supports"] = [datetime.fromisoformat(moment) for moment in given["supports"]]
    return item(**given)


def judged(use: GuardUse, snapshot: Snapshot, lifecycle: Lifecycle, now: datetime) -> list[Blocker]:
    return list(use.guard.judge(Question(use.params, snapshot, Request("check"), now, lifecycle)))


@each_case
def test_a_guard_tells_what_is_missing_and_who_can_bring_it(
    name: str, case: Mapping[str, Any], guarded: Lifecycle, item: Callable[..., Snapshot], now: datetime
) -> None:
    blockers = judged(used({name: case["params"]}), facts(item, case), guarded, now)

    told = [{"code": one.code, "de": one.in_locale("de-DE"), "en": one.message} for one in blockers]
    assert told == case.get("blocks", [])


@each_case
def test_a_guard_reads_nothing_but_what_it_declares(
    name: str, case: Mapping[str, Any], guarded: Lifecycle, item: Callable[..., Snapshot], now: datetime
) -> None:
    use, snapshot = used({name: case["params"]}), facts(item, case)

    assert judged(use, only(use.guard.needs(use.params), snapshot), guarded, now) == judged(use, snapshot, guarded, now)


def only(needs: Needs, snapshot: Snapshot) -> Snapshot:
    """The facts that are loaded for these needs."""
    return replace(
        snapshot,
        records=tuple(fact for fact in snapshot.records if fact.kind in needs.records),
        links=tuple(
            replace(link, records=tuple(fact for fact in link.records if fact.kind in needs.links[link.kind]))
            for link in snapshot.links
            if link.kind in needs.links
        ),
        assignments=snapshot.assignments if needs.assignments else (),
        steps=snapshot.steps if needs.steps else (),
        supports=snapshot.supports if needs.support else (),
    )


@each_guard
def test_the_parameters_of_a_guard_are_a_closed_json_schema(guard: Guard) -> None:
    Draft202012Validator.check_schema(guard.schema)
    assert guard.schema["additionalProperties"] is False


@each_guard
def test_the_table_shows_each_guard_holding_and_not_holding(guard: Guard) -> None:
    held = [not case.get("blocks") for case in TABLE[guard.name]]
    assert True in held
    assert False in held


def test_a_plug_in_adds_a_guard() -> None:
    full_moon = Guard("full_moon", "…", parameters(), lambda params: Needs(), wakes(Wake.DATE), lambda question: [])

    assert guards_with([full_moon])["full_moon"] is full_moon
    assert guards_with([full_moon]).keys() == {*GUARDS, "full_moon"}


def test_a_plug_in_replaces_no_guard() -> None:
    with pytest.raises(GuardClash, match="four_eyes"):
        guards_with([replace(GUARDS["four_eyes"], judge=lambda question: [])])


# --- the page ---------------------------------------------------------------------------------------------------------


def section(name: str) -> str:
    """What docs/guards.md says of a guard."""
    found = re.search(rf"^### {name}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"docs/guards.md has no section on {name}"
    return found[1]


def examples(name: str) -> list[GuardUse]:
    (text,) = re.findall(r"```yaml\n(.*?)```", section(name), re.DOTALL)
    return [used(entry) for entry in read(text)[0].data]


def test_the_page_tells_of_every_guard_and_of_no_other() -> None:
    assert sorted(re.findall(r"^### (.*)$", PAGE, re.MULTILINE)) == sorted(GUARDS)


@each_guard
def test_the_page_says_what_a_guard_is(guard: Guard) -> None:
    assert section(guard.name).strip().startswith(guard.summary)


@each_guard
def test_the_page_tells_every_parameter_and_whether_it_has_to_be_there(guard: Guard) -> None:
    rows = re.findall(r"^\| `(\w+)`( \(required\))? \|.+\|$", section(guard.name).split("| blocker")[0], re.MULTILINE)

    required = guard.schema.get("required", [])
    assert dict(rows) == {name: " (required)" if name in required else "" for name in guard.schema["properties"]}


@each_guard
def test_the_page_tells_what_wakes_a_guard_in_its_examples(guard: Guard) -> None:
    (told,) = re.findall(r"^Woken by: (.*)\.$", section(guard.name), re.MULTILINE)

    woken = {wake.value for use in examples(guard.name) for wake in use.guard.wakes(use.params)}
    assert told == (", ".join(sorted(woken)) or "nothing")


@each_guard
def test_the_page_quotes_every_blocker_a_guard_has(guard: Guard) -> None:
    quoted = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", section(guard.name).split("| blocker")[1], re.MULTILINE)

    said = [(one["code"], one["de"], one["en"]) for case in TABLE[guard.name] for one in case.get("blocks", [])]
    assert {code for code, *_ in quoted} == {code for code, *_ in said}
    assert set(quoted) <= set(said)


@pytest.mark.parametrize(("day", "expected"), [(5, []), (6, ["weekend"])], ids=["Friday", "Saturday"])
def test_the_guard_that_the_page_shows_how_to_write_works(
    day: int, expected: list[str], guarded: Lifecycle, item: Callable[..., Snapshot], now: datetime
) -> None:
    (text,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    package: dict[str, Any] = {}
    exec(text, package)  # noqa: S102
    guard = guards_with([package["weekday"]])["weekday"]
    use = GuardUse("weekday", {"until": 5}, guard)

    friday = now.replace(day=now.day - now.isoweekday() + day)
    assert [one.code for one in judged(use, item(), guarded, friday)] == expected
