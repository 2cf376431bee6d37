"""Programme files: what gets in, and what every fault of one is told as."""

from __future__ import annotations

import hashlib
import re
from zoneinfo import ZoneInfo

import pytest

from states.errors import FileFault
from states.loader import load_programme
from states.sentences import Text

TOWNS = """\
programme: towns
version: 2
label: {de: Zwei Städte, en: Two towns}
zone: Europe/London
lifecycle: works
cities:
  north: {label: {de: Nord, en: North}}
  south: {}
fields: {trade: {label: "Wirtschaft, Handel und Tourismus"}}
bodies: {council: {city: north, size: 31}, funder: {}}
offices: {roads: {city: south, email: roads@south.example}}
provenance: {workshop: {}}
funding: {own-funds: {}}
vision: Gut leben
values: {fair: {}}
"""


def test_a_programme_names_the_roles_that_administer() -> None:
    named = TOWNS + "administration: [keeper, clerk]\n"
    assert load_programme(named, "towns.yaml").administration == ("keeper", "clerk")
    assert load_programme(TOWNS, "towns.yaml").administration == ("administrator",)
    with pytest.raises(FileFault, match="administration"):
        load_programme(TOWNS + "administration: []\n", "towns.yaml")


def test_a_programme_has_its_vocabularies() -> None:
    towns = load_programme(TOWNS, "towns.yaml")

    assert (towns.key, towns.version, towns.lifecycle) == ("towns", 2, "works")
    assert towns.zone == ZoneInfo("Europe/London")
    assert towns.cities["north"].label == Text("Nord", "North")
    assert towns.cities["south"].label == Text("South", "South")
    assert towns.fields["trade"].label.de == "Wirtschaft, Handel und Tourismus"
    assert (towns.bodies["council"].city, towns.bodies["council"].size) == ("north", 31)
    assert towns.bodies["funder"].city is None
    assert towns.offices["roads"].email == "roads@south.example"
    assert list(towns.vocabulary("provenance")) == ["workshop"]
    assert towns.vision == Text("Gut leben", "Gut leben")
    assert list(towns.values) == ["fair"]
    assert towns.sha256 == hashlib.sha256(TOWNS.encode()).hexdigest()


def test_days_begin_in_berlin_where_a_programme_says_nothing() -> None:
    assert load_programme("programme: p\nversion: 1\n", "p.yaml").zone == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("programme: towns\n", "", "1:1: The key 'programme' is missing in the file. Add `programme:`."),
        ("version: 2", "version: two", "2:10: 'two' cannot stand in version. Write a whole number."),
        ("zone: Europe/London", "zone: Europe/Lodnon", "4:7: There is no time zone 'Europe/Lodnon'. Did you mean "),
        ("city: north", "city: nort", "10:26: There is no city 'nort'. Did you mean north?"),
        ("city: south", "city: sout", "11:25: There is no city 'sout'. Did you mean south?"),
        ("south: {}", "south: {office: raods}", "8:19: There is no office 'raods'. Did you mean roads?"),
        ("size: 31", "siez: 31", "10:33: Unknown key 'siez' in body 'council'. Did you mean size?"),
        ("size: 31", "size: 0", "10:39: 0 is too small in size of body 'council'. Write at least 1."),
        ("roads@south.example", "roads", "11:39: 'roads' is not possible in email of office 'roads'."),
        ("vision: Gut leben", "vision: {de: Gut leben}", "14:1: The key 'en' is missing in vision. Add `en:`."),
        ("  south: {}", "  south side: {}", "8:3: 'south side' is not a name."),
        ("  south: {}", "  south: 7", "8:10: 7 cannot stand in city 'south'. Write a mapping (`key: value`)."),
        ("cities:\n", "cities: [north]\nx:\n", "6:9: A list cannot stand in cities. Write a mapping (`key: value`)."),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_what_would_be_right(old: str, new: str, says: str) -> None:
    with pytest.raises(FileFault, match=re.escape(f"towns.yaml:{says}")):
        load_programme(TOWNS.replace(old, new), "towns.yaml")


def test_all_faults_are_told_at_once() -> None:
    text = TOWNS.replace("version: 2", "version: 0").replace("city: north", "city: nort").replace("vision:", "visoin:")

    with pytest.raises(FileFault) as caught:
        load_programme(text, "towns.yaml")

    assert [one.check for one in caught.value.findings] == ["value", "unknown-city", "unknown-key"]
