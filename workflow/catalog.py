"""What open data there is, as a catalogue that data portals read: DCAT-AP.de 3.0 in Turtle (W3C RDF 1.1 Turtle).

One catalogue with one dataset, the portfolio, in three distributions: the CSV and JSON files, and the API's list. All
that the profile demands is there, and what it recommends as far as the programme's file says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, Namespace, URIRef
from rdflib.term import Node
from sqlalchemy import Connection

from states.lifecycle import Lifecycle
from states.programme import Office, Programme
from states.sentences import Text
from workflow.queries import public

DCATAP = Namespace("http://data.europa.eu/r5r/")
DCATDE = Namespace("http://dcat-ap.de/def/dcatde/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
PREFIXES = {"dcat": DCAT, "dcatap": DCATAP, "dcatde": DCATDE, "dcterms": DCTERMS, "foaf": FOAF, "vcard": VCARD}

EUROPE = "http://publications.europa.eu/resource/authority"
GERMANY = "http://dcat-ap.de/def"
LICENCE = f"{GERMANY}/licenses/cc-by/4.0"
THEMES = ("GOVE", "REGI", "TECH")
"""Of the European vocabulary: government and public sector, regions and cities, science and technology."""

LANGUAGES = {"de": "DEU", "en": "ENG"}

TITLE = Text("Ideen und Projekte", "Ideas and projects")
ABOUT = Text(
    "Veröffentlichte Ideen und Projekte mit Nummer, Titel, Stand, Städten, Handlungsfeldern, Herkunft, Finanzierung "
    "und den öffentlichen Angaben ihres Steckbriefs.",
    "Published ideas and projects with number, title, state, cities, fields of action, provenance, funding and the "
    "public details of their sheets.",
)
OFFERED = Text("Offene Daten", "Open data")
API = Text("Schnittstelle für Programme", "Interface for programs")

Property = tuple[URIRef, Sequence[Node]]
"""A predicate and its objects; one without objects says nothing."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A distribution: its name in the catalogue, its path, its European and its IANA file type, and its languages.

    file: what the path leads to is the whole of it; else a list in pages.
    """

    name: str
    path: str
    title: Text
    file_type: str
    media_type: str
    languages: tuple[str, ...] = tuple(LANGUAGES)
    file: bool = True


OFFERS = (
    Offer("csv", "/ideen.csv?lang=de", Text("CSV, deutsch", "CSV, in German"), "CSV", "text/csv", ("de",)),
    Offer("csv-en", "/ideen.csv?lang=en", Text("CSV, englisch", "CSV, in English"), "CSV", "text/csv", ("en",)),
    Offer("json", "/ideen.json", Text("JSON", "JSON"), "JSON", "application/json"),
    Offer("list", "/api/v1/items?lifecycle={lifecycle}", API, "JSON", "application/json", file=False),
)


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the catalogue is made of. home: the address of the pages without a slash at its end; lifecycle: the key of
    the one whose items are the portfolio; modified: the aware moment of its last public step."""

    programme: Programme
    lifecycle: str
    home: str
    modified: datetime | None

    def turtle(self) -> str:
        """The catalogue in Turtle."""
        graph = Graph(bind_namespaces="none")
        for prefix, names in PREFIXES.items():
            graph.bind(prefix, names)
        for subject, properties in self._subjects():
            for predicate, objects in properties:
                for one in objects:
                    graph.add((subject, predicate, one))
        return graph.serialize(format="turtle")

    def _subjects(self) -> Iterator[tuple[URIRef, list[Property]]]:
        yield (
            iri(f"{self.home}/catalog.ttl"),
            [
                (RDF.type, [DCAT.Catalog]),
                (DCTERMS.title, texts(OFFERED, self.programme.label)),
                (DCTERMS.description, texts(ABOUT)),
                *self._common(),
                (DCTERMS.license, [iri(LICENCE)]),
                (FOAF.homepage, [iri(f"{self.home}/")]),
                (DCAT.themeTaxonomy, [iri(f"{EUROPE}/data-theme")]),
                (DCAT.dataset, [self._part("portfolio")]),
                (DCAT.service, [self._part("api")]),
            ],
        )
        yield (
            self._part("publisher"),
            [
                (RDF.type, [FOAF.Agent]),
                (FOAF.name, texts(self.programme.label)),
                (DCTERMS.type, [iri("http://purl.org/adms/publishertype/LocalAuthority")]),
            ],
        )
        yield self._part("portfolio"), self._dataset()
        for one in OFFERS:
            yield self._part(one.name), self._distribution(one)
        yield (
            self._part("api"),
            [
                (RDF.type, [DCAT.DataService]),
                (DCTERMS.title, texts(API, self.programme.label)),
                (DCTERMS.publisher, [self._part("publisher")]),
                (DCAT.endpointURL, [iri(f"{self.home}/api/v1")]),
                (DCAT.endpointDescription, [iri(f"{self.home}/api/v1/openapi.json")]),
                (DCAT.servesDataset, [self._part("portfolio")]),
                AVAILABLE,
            ],
        )
        for office in self._offices():
            yield (
                self._part(f"contact-{office.key}"),
                [
                    (RDF.type, [VCARD.Kind]),
                    (VCARD.fn, [Literal(office.label.de)]),  # one alone, as the profile has it
                    (VCARD.hasEmail, [iri(f"mailto:{office.email}")]),
                ],
            )

    def _dataset(self) -> list[Property]:
        return [
            (RDF.type, [DCAT.Dataset]),
            (DCTERMS.title, texts(TITLE, self.programme.label)),
            (DCTERMS.description, texts(ABOUT)),
            *self._common(),
            (DCTERMS.identifier, [Literal(f"{self.home}/catalog.ttl#portfolio")]),
            (DCATDE.contributorID, [iri(self.programme.contributor)] if self.programme.contributor else []),
            (DCATDE.politicalGeocodingLevelURI, [iri(f"{GERMANY}/politicalGeocoding/Level/municipality")]),
            (DCATDE.politicalGeocodingURI, self._places()),
            (DCAT.keyword, [text for one in self.programme.fields.values() for text in texts(one.label)]),
            (DCAT.theme, [europe("data-theme", one) for one in THEMES]),
            (DCAT.contactPoint, [self._part(f"contact-{office.key}") for office in self._offices()]),
            (DCAT.landingPage, [iri(f"{self.home}/ideen")]),
            (DCTERMS.accessRights, [europe("access-right", "PUBLIC")]),
            (DCTERMS.accrualPeriodicity, [europe("frequency", "CONT")]),
            (DCAT.distribution, [self._part(one.name) for one in OFFERS]),
        ]

    def _distribution(self, one: Offer) -> list[Property]:
        address = iri(f"{self.home}{one.path.format(lifecycle=quote(self.lifecycle))}")
        return [
            (RDF.type, [DCAT.Distribution]),
            (DCTERMS.title, texts(one.title)),
            (DCAT.accessURL, [address]),
            (DCAT.downloadURL, [address]) if one.file else (DCAT.accessService, [self._part("api")]),
            (DCTERMS.license, [iri(LICENCE)]),
            (DCATDE.licenseAttributionByText, [Literal(self.programme.label.de)]),
            (DCTERMS.format, [europe("file-type", one.file_type)]),
            (DCAT.mediaType, [iri(f"https://www.iana.org/assignments/media-types/{one.media_type}")]),
            (DCTERMS.language, [europe("language", LANGUAGES[locale]) for locale in one.languages]),
            self._changed(),
            AVAILABLE,
        ]

    def _common(self) -> list[Property]:
        """What catalogue and dataset say alike."""
        return [
            (DCTERMS.publisher, [self._part("publisher")]),
            (DCTERMS.language, [europe("language", code) for code in LANGUAGES.values()]),
            self._changed(),
            (DCTERMS.spatial, self._places()),
            AVAILABLE,
        ]

    def _changed(self) -> Property:
        return DCTERMS.modified, [Literal(self.modified)] if self.modified else []

    def _places(self) -> list[Node]:
        keys = (one.municipality for one in self.programme.cities.values())
        return [iri(f"{GERMANY}/politicalGeocoding/municipalityKey/{key}") for key in keys if key]

    def _offices(self) -> list[Office]:
        """Who is asked: the offices that coordinate, as far as mail reaches them."""
        asked = {city.office for city in self.programme.cities.values()}
        return [one for key, one in self.programme.offices.items() if key in asked and one.email]

    def _part(self, name: str) -> URIRef:
        return iri(f"{self.home}/catalog.ttl#{name}")


def catalog_of(connection: Connection, programme: Programme, lifecycle: Lifecycle, base_url: str) -> str:
    """The catalogue of the released items of `lifecycle`, in Turtle; base_url: where everybody reaches the pages.

    It changes when one of them takes a public step, or the programme does.
    """
    latest = public.news(connection, lifecycle.key, 1)
    return Catalog(programme, lifecycle.key, base_url.rstrip("/"), latest[0].at if latest else None).turtle()


def iri(address: str) -> URIRef:
    """An address; what may not stand in one is percent-encoded (RFC 3986 §2.1)."""
    return URIRef(quote(address, safe="%/:=&?~#+!$,;'@()*[]"))


def texts(*parts: Text) -> list[Node]:
    """The texts in each language, one behind the other."""
    return [Literal(": ".join(filter(None, (one[locale] for one in parts))), locale) for locale in LANGUAGES]


def europe(vocabulary: str, code: str) -> URIRef:
    """An entry of a vocabulary of the European Union's publications office."""
    return iri(f"{EUROPE}/{vocabulary}/{code}")


AVAILABLE: Property = (DCATAP.availability, [europe("planned-availability", "AVAILABLE")])
"""That it is planned to stay for some years."""
