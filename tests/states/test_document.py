"""YAML as plain data with places: YAML 1.2's reading of scalars, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import config
from states import document
from states.document import DEEPEST, LARGEST, read
from states.errors import Place

FILES = sorted(Path(config.__file__).parent.rglob("*.yaml"))


@pytest.fixture(params=["libyaml", "plain Python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both parsers of PyYAML; an installation has the second where it was built without libyaml."""
    if request.param == "plain Python":
        monkeypatch.setattr(document, "LOADER", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    return str(request.param)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("010", 10),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("FALSE", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("2023-03-31", "2023-03-31"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("=", "="),
        ("'7'", "7"),
        ('"true"', "true"),
        ("|\n  true", "true\n"),
    ],
)
def test_scalars_are_read_as_yaml_1_2_reads_them(parser: str, written: str, value: Any) -> None:
    found, findings = read(f"key: {written}\n")

    assert not findings
    assert found.data == {"key": value}
    assert type(found.data["key"]) is type(value)


def test_every_key_and_value_has_its_place(parser: str) -> None:
    found, _ = read("a:\n  - x: 1\n  - {y: [p, q]}\n")

    assert found.place(("a",)) == Place(1, 1)
    assert found.place(("a", 0, "x")) == Place(2, 5)
    assert found.value_place(("a", 0, "x")) == Place(2, 8)
    assert found.place(("a", 1, "y", 1)) == Place(3, 13)


def test_what_is_not_there_has_the_place_of_what_is_around_it(parser: str) -> None:
    found, _ = read("a:\n  b: {c: 1}\n")

    assert found.place(("a", "b", "missing")) == Place(2, 3)
    assert found.value_place(("a", "b", "missing", 3)) == Place(2, 6)
    assert found.place(("nowhere",)) == Place(1, 1)


def test_one_entry_that_stands_alone_is_the_first_of_its_list(parser: str) -> None:
    found, _ = read("to: done\ndeadline:\n  due: soon\n")

    assert found.value_place(("to", 0)) == Place(1, 5)
    assert found.value_place(("deadline", 0, "due")) == Place(3, 8)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_both_parsers_read_the_shipped_files_alike(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = file.read_text("utf-8")
    fast, _ = read(text)
    monkeypatch.setattr(document, "LOADER", yaml.SafeLoader)

    assert read(text) == (fast, [])


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 1\na: 2\n", (2, 1), "The key 'a' stands here twice (first in line 1)."),
        ("a: {b: 1, b: 2}\n", (1, 11), "The key 'b' stands here twice"),
        ("2026: x\n", (1, 1), "The key '2026' is no text."),
        ("null: x\n", (1, 1), "The key 'null' is no text."),
        ("? [a]\n: b\n", (1, 3), "A key must be a plain text."),
        ("a: *b\n", (1, 4), "The alias *b repeats nothing that stands above."),
        ("a: &b [*b]\n", (1, 8), "The alias *b stands within what it repeats."),
        ("a: !!python/name:os.system x\n", (1, 4), "The tag tag:yaml.org,2002:python/name:os.system is not read."),
        ("a: !secret x\n", (1, 4), "The tag !secret is not read."),
        ("a: 9007199254740993\n", (1, 4), "The number 9007199254740993 is too large."),
        ("a: " + "9" * 5000, (1, 4), "is too large."),
        ("a: 1e999\n", (1, 4), "The number 1e999 is too large."),
        ("a: 1\n--- \nb: 2\n", (2, 1), "A second document begins here."),
        ("a: b: c\n", (1, 5), "This is not YAML"),
        ("a:\n\t- b\n", (2, 1), "Indent with spaces, not with tabs"),
        ("a: 'b\n", (1, 4), "Close the quotes."),
        ("a: [b\n", (1, 4), "Close the bracket"),
        ("a: {b: c\n", (1, 4), "Close the brace"),
        ("a: x\x07y\n", (1, 5), "The character U+0007 must not stand in a YAML file."),
        ("[" * (DEEPEST + 5), (1, DEEPEST + 1), f"More than {DEEPEST} levels are nested here."),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_makes_a_file_hard_to_trust_is_refused(text: str, place: tuple[int, int], says: str, parser: str) -> None:
    _, findings = read(text)

    told = [((one.place.line, one.place.column), f"{one.message} {one.hint}") for one in findings]
    assert any(where == place and says in said for where, said in told), told


def test_aliases_that_blow_up_are_refused_before_they_do(parser: str) -> None:
    nine = ["&a0 [x]", *(f"&a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 12))]
    text = "".join(f"k{level}: {value}\n" for level, value in enumerate(nine))

    found, findings = read(text)

    assert found.data is None
    assert f"more than {LARGEST:,} values" in findings[-1].message


def test_faults_of_an_entry_do_not_hide_those_of_the_next(parser: str) -> None:
    _, findings = read("a: 1\na: 2\n7: x\nb: !x y\n")

    assert [one.place.line for one in findings] == [2, 3, 4]
