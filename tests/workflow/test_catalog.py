"""The catalogue of open data: all that DCAT-AP.de 3.0 demands, nothing named and not described, no text breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, URIRef

from states.programme import City, Office, Programme, Term
from states.sentences import Text
from workflow.catalog import DCATDE, VCARD, Catalog

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


def read(catalog: Catalog) -> Graph:
    return Graph().parse(data=catalog.turtle(), format="turtle")


def part(name: str) -> URIRef:
    return URIRef(f"{HOME}/catalog.ttl#{name}")


MANDATORY = {
    DCAT.Catalog: {DCTERMS.title, DCTERMS.description, DCTERMS.publisher},
    DCAT.Dataset: {DCTERMS.title, DCTERMS.description, DCTERMS.publisher},
    DCAT.Distribution: {DCAT.accessURL, DCTERMS.license, DCATDE.licenseAttributionByText},
    DCAT.DataService: {DCAT.endpointURL, DCTERMS.title, DCTERMS.publisher},
    FOAF.Agent: {FOAF.name},
    VCARD.Kind: {VCARD.hasEmail},
}
"""DCAT-AP.de 3.0, table of classes; the name to be given with CC BY and the mail of a contact by its conventions."""


def test_every_class_has_what_the_profile_demands_and_all_that_is_named_is_described() -> None:
    found = read(CATALOG)
    assert set(found.objects(predicate=RDF.type)) == set(MANDATORY)
    for subject in set(found.subjects()):
        (kind,) = found.objects(subject, RDF.type)
        assert MANDATORY[kind] <= set(found.predicates(subject)), subject
    inner = {one for one in found.objects() if isinstance(one, URIRef) and one.startswith(f"{HOME}/catalog.ttl#")}
    assert inner <= set(found.subjects())
    said = {
        DCTERMS.spatial: ["http://dcat-ap.de/def/politicalGeocoding/municipalityKey/05913000"],
        DCATDE.politicalGeocodingURI: ["http://dcat-ap.de/def/politicalGeocoding/municipalityKey/05913000"],
        DCATDE.contributorID: ["http://dcat-ap.de/def/contributors/openNRW"],
        DCAT.contactPoint: [f"{HOME}/catalog.ttl#contact-ciio"],
    }
    for predicate, addresses in said.items():
        assert [str(one) for one in found.objects(part("portfolio"), predicate)] == addresses
    assert found.value(part("portfolio"), DCTERMS.modified) == Literal(CATALOG.modified)
    keywords = {Literal("Sicherheit", "de"), Literal("Safety", "en")}
    assert set(found.objects(part("portfolio"), DCAT.keyword)) == keywords
    assert found.value(part("contact-ciio"), VCARD.hasEmail) == URIRef("mailto:smartcity@dortmund.example")


def test_what_is_not_known_is_not_said() -> None:
    found = read(Catalog(Programme(), "own", HOME, None))
    unknown = {DCTERMS.modified, DCTERMS.spatial, DCATDE.contributorID, DCAT.contactPoint}
    assert not unknown & set(found.predicates(part("portfolio")))
    assert found.value(part("list"), DCAT.accessURL) == URIRef(f"{HOME}/api/v1/items?lifecycle=own")


@pytest.mark.parametrize(
    "text", ['Mit "Anführung"', "Rückstrich \\", "zwei\nZeilen\r\n", 'Ende" . <x> a <y> ; #', "𝔘mläute – ‘’", "\\n"]
)
def test_no_text_and_no_address_breaks_out(text: str) -> None:
    programme = replace(PROGRAMME, label=Text(text, text), contributor=f"http://dcat-ap.de/{text}")
    found = read(Catalog(programme, text, HOME, None))
    assert set(found.subjects()) == set(read(CATALOG).subjects())
    assert set(found.objects(part("publisher"), FOAF.name)) == {Literal(text, "de"), Literal(text, "en")}
