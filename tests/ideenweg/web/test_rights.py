"""Every page, every role, both cities, held against the tables of docs/rights.md: what does not stand there fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.routing import Mount

from ideenweg.outgoing import Outgoing
from ideenweg.web import csrf
from ideenweg.web.app import PAGES, create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.web.routes import Page, Who
from ideenweg.wiring import App, open_workflow
from states.reading import Reader
from workflow import access
from workflow.accounts import sessions, tokens
from workflow.accounts.sessions import Way
from workflow.commands import Advance, Assign, Create, Record
from workflow.queries.documents import of_item
from workflow.queries.sight import look
from workflow.streams import Origin

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
OPERATOR = Origin("operator", "cli")
WHO = {"everybody": Who.PUBLIC, "signed in": Who.SIGNED_IN, "staff": Who.STAFF, "administrators": Who.ADMINISTRATOR}

CITIES = ("dortmund", "schwerte")
GRANTED = {
    "coordinator": {"dortmund": "dortmund", "schwerte": "schwerte"},
    "head of office": {"dortmund": "dortmund", "schwerte": "schwerte"},
    "grants office": {"dortmund": "dortmund", "schwerte": "schwerte"},
    "department": {"dortmund": "environment-office-dortmund", "schwerte": "planning-schwerte"},
    "other department": {"dortmund": "planning-dortmund", "schwerte": "schools-schwerte"},
    "advisory office": {"dortmund": "privacy-dortmund", "schwerte": "privacy-schwerte"},
    "co-signing office": {"dortmund": "treasury-dortmund", "schwerte": "treasury-schwerte"},
    "session office": {"dortmund": "council-dortmund", "schwerte": "council-schwerte"},
}
"""Who holds a role for a city, unit or body."""

ROLES = {
    "head of office": "head_of_office",
    "grants office": "funding_officer",
    "department": "department",
    "other department": "department",
    "advisory office": "adviser",
    "co-signing office": "cosigner",
    "session office": "session_office",
    "project lead": "project_lead",
}
"""Keys of the roles whose names in the tables are others."""

GIVEN = ("submitter", "reviewer", "project lead")
"""Who has a role on single items alone."""

ALONE = ("citizen", "coordinator's deputy", "administrator")
"""Who belongs to one city, or to none."""

RECORDS = ("release", "own_funds")
MOVES = ("start_review",)


@dataclass
class Installation:
    """Items of both cities, released or not, and somebody of every role."""

    app: App
    pages: Starlette
    items: dict[tuple[str, bool], str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, TestClient] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def sign_in(self, who: str) -> None:
        """Give `who` a browser, and a token for the API."""
        alone = (f"machine of {who}", 50000)  # what one address may do in an hour is no matter of rights
        browser = TestClient(self.pages, base_url="http://localhost", follow_redirects=False, client=alone)
        self.browsers[who] = browser
        if who == "everybody":
            return

        def begin(connection: Connection) -> tuple[str, str]:
            value = sessions.begin(connection, access.find(connection, address(who)).id, Way.PASSWORD, NOW, factor=True)
            session = sessions.find(connection, value, NOW)
            assert session is not None
            self.tokens[who] = tokens.issue(connection, address(who), [tokens.Scope.READ], NOW)[0]
            return value, csrf.mark(self.pages.state.site.keys, session)

        value, self.marks[who] = self.app.database.attempt(begin)
        browser.cookies.set(cookie_name(self.pages.state.site), value)

    def ask(self, who: str, method: str, path: str) -> str:
        """What `who` comes to: `in`, `sign in`, `no`, or `not there`."""
        form = {"csrf": self.marks.get(who, "")} if method == "POST" else {}
        if "/beteiligte" in path:
            form["role"] = "reviewer"  # that of nobody is not there for anybody
        answer = self.browsers[who].request(method, path, data=form or None)
        assert answer.status_code < 500, (who, method, path)
        if answer.headers.get("location", "").startswith("/anmelden?") or 'action="/anmelden"' in answer.text:
            return "sign in"  # with a form that was sent: it is kept until then
        return {403: "no", 404: "not there"}.get(answer.status_code, "in")

    def sees(self, who: str, number: str) -> str:
        """What `who` sees of an item: `works`, `reads`, or nothing; the page and the API agree."""
        page = self.browsers[who].get(f"/ideen/{number}")
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        told = self.browsers["everybody"].get(f"/api/v1/items/{number}", headers=headers)
        assert page.status_code == told.status_code, (who, number)
        if page.status_code == 404:
            return "–"
        return "works" if f'action="/ideen/{number}/kommentar' in page.text else "reads"


def address(who: str) -> str:
    """The e-mail address of somebody of the tables."""
    name, _, city = who.partition(" in ")
    return f"{re.sub('[^a-z]+', '-', name)}@{city or 'dortmund'}.example"


def people() -> Iterator[str]:
    """Everybody who asks: `coordinator in schwerte`."""
    yield from ("everybody", *ALONE)
    for role in (*GRANTED, *GIVEN):
        yield from (f"{role} in {city}" for city in CITIES)


@pytest.fixture(scope="module")
def installation(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("rights")
    (folder / "rights.db").write_bytes(sqlite_template.read_bytes())
    with open_workflow(
        f"sqlite:///{folder / 'rights.db'}",
        lifecycle=ROOT / "config" / "lifecycles" / "idea-to-project.yaml",
        outgoing=Outgoing(given_keys=(b"a key for tests",)),
        documents_in=folder / "documents",
    ) as app:
        _people(app)
        found = Installation(app, create_app(app, clock=lambda: NOW))
        for city in CITIES:
            for released in (False, True):
                found.items[city, released] = _item(app, city, released=released)
        for number in found.items.values():
            found.documents[number] = _document(app, number)
        for who in people():
            found.sign_in(who)
        yield found


def _people(app: App) -> None:
    roles = app.rules.newest_of(app.database, "idea-to-project").roles
    since = date(2020, 1, 1)
    with app.database.writing() as connection:
        for who in people():
            if who != "everybody":
                access.add(connection, address(who), who, OPERATOR, NOW)

        def grant(who: str, role: str, scope: str | None) -> None:
            access.grant(
                connection, address(who), roles[role], scope, app.rules.programme, OPERATOR, NOW, valid_from=since
            )

        for who, places in GRANTED.items():
            for city, place in places.items():
                grant(f"{who} in {city}", ROLES.get(who, who), place)
        grant("administrator", "administrator", None)
        access.deputise(
            connection, address("coordinator in dortmund"), address("coordinator's deputy"), OPERATOR, NOW,
            valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 30),
        )  # fmt: skip


def _item(app: App, city: str, *, released: bool) -> str:
    """An idea that has arrived, with everybody that works on it; the number."""
    by, coordinator = address(f"submitter in {city}"), address(f"coordinator in {city}")
    data = {"title": f"Bäume {city} {released}", "problem": "x", "idea": "y", "cities": [city]}
    number = app.engine.execute(Create(actor=by, data=data), now=NOW).item.number
    app.engine.execute(Advance(actor=by, item=number, transition="submit"), now=NOW)
    for role in ("department", "reviewer", "project lead"):
        person = address(f"{role} in {city}")
        app.engine.execute(Assign(actor=coordinator, item=number, role=ROLES.get(role, role), person=person), now=NOW)
    if released:
        release = {"released": True, "no_personal_data": True, "rights_cleared": True}
        app.engine.execute(Record(actor=coordinator, item=number, kind="release", data=release), now=NOW)
    return number


def _document(app: App, number: str) -> str:
    city = next(city for city in CITIES if _concerns(app, number, city))
    app.attach(
        app.engine, actor=address(f"coordinator in {city}"), item=number, name="plan.pdf", content=b"%PDF-1.4\n%%EOF",
        public=True, now=NOW,
    )  # fmt: skip
    with app.database.reading() as connection:
        sight = look(connection, app.rules, number, None, NOW)
        return of_item(connection, sight.lifecycle, number, Reader(released=True, member=True))[0].id


def _revision(app: App, number: str) -> int:
    with app.database.reading() as connection:
        return look(connection, app.rules, number, None, NOW).snapshot.revision


def _concerns(app: App, number: str, city: str) -> bool:
    with app.database.reading() as connection:
        return city in look(connection, app.rules, number, None, NOW).snapshot.cities


# --- the tables -------------------------------------------------------------------------------------------------------


def table(heading: str) -> dict[str, list[str]]:
    """The first table below a heading of docs/rights.md: what its first column says -> the other columns."""
    text = (ROOT / "docs" / "rights.md").read_text("utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    cells = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in rows)
    return {first.strip().strip("`"): [one.strip() for one in rest] for first, *rest in cells}


def test_every_page_stands_in_the_table_with_whom_it_is_for() -> None:
    declared = {
        f"{method} {path}": WHO[who]
        for path, cells in table("Pages").items()
        for method, who in zip(("GET", "POST"), cells, strict=True)
        if who != "–"
    }
    assert {plain(page): page.who for page in PAGES} == declared


def test_there_is_nothing_beside_the_pages_but_what_the_table_names(installation: Installation) -> None:
    routes = installation.pages.routes
    mounted = {route.path for route in routes if isinstance(route, Mount)}
    assert mounted == set(table("Beside the pages"))
    assert len(routes) == len(PAGES) + len(mounted)


def plain(page: Page) -> str:
    """`GET /ideen/{number}`: without the kinds of what stands in the address."""
    return re.sub(r":\w+}", "}", page.name)


VALUES = {"number": "2026-0001", "seq": "1", "version": "1", "locale": "de", "form": "csv"}


def filled(page: Page, **values: str) -> str:
    """The address of a page, with something in every gap."""
    return re.sub(r"{(\w+)(?::\w+)?}", lambda gap: (VALUES | values).get(gap[1], "x-1"), page.path)


BARRED = {
    "everybody": {Who.SIGNED_IN: "sign in", Who.STAFF: "sign in", Who.ADMINISTRATOR: "sign in"},
    "citizen": {Who.STAFF: "no", Who.ADMINISTRATOR: "no"},
    "submitter in dortmund": {Who.STAFF: "no", Who.ADMINISTRATOR: "no"},
    "reviewer in schwerte": {Who.ADMINISTRATOR: "no"},
    "coordinator's deputy": {Who.ADMINISTRATOR: "no"},
    "coordinator in dortmund": {Who.ADMINISTRATOR: "no"},
    "administrator": {},
}


LOOKING = ("citizen", "reviewer in schwerte", "administrator")
"""Of whom it is tried that they are let in, too."""


def test_nobody_gets_beyond_the_door_of_a_page_that_is_not_for_them(installation: Installation) -> None:
    for who, barred in BARRED.items():
        for page in PAGES:
            if page.who in barred:
                assert installation.ask(who, page.method, filled(page)) == barred[page.who], (who, page.name)
            elif who in LOOKING and page.method == "GET" and page.who is not Who.PUBLIC:
                assert installation.ask(who, "GET", filled(page)) not in ("no", "sign in"), (who, page.name)


def test_no_form_is_carried_out_that_none_of_our_pages_has_sent(installation: Installation) -> None:
    administrator, anybody = installation.browsers["administrator"], installation.browsers["everybody"]
    for page in PAGES:
        if page.method == "POST":
            assert administrator.post(filled(page)).status_code == 403, page.name
            assert anybody.post(filled(page), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403, page.name
            assert anybody.post(filled(page), headers={"Origin": "https://evil.example"}).status_code == 403, page.name


def test_everybody_sees_of_an_item_what_the_table_says(installation: Installation) -> None:
    told = table("What somebody sees of an item")
    assert set(told) == {who.partition(" in ")[0] for who in people()}
    for who in people():
        name, _, own = who.partition(" in ")
        for (city, released), number in installation.items.items():
            column = 2 * (city != (own or "dortmund")) + released
            assert installation.sees(who, number) == told[name][column], (who, city, released)


def test_everybody_does_with_an_item_what_the_table_says(installation: Installation) -> None:
    told = {address: set(cells[0].split(", ")) for address, cells in table("What somebody does with an item").items()}
    pages = {plain(page): page for page in PAGES if "{number" in page.path or page.path.startswith("/dokumente/")}
    pages.pop("GET /ideen/{number}")
    number = installation.items["dortmund", False]
    before = _revision(installation.app, number)
    found: dict[str, set[str]] = {}
    for name in sorted(pages, key=_changes):
        if not _changes(name):  # a form without content changes nothing
            assert _revision(installation.app, number) == before, name
        for key, values in _variants(name, {"number": number, "id": installation.documents[number]}):
            found[key] = set()
            for who in people():
                if installation.ask(who, pages[name].method, filled(pages[name], **values)) == "in":
                    found[key].add(_short(who))
                    if name.endswith("/entfernen"):
                        values["id"] = _document(installation.app, number)
    groups: Mapping[str, set[str]] = {name: set(cells[0].split(", ")) for name, cells in table("Groups").items()}
    wanted = {
        name: {who for one in names if one != "nobody" for who in groups.get(one, {one})}
        for name, names in told.items()
    }
    assert found == wanted


def test_a_link_leads_to_what_one_may_see_alone(installation: Installation) -> None:
    who, own = "coordinator in dortmund", installation.items["dortmund", True]
    for released in (False, True):
        other = installation.items["schwerte", released]
        form = {"csrf": installation.marks[who], "kind": "merged_into", "other": other}
        answer = installation.browsers[who].post(f"/ideen/{own}/verknuepfungen", data=form)
        assert (answer.status_code, "Bäume schwerte" in answer.text) == (303 if released else 422, False)


def _changes(name: str) -> bool:
    """Whether a page needs nothing but a click, so that it is asked for last."""
    return name.endswith(("/befangen", "/entfernen"))


def _variants(name: str, values: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The page once, or once for each form and each step that the tables name."""
    gaps = {"{transition}": ("transition", MOVES), "{kind}": ("kind", RECORDS)}
    for gap, (key, keys) in gaps.items():
        if gap in name and "fassungen" not in name:
            yield from ((name.replace(gap, one), {**values, key: one}) for one in keys)
            return
    yield name, {**values, "kind": "sheet", "state": "in_review"}


def _short(who: str) -> str:
    """Of the item's own city nothing is said."""
    return who.removesuffix(" in dortmund").replace(" in schwerte", " of the other city")
