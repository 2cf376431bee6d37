"""The catalogue of open data: all that DCAT-AP.de 3.0 demands, nothing named and not described, no text breaks it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from states.lifecycle import Text
from states.programme import City, Office, Programme, Term
from workflow.catalog import PREFIXES, Catalog

HOME = "https://ideen.example"
PROGRAMME = Programme(
    label=Text("Programm „Zwei Städte“", "Programme “Two Cities”"),
    cities={
        "dortmund": City("dortmund", Text("Dortmund", "Dortmund"), "ciio", municipality="05913000"),
        "schwerte": City("schwerte", Text("Schwerte", "Schwerte"), "buero"),
    },
    offices={
        "ciio": Office("ciio", Text("CIIO-Büro", "CIIO office"), email="smartcity@dortmund.example"),
        "buero": Office("buero", Text("Büro", "Office")),
        "other": Office("other", Text("Andere", "Other"), email="andere@dortmund.example"),
    },
    fields={"safety": Term("safety", Text("Sicherheit", "Safety"))},
    contributor="http://dcat-ap.de/def/contributors/openNRW",
)
CATALOG = Catalog(PROGRAMME, "idea-to-project", HOME, datetime(2026, 6, 8, 7, 41, tzinfo=UTC))

TOKEN = re.compile(
    r"""\s*(?: (?P<iri> <[^\x00-\x20<>"{}|^`\\]*> )
             | (?P<text> "(?:[^"\\\n\r]|\\["\\nrt])*" (?: @[a-z]+ | \^\^[a-z]+:\w+ )? )
             | (?P<name> [a-z]*:\w+ | a ) | (?P<mark> [;,.] ) )""",
    re.VERBOSE,
)
"""What the catalogue uses of Turtle's grammar (§6.5), and no more."""

Described = dict[str, dict[str, list[str]]]


def read(turtle: str) -> Described:
    """Subject -> predicate -> objects. Fails on what is not Turtle."""
    lines = turtle.splitlines()
    heads = [line for line in lines if line.startswith("@prefix")]
    assert heads == [f"@prefix {name}: <{address}> ." for name, address in PREFIXES.items()]
    text, place, tokens = "\n".join(lines[len(heads) :]), 0, []
    while text[place:].strip():
        found = TOKEN.match(text, place)
        assert found, text[place : place + 80]
        place = found.end()
        tokens.append(found[0].strip())
    found_in: Described = {}
    left = iter(tokens)
    for subject in left:
        said = found_in.setdefault(subject, {})
        while (predicate := next(left)) != ".":
            said[predicate] = [next(left)]
            while (mark := next(left)) == ",":
                said[predicate].append(next(left))
            assert mark == ";"
    return found_in


def part(name: str) -> str:
    return f"<{HOME}/catalog.ttl#{name}>"


MANDATORY = {
    "dcat:Catalog": {"dcterms:title", "dcterms:description", "dcterms:publisher"},
    "dcat:Dataset": {"dcterms:title", "dcterms:description", "dcterms:publisher"},
    "dcat:Distribution": {"dcat:accessURL", "dcterms:license", "dcatde:licenseAttributionByText"},
    "dcat:DataService": {"dcat:endpointURL", "dcterms:title", "dcterms:publisher"},
    "foaf:Agent": {"foaf:name"},
    "vcard:Kind": {"vcard:hasEmail"},
}
"""DCAT-AP.de 3.0, table of classes; the name to be given with CC BY and the mail of a contact by its conventions."""


def test_every_class_has_what_the_profile_demands_and_all_that_is_named_is_described() -> None:
    found = read(CATALOG.turtle())
    assert {said["a"][0] for said in found.values()} == set(MANDATORY)
    for subject, said in found.items():
        assert MANDATORY[said["a"][0]] <= set(said), subject
        inner = [one for objects in said.values() for one in objects if one.startswith(f"<{HOME}/catalog.ttl#")]
        assert set(inner) <= set(found)
    dataset = found[part("portfolio")]
    assert dataset["dcatde:politicalGeocodingURI"] == dataset["dcterms:spatial"]
    assert dataset["dcterms:spatial"] == ["<http://dcat-ap.de/def/politicalGeocoding/municipalityKey/05913000>"]
    assert dataset["dcatde:contributorID"] == ["<http://dcat-ap.de/def/contributors/openNRW>"]
    assert dataset["dcterms:modified"] == ['"2026-06-08T07:41:00+00:00"^^xsd:dateTime']
    assert dataset["dcat:keyword"] == ['"Sicherheit"@de', '"Safety"@en']
    assert dataset["dcat:contactPoint"] == [part("contact-ciio")]
    assert found[part("contact-ciio")]["vcard:hasEmail"] == ["<mailto:smartcity@dortmund.example>"]


def test_what_is_not_known_is_not_said() -> None:
    found = read(Catalog(Programme(), "own", HOME, None).turtle())
    assert not {"dcterms:modified", "dcterms:spatial", "dcatde:contributorID", "dcat:contactPoint"} & set(
        found[part("portfolio")]
    )
    assert found[part("list")]["dcat:accessURL"] == [f"<{HOME}/api/v1/items?lifecycle=own>"]


@pytest.mark.parametrize(
    "text", ['Mit "Anführung"', "Rückstrich \\", "zwei\nZeilen\r\n", 'Ende" . <x> a <y> ; #', "𝔘mläute – ‘’", "\\n"]
)
def test_no_text_and_no_address_breaks_out(text: str) -> None:
    programme = replace(PROGRAMME, label=Text(text, text), contributor=f"http://dcat-ap.de/{text}")
    found = read(Catalog(programme, text, HOME, None).turtle())
    assert len(found) == len(read(CATALOG.turtle()))
    (said, _) = found[part("publisher")]["foaf:name"]
    quoted = said.removesuffix("@de").removeprefix('"').removesuffix('"')
    marks = {"n": "\n", "r": "\r", '"': '"', "\\": "\\"}
    assert re.sub(r"\\(.)", lambda found: marks[found[1]], quoted) == text
