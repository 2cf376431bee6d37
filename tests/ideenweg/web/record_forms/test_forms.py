"""A form of whatever a lifecycle file declares: what it shows, what typing into it means, where a fault is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import config
from ideenweg.web.record_forms.boxes import Box, Forms, Widget
from ideenweg.web.record_forms.typed import data_of, typed_of, without_gaps
from states.lifecycle import Lifecycle
from states.loader import load_lifecycle, load_programme
from states.programme import Programme
from states.record_kinds import RecordKind
from states.schema import FORMATS
from states.validation import checked

DATA: dict[str, Any] = {
    "line": "Bänke", "text": "a\nb", "number": 1250.5, "whole": -3, "scale": 0, "yes_no": False, "few": "red",
    "many": "g", "digits": 2, "day": "2026-06-09", "about": "2026-06", "mail": "a@example.org",
    "link": "https://example.org/", "city": "dortmund", "anywhere": ["schwerte", "unknown"], "field": "smart-mobility",
    "body": "council-dortmund", "office": "it-dortmund", "provenance": "participation", "funding": "own-funds",
    "move": "finish", "other": "2026-0001", "names": ["A", "B"], "place": {"street": "Am Wall", "floor": 2},
    "stations": [{"body": "council-dortmund", "dates": ["2026-06-09"]}, {"body": "council-schwerte"}],
}  # fmt: skip


class Words:
    """Sentences that say which they are."""

    locale = "de"

    def __call__(self, key: str, **params: Any) -> str:
        return " ".join([key, *map(str, params.values())])


@pytest.fixture(scope="module")
def programme() -> Programme:
    file = Path(config.__file__).parent / "programme.yaml"
    return load_programme(file.read_text("utf-8"), file.name)


@pytest.fixture(scope="module")
def lifecycle() -> Lifecycle:
    return load_lifecycle((Path(__file__).parent / "forms.yaml").read_text("utf-8"), "forms.yaml")


@pytest.fixture(scope="module")
def kind(lifecycle: Lifecycle) -> RecordKind:
    return lifecycle.records["all"]


@pytest.fixture(scope="module")
def forms(lifecycle: Lifecycle, programme: Programme) -> Forms:
    return Forms(Words(), lifecycle, programme)


def named(boxes: tuple[Box, ...]) -> dict[str, Box]:
    def walk(boxes: tuple[Box, ...]) -> Iterator[Box]:
        for box in boxes:
            yield box
            yield from walk(box.parts)

    return {box.name: box for box in walk(boxes)}


def test_the_lifecycle_of_these_tests_has_every_format(kind: RecordKind) -> None:
    used = {one.schema.get("format") or one.schema.get("items", {}).get("format") for one in kind.fields.values()}
    assert set(FORMATS) <= used


@pytest.mark.parametrize("locale", ["de", "en"])
def test_what_is_shown_of_data_and_sent_back_is_the_same_data(
    lifecycle: Lifecycle, programme: Programme, kind: RecordKind, locale: str
) -> None:
    data = data_of(kind, typed_of(kind, DATA, locale), locale)
    assert data == DATA
    assert checked(lifecycle, programme, kind, data)[1] == []


def test_each_type_has_its_widget(forms: Forms, kind: RecordKind) -> None:
    found = {name.removeprefix("f."): box.widget for name, box in named(forms.boxes(kind, {})).items()}
    assert found == {
        "line": Widget.LINE, "text": Widget.TEXT, "number": Widget.LINE, "whole": Widget.LINE, "scale": Widget.SCALE,
        "yes_no": Widget.RADIOS, "few": Widget.RADIOS, "many": Widget.SELECT, "digits": Widget.RADIOS,
        "day": Widget.DATE, "about": Widget.LINE, "mail": Widget.LINE, "link": Widget.LINE, "city": Widget.RADIOS,
        "anywhere": Widget.BOXES, "field": Widget.SELECT, "body": Widget.SELECT, "office": Widget.SELECT,
        "provenance": Widget.SELECT, "funding": Widget.RADIOS, "move": Widget.RADIOS, "other": Widget.LINE,
        "names": Widget.ROWS, "names.0": Widget.LINE, "place": Widget.GROUP, "place.street": Widget.LINE,
        "place.floor": Widget.LINE, "stations": Widget.ROWS, "stations.0": Widget.GROUP,
        "stations.0.body": Widget.SELECT, "stations.0.dates": Widget.ROWS, "stations.0.dates.0": Widget.DATE,
    }  # fmt: skip


def test_a_box_says_what_it_is(forms: Forms, kind: RecordKind) -> None:
    boxes = named(forms.boxes(kind, {}))
    assert (boxes["f.line"].label, boxes["f.line"].hint, boxes["f.line"].required) == ("Zeile", "Kurz", True)
    assert boxes["f.line"].attributes["maxlength"] == "40"
    assert (boxes["f.text"].private, boxes["f.line"].private) == (True, False)
    assert boxes["f.number"].hint == "form_between 0 1000000"
    assert [one.label for one in boxes["f.few"].options] == ["Rot", "Grün"]
    assert [one.value for one in boxes["f.yes_no"].options] == ["true", "false", ""]  # one may take it back
    assert boxes["f.stations.0.body"].label == "Gremium"
    assert boxes["f.place.street"].label == "Straße"


def test_a_fault_is_told_at_its_box_and_what_was_typed_stays(
    forms: Forms, lifecycle: Lifecycle, programme: Programme, kind: RecordKind
) -> None:
    typed = {"f.number": ["viel"], "f.stations.3.body": ["council-dortmund"], "f.stations.7.dates.2": ["bald"]}
    tidy = without_gaps(kind, typed)
    faults = checked(lifecycle, programme, kind, data_of(kind, typed, "de"))[1]
    boxes = named(forms.boxes(kind, tidy, faults))
    wrong = {name for name, box in boxes.items() if box.errors}
    assert wrong == {"f.line", "f.scale", "f.few", "f.number", "f.stations.1.body", "f.stations.1.dates.0"}
    assert boxes["f.number"].text == "viel"
    assert boxes["f.stations.1.dates.0"].text == "bald"
    assert forms.elsewhere(kind, faults) == []


def test_rows_close_up_when_one_is_taken_out_and_more_are_offered(forms: Forms, kind: RecordKind) -> None:
    typed = typed_of(kind, {"names": ["A", "B"], "stations": DATA["stations"]}, "de")
    assert data_of(kind, without_gaps(kind, typed, drop="f.names.0"), "de")["names"] == ["B"]
    boxes = named(forms.boxes(kind, typed, spare={"f.stations": 3}))
    assert len(boxes["f.stations"].parts) == 5
    assert len(boxes["f.names"].parts) == 3  # two there, and no more than maxItems


def test_what_is_no_field_is_not_read(kind: RecordKind) -> None:
    assert data_of(kind, {"f.nothing": ["x"], "csrf": ["y"], "f.names.x": ["z"], "f.names.²": ["z"]}, "de") == {}
