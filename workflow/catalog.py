"""What open data there is, as a catalogue that data portals read: DCAT-AP.de 3.0 in Turtle (W3C RDF 1.1 Turtle).

One catalogue with one dataset, the portfolio, in three distributions: the CSV and JSON files, and the API's list. All
that the profile demands is there, and what it recommends as far as the programme's file says it. The few forms of
Turtle that this takes – addresses and quoted text – are written here, without a library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import Connection

from states.lifecycle import Lifecycle, Text
from states.programme import Office, Programme
from workflow.queries import public

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dcatde": "http://dcat-ap.de/def/dcatde/",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

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

Property = tuple[str, Sequence[str]]
"""A predicate and its objects, each as Turtle; one without objects says nothing."""


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
        prefixes = (f"@prefix {name}: <{address}> .\n" for name, address in PREFIXES.items())
        return "".join(prefixes) + "".join(turtle(subject, said) for subject, said in self._subjects())

    def _subjects(self) -> Iterator[tuple[str, list[Property]]]:
        yield (
            iri(f"{self.home}/catalog.ttl"),
            [
                ("a", ["dcat:Catalog"]),
                ("dcterms:title", texts(OFFERED, self.programme.label)),
                ("dcterms:description", texts(ABOUT)),
                *self._common(),
                ("dcterms:license", [iri(LICENCE)]),
                ("foaf:homepage", [iri(f"{self.home}/")]),
                ("dcat:themeTaxonomy", [iri(f"{EUROPE}/data-theme")]),
                ("dcat:dataset", [self._part("portfolio")]),
                ("dcat:service", [self._part("api")]),
            ],
        )
        yield (
            self._part("publisher"),
            [
                ("a", ["foaf:Agent"]),
                ("foaf:name", texts(self.programme.label)),
                ("dcterms:type", [iri("http://purl.org/adms/publishertype/LocalAuthority")]),
            ],
        )
        yield self._part("portfolio"), self._dataset()
        for one in OFFERS:
            yield self._part(one.name), self._distribution(one)
        yield (
            self._part("api"),
            [
                ("a", ["dcat:DataService"]),
                ("dcterms:title", texts(API, self.programme.label)),
                ("dcterms:publisher", [self._part("publisher")]),
                ("dcat:endpointURL", [iri(f"{self.home}/api/v1")]),
                ("dcat:endpointDescription", [iri(f"{self.home}/api/v1/openapi.json")]),
                ("dcat:servesDataset", [self._part("portfolio")]),
                AVAILABLE,
            ],
        )
        for office in self._offices():
            yield (
                self._part(f"contact-{office.key}"),
                [
                    ("a", ["vcard:Kind"]),
                    ("vcard:fn", [literal(office.label.de)]),  # one alone, as the profile has it
                    ("vcard:hasEmail", [iri(f"mailto:{office.email}")]),
                ],
            )

    def _dataset(self) -> list[Property]:
        return [
            ("a", ["dcat:Dataset"]),
            ("dcterms:title", texts(TITLE, self.programme.label)),
            ("dcterms:description", texts(ABOUT)),
            *self._common(),
            ("dcterms:identifier", [literal(f"{self.home}/catalog.ttl#portfolio")]),
            ("dcatde:contributorID", [iri(self.programme.contributor)] if self.programme.contributor else []),
            ("dcatde:politicalGeocodingLevelURI", [iri(f"{GERMANY}/politicalGeocoding/Level/municipality")]),
            ("dcatde:politicalGeocodingURI", self._places()),
            ("dcat:keyword", [text for one in self.programme.fields.values() for text in texts(one.label)]),
            ("dcat:theme", [europe("data-theme", one) for one in THEMES]),
            ("dcat:contactPoint", [self._part(f"contact-{office.key}") for office in self._offices()]),
            ("dcat:landingPage", [iri(f"{self.home}/ideen")]),
            ("dcterms:accessRights", [europe("access-right", "PUBLIC")]),
            ("dcterms:accrualPeriodicity", [europe("frequency", "CONT")]),
            ("dcat:distribution", [self._part(one.name) for one in OFFERS]),
        ]

    def _distribution(self, one: Offer) -> list[Property]:
        address = iri(f"{self.home}{one.path.format(lifecycle=quote(self.lifecycle))}")
        return [
            ("a", ["dcat:Distribution"]),
            ("dcterms:title", texts(one.title)),
            ("dcat:accessURL", [address]),
            ("dcat:downloadURL", [address]) if one.file else ("dcat:accessService", [self._part("api")]),
            ("dcterms:license", [iri(LICENCE)]),
            ("dcatde:licenseAttributionByText", [literal(self.programme.label.de)]),
            ("dcterms:format", [europe("file-type", one.file_type)]),
            ("dcat:mediaType", [iri(f"https://www.iana.org/assignments/media-types/{one.media_type}")]),
            ("dcterms:language", [europe("language", LANGUAGES[locale]) for locale in one.languages]),
            self._changed(),
            AVAILABLE,
        ]

    def _common(self) -> list[Property]:
        """What catalogue and dataset say alike."""
        return [
            ("dcterms:publisher", [self._part("publisher")]),
            ("dcterms:language", [europe("language", code) for code in LANGUAGES.values()]),
            self._changed(),
            ("dcterms:spatial", self._places()),
            AVAILABLE,
        ]

    def _changed(self) -> Property:
        return "dcterms:modified", [f'"{self.modified.isoformat()}"^^xsd:dateTime'] if self.modified else []

    def _places(self) -> list[str]:
        keys = (one.municipality for one in self.programme.cities.values())
        return [iri(f"{GERMANY}/politicalGeocoding/municipalityKey/{key}") for key in keys if key]

    def _offices(self) -> list[Office]:
        """Who is asked: the offices that coordinate, as far as mail reaches them."""
        asked = {city.office for city in self.programme.cities.values()}
        return [one for key, one in self.programme.offices.items() if key in asked and one.email]

    def _part(self, name: str) -> str:
        return iri(f"{self.home}/catalog.ttl#{name}")


def catalog_of(connection: Connection, programme: Programme, lifecycle: Lifecycle, base_url: str) -> str:
    """The catalogue of the released items of `lifecycle`, in Turtle; base_url: where everybody reaches the pages.

    It changes when one of them takes a public step, or the programme does.
    """
    latest = public.news(connection, lifecycle.key, 1)
    return Catalog(programme, lifecycle.key, base_url.rstrip("/"), latest[0].at if latest else None).turtle()


def turtle(subject: str, properties: Iterable[Property]) -> str:
    """All that is said of one subject."""
    said = (f"    {predicate} {', '.join(objects)} ;\n" for predicate, objects in properties if objects)
    return f"\n{subject}\n{''.join(said)}.\n"


def iri(address: str) -> str:
    """An address (Turtle §6.4: IRIREF); what may not stand in one is percent-encoded (RFC 3986 §2.1)."""
    return "<" + quote(address, safe="%/:=&?~#+!$,;'@()*[]") + ">"


def literal(text: str, locale: str = "") -> str:
    """A text in quotes (Turtle §6.4: STRING_LITERAL_QUOTE), with its language."""
    for mark, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(mark, written)
    return f'"{text}"@{locale}' if locale else f'"{text}"'


def texts(*parts: Text) -> list[str]:
    """The texts in each language, one behind the other."""
    return [literal(": ".join(filter(None, (one[locale] for one in parts))), locale) for locale in LANGUAGES]


def europe(vocabulary: str, code: str) -> str:
    """An entry of a vocabulary of the European Union's publications office."""
    return iri(f"{EUROPE}/{vocabulary}/{code}")


AVAILABLE: Property = ("dcatap:availability", [europe("planned-availability", "AVAILABLE")])
"""That it is planned to stay for some years."""
