"""An idea's whole way in real browsers, from a clean database to `integrated`: each step by the one whose turn it is.

Submitter, coordination of both cities, department, reviewers, co-signing offices, session offices of both councils, the
grants office, the project lead, the receiving department; and the administrator, who reads it all afterwards.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from sqlalchemy import select

import config
from ideenweg.outgoing import Outgoing
from ideenweg.web.app import create_app
from ideenweg.web.pages.submit.form import LEAST_SECONDS
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App, open_workflow
from workflow import access
from workflow.accounts import keeping, sessions
from workflow.accounts.sessions import Way
from workflow.commands import Advance, Create
from workflow.models import item
from workflow.streams import Origin

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

SHIPPED = Path(config.__file__).parent
PASSWORD = "brückenbau am kanal 1907"
TODAY = datetime.now(UTC).date().isoformat()

STAFF: dict[str, list[tuple[str, str | None]]] = {
    "koordination@dortmund.example": [("coordinator", "dortmund")],
    "koordination@schwerte.example": [("coordinator", "schwerte")],
    "umweltamt@dortmund.example": [
        ("department", "environment-office-dortmund"),
        ("receiving_department", "environment-office-dortmund"),
    ],
    "kaemmerei@dortmund.example": [("cosigner", "treasury-dortmund")],
    "systemhaus@dortmund.example": [("cosigner", "it-dortmund")],
    "kaemmerei@schwerte.example": [("cosigner", "treasury-schwerte")],
    "ratsbuero@dortmund.example": [("session_office", "council-dortmund")],
    "ratsbuero@schwerte.example": [("session_office", "council-schwerte")],
    "foerdermittel@dortmund.example": [("funding_officer", "dortmund")],
    "begutachtung@dortmund.example": [],
    "begutachtung@schwerte.example": [],
    "projektleitung@dortmund.example": [],
    "verwaltung@dortmund.example": [("administrator", None)],
}
SUBMITTER = "anwohnerin@post.example"
SCORES = dict.fromkeys(
    ("sustainability", "quality_of_life", "location", "close_to_citizens", "social", "transparent", "resilient",
     "public_benefit"), 4,
)  # fmt: skip
KNOCK_OUTS = dict.fromkeys(("lawful", "feasible", "affordable", "maintainable"), True)
SHEET = {
    "goal": "Weniger Bäume vertrocknen.", "solution": "Feuchtefühler melden, wann gegossen werden muss.",
    "lead_office": "environment-office-dortmund", "cost": 120000, "follow_up_cost": 8000, "staff": 6,
    "starts_on": "2027-01-01", "ends_on": "2028-12-31", "grant": "own_notice", "route": "bodies",
    "fields": ["energy-and-environment"], "provenance": ["participation"], "funding": ["smart-cities"],
    "stations.0.body": "council-dortmund", "stations.0.mode": "deciding",
    "stations.1.body": "council-schwerte", "stations.1.mode": "deciding",
}  # fmt: skip


@pytest.fixture
def app(database_url: str) -> Iterator[App]:
    """A clean database: the shipped lifecycles, and accounts for everybody but the submitter."""
    now = datetime.now(UTC)
    with open_workflow(database_url, outgoing=Outgoing(given_keys=(b"k" * 32,))) as app:
        lifecycles = [app.load(file, now=now)[0] for file in sorted(SHIPPED.glob("lifecycles/*.yaml"))]
        roles = {role.key: role for lifecycle in lifecycles for role in lifecycle.roles.values()}
        origin = Origin("operator", "cli")
        with app.database.writing() as connection:
            for email, grants in STAFF.items():
                who = access.add(connection, email, email.split(".")[0], origin, now)
                keeping.ensure(connection, who, now)
                for role, scope in grants:
                    access.grant(
                        connection, email, roles[role], scope, app.rules.programme, origin, now,
                        valid_from=date(2020, 1, 1),
                    )  # fmt: skip
            keeping.set_password(connection, access.find(connection, "koordination@dortmund.example").id, PASSWORD, now)
        yield app


@contextmanager
def serving(app: App) -> Iterator[str]:
    """The pages behind a real socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(create_app(app), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join()


class Journey:
    """One item, and a browser for each of those who work on it."""

    def __init__(self, app: App, browser: Browser, url: str, options: dict[str, Any]) -> None:
        self.app, self.browser, self.url, self.options = app, browser, url, options
        self.contexts: dict[str, BrowserContext] = {}
        self.number = ""

    def page(self, who: str) -> Page:
        """A browser window of somebody, signed in."""
        if who not in self.contexts:
            context = self.contexts[who] = self.browser.new_context(base_url=self.url, **self.options)
            if who in STAFF:
                context.add_cookies([{"name": "session", "value": self._session(who), "url": self.url}])
            language = str(self.options.get("locale", "de"))[:2]
            context.new_page().goto(f"/?lang={language}")
        return self.contexts[who].pages[0]

    def _session(self, who: str) -> str:
        now = datetime.now(UTC)

        def begin(connection: Any) -> str:
            return sessions.begin(connection, access.find(connection, who).id, Way.PASSWORD, now, factor=True)

        assert cookie_name(create_app(self.app).state.site) == "session"
        return self.app.database.attempt(begin)

    def look(self, who: str, path: str = "") -> Page:
        page = self.page(who)
        answer = page.goto(path or f"/ideen/{self.number}")
        assert answer is not None
        assert answer.ok, f"{who}: {path} {answer.status}"
        return page

    def step(self, who: str, transition: str, reason: str | None = None, **fields: Any) -> None:
        """Take a step that the item's page offers."""
        page = self.look(who)
        inline = page.locator(f'form[action*="/schritt/{transition}"]')
        if not inline.count():
            link = page.locator(f'a[href*="/schritt/{transition}"]').first
            assert link.count(), f"{who} is not offered {transition}: {page.locator('main').inner_text()[:1500]}"
            page.goto(str(link.get_attribute("href")))
        self._send(page, page.locator(f'form[action*="/schritt/{transition}"]').first, fields, reason)

    def record(self, who: str, kind: str, key: str = "", **fields: Any) -> None:
        """Write a record by the form that the item's page leads to."""
        page = self.look(who)
        assert page.locator(f'[href*="/eintrag/{kind}"], form[action*="/eintrag/{kind}"]').count(), (who, kind)
        page.goto(f"/ideen/{self.number}/eintrag/{kind}" + (f"?key={key}" if key else ""))
        self._send(page, page.locator(f'form[action*="/eintrag/{kind}"]').first, fields)

    def assign(self, who: str, role: str, *people: str) -> None:
        page = self.look(who, f"/ideen/{self.number}/beteiligte")
        form = page.locator(f'form:has(input[name="role"][value="{role}"]):has(button:visible, button)').last
        typed = form.locator('input[name="people"]')
        self._open(form)
        if typed.count():
            typed.fill(", ".join(people))
        else:
            for person in people:
                form.locator(f'label:has-text("{person.split(".")[0]}")').click()
        self._press(page, form)

    def link(self, who: str, kind: str, other: str) -> None:
        page = self.look(who, f"/ideen/{self.number}/verknuepfungen?q={other}")
        form = page.locator(f'form:has(input[name="other"][value="{other}"])').first
        form.locator('select[name="kind"]').select_option(kind)
        self._press(page, form)

    def _open(self, inner: Locator) -> None:
        """Open the fold that a form lies in."""
        fold = inner.locator("xpath=ancestor::details[1]")
        if fold.count() and fold.get_attribute("open") is None:
            fold.locator("summary").click()

    def _send(self, page: Page, form: Locator, fields: dict[str, Any], reason: str | None = None) -> None:
        self._open(form)
        for name, value in fields.items():
            row = re.match(r"(.+)\.\d+\.", name)
            if row and not form.locator(f'[name="f.{name}"]').count():
                with page.expect_navigation():
                    form.locator(f'button[name="more"][value="f.{row[1]}"]').click()
            self._fill(form, f"f.{name}", value)
        if reason:
            form.locator('[name="reason"]').fill(reason)
        self._press(page, form)

    def _fill(self, form: Locator, name: str, value: Any) -> None:
        for one in value if isinstance(value, list) else [value]:
            word = {True: "true", False: "false"}.get(one, str(one)) if isinstance(one, bool) else str(one)
            choice = form.locator(f'[name="{name}"][value="{word}"]:is([type=radio], [type=checkbox])')
            if choice.count():
                if not choice.is_checked():
                    choice.focus()
                    choice.press("Space")
                continue
            box = form.locator(f'[name="{name}"]').first
            assert box.count(), f"no field {name} in {form.inner_html()[:3000]}"
            if box.evaluate("one => one.tagName") == "SELECT":
                box.select_option(word)
            else:
                box.fill(word)

    def _press(self, page: Page, form: Locator) -> None:
        before = page.url
        with page.expect_navigation() as navigation:
            form.locator("button[type=submit]:not(.kern-sr-only):not([formnovalidate])").last.click()
        assert navigation.value.ok, f"{before}: {navigation.value.status} {page.locator('main').inner_text()[:3000]}"

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()


def hand_in(journey: Journey) -> None:
    """The submission form, page by page, by somebody without an account."""
    page = journey.look(SUBMITTER, "/einreichen")
    page.locator('a[href^="/einreichen/schritt/"]').first.click()
    typed = {
        "problem": "Im Sommer vertrocknen junge Bäume.", "title": "Sensoren für Straßenbäume",
        "idea": "Fühler im Boden.", "benefit": "Alle, die Schatten suchen.",
    }  # fmt: skip
    while "/einreichen/schritt/" in page.url:
        form = page.locator('form[action^="/einreichen/schritt/"]')
        for name, text in typed.items():
            if (box := form.locator(f'[name="sheet:f.{name}"]')).count():
                box.first.fill(text)
        for city in ("dortmund", "schwerte"):
            if (box := form.locator(f'input[value="{city}"]')).count():
                box.focus()
                box.press("Space")
        if (box := form.locator('[name="contact-email"]')).count():
            box.fill(SUBMITTER)
        for box in form.locator('[name="agreed"]').all():
            box.focus()
            box.press("Space")
        with page.expect_navigation() as navigation:
            form.locator('button[name="go"][value="next"]:not(.kern-sr-only)').click()
        assert navigation.value.ok, page.locator("main").inner_text()
    assert page.url.endswith("/einreichen/pruefen")
    page.wait_for_timeout(LEAST_SECONDS * 1000)  # nobody reads it through any faster
    with page.expect_navigation() as navigation:
        page.locator('form[action="/einreichen/pruefen"] button[type=submit]').click()
    assert navigation.value.ok, page.locator("main").inner_text()
    found = re.search(r"20\d\d-\d{4}", page.locator(".number").inner_text())
    assert found is not None
    journey.number = found[0]


def agreed(journey: Journey, transition: str) -> None:
    """Dortmund's step, to which Schwerte's coordination has agreed."""
    journey.record("koordination@schwerte.example", "agreement", "schwerte", transition=transition, consent=True)
    journey.step("koordination@dortmund.example", transition)


def travel(journey: Journey, round_: str) -> None:
    dortmund, office = "koordination@dortmund.example", "umweltamt@dortmund.example"
    hand_in(journey)
    journey.record(dortmund, "release", released=True, no_personal_data=True, rights_cleared=True)
    journey.record(dortmund, "sheet", fields=["energy-and-environment"], provenance=["participation"])
    journey.assign(dortmund, "department", office)
    journey.step(dortmund, "start_review", complete=True, lawful=True, competent=True)
    journey.record(office, "statement", result="recommended", assessment="Machbar und nützlich.")
    agreed(journey, "pool")
    journey.link(dortmund, "candidate_of", round_)
    agreed(journey, "shortlist")
    journey.assign(dortmund, "reviewer", "begutachtung@dortmund.example", "begutachtung@schwerte.example")
    journey.assign(dortmund, "project_lead", "projektleitung@dortmund.example")
    for city in ("dortmund", "schwerte"):
        journey.record(f"begutachtung@{city}.example", "review", **SCORES, **KNOCK_OUTS)
    journey.record(dortmund, "sheet", **SHEET)
    lead = "projektleitung@dortmund.example"
    journey.record(lead, "milestone", title="Fühler gesetzt", due="2027-06-30", status="open")
    journey.record(lead, "indicator", name="Ausfälle im Jahr", unit="Bäume", baseline=120, target=60)
    for cosigner in ("kaemmerei@dortmund.example", "systemhaus@dortmund.example", "kaemmerei@schwerte.example"):
        journey.record(cosigner, "cosignature", outcome="signed")
    journey.step(dortmund, "put_to_bodies")
    for city in ("dortmund", "schwerte"):
        journey.record(f"ratsbuero@{city}.example", "decision", date=TODAY, paper="DS 1/26", outcome="approved")
    notice = {
        "reference": "KfW 436-1", "date": TODAY, "period_from": TODAY, "period_to": "2028-12-31", "sum": 78000,
        "rate": 65, "own_share": 42000, "conditions": "Nachweis nach Abschluss.",
    }  # fmt: skip
    journey.step("foerdermittel@dortmund.example", "fund", **notice)
    journey.step(lead, "start")
    journey.record(lead, "milestone", "1", status="done", done_on=TODAY)
    journey.step(lead, "complete", results="400 Fühler melden.")
    journey.record(dortmund, "measurement", "1", value=62, measured_on=TODAY)
    journey.assign(dortmund, "receiving_department", office)
    journey.step(dortmund, "hand_over", verdict="largely_on_course", findings="Halb so viele Ausfälle.")
    accepted = dict.fromkeys(("accepts_unit", "accepts_operator", "accepts_budget", "accepts_documents"), True)
    taken = {
        "unit": "environment-office-dortmund",
        "operator": "Grünpflege",
        "budget_line": "55.001",
        "documents": "Plan",
    }
    journey.step(office, "integrate", **taken, **accepted)


def open_round(app: App) -> str:
    """A selection round that ideas can be candidates of."""
    now, actor = datetime.now(UTC), "koordination@dortmund.example"
    sheet = {"title": "Auswahl", "budget": [{"city": "dortmund", "euros": 1e6}]}
    number = app.engine.execute(Create(actor=actor, lifecycle="selection-round", data=sheet), now=now).item.number
    app.engine.execute(Advance(item=number, transition="open", actor=actor), now=now)
    return number


def journeyed(app: App, browser: Browser, **options: Any) -> None:
    round_ = open_round(app)
    with serving(app) as url:
        journey = Journey(app, browser, url, options)
        try:
            travel(journey, round_)
            public = journey.look(SUBMITTER, f"/ideen/{journey.number}").locator("main").inner_text()
            assert "Sensoren für Straßenbäume" in public
            assert "@" not in public  # offices are named, never people
            audit = journey.look("verwaltung@dortmund.example", "/verwaltung/protokoll")
            assert journey.number in audit.locator("main").inner_text()
        finally:
            journey.close()
    assert app.audit.verify().ok
    with app.database.reading() as connection:
        assert connection.scalar(select(item.c.state).where(item.c.number == journey.number)) == "integrated"


@pytest.mark.timeout(400)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the campaign goes the way on both
def test_an_idea_goes_all_the_way_without_a_script_on_a_phone(app: App, browser: Browser) -> None:
    journeyed(app, browser, viewport={"width": 360, "height": 800}, locale="de-DE", java_script_enabled=False)


@pytest.mark.campaign
@pytest.mark.timeout(900)
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
@pytest.mark.parametrize("script", [True, False])
def test_an_idea_goes_all_the_way(app: App, browser: Browser, width: int, locale: str, script: bool) -> None:
    journeyed(app, browser, viewport={"width": width, "height": 900}, locale=locale, java_script_enabled=script)
