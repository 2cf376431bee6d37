"""Handing an idea in by the form, and following it by the link in the mail: from the empty form to the answer."""

from __future__ import annotations

import email
import email.policy
import io
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select

import config
from ideenweg.outgoing import Outgoing
from ideenweg.web.app import create_app
from ideenweg.web.recognition import cookie_name
from ideenweg.wiring import App, open_workflow
from notifications.channels.email import Email, MailServer
from workflow import access
from workflow.accounts import sessions
from workflow.accounts.sessions import Way
from workflow.commands import Advance
from workflow.models import document, draft, draft_document, item, record
from workflow.streams import Origin

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IDEAS = Path(config.__file__).parent / "lifecycles" / "idea-to-project.yaml"
OPERATOR = Origin("operator", "cli")
DORTMUND = "koordination@dortmund.example"
BASE = "http://localhost"
START = datetime(2026, 5, 22, 9, tzinfo=UTC)

TYPED: tuple[tuple[str, dict[str, object]], ...] = (
    ("problem", {"sheet:f.problem": "Im Sommer vertrocknen die jungen Bäume."}),
    (
        "idea",
        {
            "sheet:f.title": "Sensoren für Straßenbäume",
            "sheet:f.idea": "Sensoren melden, wenn ein Baum Wasser braucht.",
        },
    ),
    ("benefit", {"sheet:f.benefit": "Alle, die im Schatten gehen."}),
    ("city", {"sheet:f.cities": ["unknown"]}),
    ("documents", {}),
    ("contact", {"contact-email": "", "contact-name": "", "credit:f.name": ""}),
    ("terms", {"agreed": ["licence", "privacy"]}),
)
"""The steps of the shipped lifecycle, and what is typed there."""


class Post:
    """A mail server that takes everything."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.original_content, policy=email.policy.default))
        return "250 taken"

    def links(self) -> list[str]:
        """The link of each mail, as a path."""
        found = []
        for mail in self.mails:
            text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
            found += re.findall(rf"^{BASE}(/\S+)$", text, re.MULTILINE)
        return found


class Desk:
    """An installation with a clock that is moved, its pages, its mails and a coordinator."""

    def __init__(self, app: App, post: Post) -> None:
        self.app, self.post, self.now = app, post, START
        self.pages = create_app(app, base_url=BASE, clock=lambda: self.now)

    def browser(self, **headers: str) -> TestClient:
        return TestClient(self.pages, base_url=BASE, headers={"Accept-Language": "de", **headers})

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def signed_in(self, who: str) -> TestClient:
        with self.app.database.writing() as connection:
            key = access.find(connection, who).id
            value = sessions.begin(connection, key, Way.PASSWORD, self.now, factor=True)
        browser = self.browser()
        browser.cookies.set(cookie_name(self.pages.state.site), value)
        return browser

    def count(self, table: Any) -> int:
        with self.app.database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(table)) or 0)

    def state(self, number: str) -> str:
        with self.app.database.reading() as connection:
            return str(connection.scalar(select(item.c.state).where(item.c.number == number)))

    def sent(self) -> None:
        self.app.dispatch(now=self.now)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("submit")


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[Desk]:
    post = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    outgoing = Outgoing(
        BASE, Email(MailServer("127.0.0.1", port, starttls=False, sender="ideen@dortmund.example")), (b"k" * 32,)
    )
    with open_workflow(f"sqlite:///{folder / 'ideenweg.db'}", lifecycle=IDEAS, outgoing=outgoing) as app:
        with app.database.writing() as connection:
            access.add(connection, DORTMUND, "Koordination", OPERATOR, START)
            access.grant(
                connection, DORTMUND, app.rules.newest_of(app.database, "idea-to-project").roles["coordinator"],
                "dortmund", app.rules.programme, OPERATOR, START, valid_from=date(2020, 1, 1),
            )  # fmt: skip
        yield Desk(app, post)
    controller.stop()


def walk(desk: Desk, browser: TestClient, **typed: dict[str, object]) -> None:
    """Through all steps to the look over; `typed`: step -> what is typed there instead."""
    for key, usual in TYPED:
        answer = browser.post(
            f"/einreichen/schritt/{key}", data={"go": "next", **usual, **typed.get(key, {})}, follow_redirects=False
        )
        assert answer.status_code == 303, (key, text_of(answer))
    desk.later(minutes=1)


def hand_in(desk: Desk, browser: TestClient, **typed: dict[str, object]) -> Any:
    """The receipt of an idea."""
    walk(desk, browser, **typed)
    return browser.post("/einreichen/pruefen")


def text_of(answer: Any) -> str:
    """What a page says, without its markup."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text)))


def number_of(answer: Any) -> str:
    found = re.search(r"\d{4}-\d{4}", text_of(answer))
    assert found, text_of(answer)
    return found[0]


def fields_of(answer: Any) -> dict[str, str]:
    """The hidden fields of the first form that has a command id."""
    return dict(re.findall(r'type="hidden" name="(revision|command_id)" value="([^"]*)"', answer.text)[:2])


def test_an_idea_is_handed_in_step_by_step_answered_and_withdrawn_by_the_links_in_the_mails(desk: Desk) -> None:
    browser = desk.browser()
    start = browser.get("/einreichen")
    assert "Lizenz und Datenschutz" in text_of(start)
    assert desk.count(draft) == 0, "looking keeps nothing"
    address = "anwohnerin@post.example"
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    browser.post("/einreichen/schritt/problem", data={"go": "next", **TYPED[0][1]})
    wrong = browser.post(
        "/einreichen/schritt/documents", data={"go": "attach"}, files={"file": ("a.svg", b"<svg/>", "image/png")}
    )
    assert wrong.status_code == 422
    assert "nicht angenommen" in text_of(wrong)
    browser.post(
        "/einreichen/schritt/documents", data={"go": "attach"}, files={"file": ("baum.png", picture.getvalue(), "x")}
    )
    walk(desk, browser, contact={"contact-email": address, "credit:f.name": "Baumfreunde"})
    looked = text_of(browser.get("/einreichen/pruefen"))
    for said in ("Sensoren für Straßenbäume", "weiß nicht", "baum.png", address, "Baumfreunde", "Schritt 8 von 8"):
        assert said in looked
    receipt = browser.post("/einreichen/pruefen")
    number = number_of(receipt)
    assert address in text_of(receipt)
    assert desk.state(number) == "submitted"
    assert (desk.count(draft), desk.count(draft_document), desk.count(document)) == (0, 0, 1)
    again = browser.post("/einreichen/pruefen")
    assert "keinen Entwurf" in text_of(again), "sent twice, handed in once"

    desk.sent()
    mine = desk.post.links()[-1]
    assert mine.startswith("/meine-idee/")
    mail = desk.browser()  # another machine
    page = mail.get(mine)
    assert "Ihre Idee ist eingegangen" in text_of(page)
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
    (picture_address,) = re.findall(rf'{re.escape(mine)}/dokumente/[^"]+', page.text)
    shown = mail.get(picture_address)
    assert shown.headers["content-disposition"].startswith("inline;")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert mail.get(picture_address.replace(mine, "")).status_code == 404, "to nobody else before the release"

    desk.app.engine.execute(
        Advance(actor=DORTMUND, item=number, transition="ask", data={"question": "Welche Straßen meinen Sie?"}),
        now=desk.now,
    )
    desk.sent()
    mine = desk.post.links()[-1]
    asked = mail.get(mine)
    assert "Welche Straßen meinen Sie?" in text_of(asked)
    assert "Bitte bis 16. Juni 2026." in text_of(asked)
    mail.get(mine)
    assert desk.state(number) == "needs_information", "looking changes nothing"
    empty = mail.post(f"{mine}/schritt/answer", data=fields_of(asked))
    assert empty.status_code == 422
    stale = mail.post(f"{mine}/schritt/answer", data={**fields_of(asked), "revision": "2", "f.answer": "Die im Norden"})
    assert stale.status_code == 409
    assert "Die im Norden" in stale.text
    answered = mail.post(f"{mine}/schritt/answer", data={**fields_of(asked), "f.answer": "Die im Norden."})
    assert "Danke, das ist angekommen." in text_of(answered)
    assert desk.state(number) == "submitted"
    with desk.app.database.reading() as connection:
        author = connection.scalar(select(record.c.author).where(record.c.kind == "answer"))
        assert author == access.find(connection, address).id

    saved = mail.post(f"{mine}/angaben/credit", data={**fields_of(mail.get(mine)), "f.name": ""})
    assert "Gespeichert." in text_of(saved)
    attached = mail.post(f"{mine}/dokumente", data={}, files={"file": ("plan.txt", b"Plan", "text/plain")})
    assert "plan.txt" in attached.text
    withdrawn = mail.post(f"{mine}/schritt/withdraw", data=fields_of(mail.get(mine)))
    assert "zurückgezogen" in text_of(withdrawn)
    assert desk.state(number) == "withdrawn"
    assert desk.app.audit.verify().ok


def test_without_contact_the_receipt_shows_a_link_and_nobody_is_written_to(desk: Desk) -> None:
    browser = desk.browser()
    receipt = hand_in(desk, browser)
    number = number_of(receipt)
    assert "heben Sie diesen Link auf" in text_of(receipt)
    before = len(desk.post.mails)
    desk.sent()
    assert not [mail for mail in desk.post.mails[before:] if "invalid" in mail["to"]]
    (mine,) = set(re.findall(r"/meine-idee/[^\"/<]+", receipt.text))
    assert number in text_of(desk.browser().get(mine))


def test_a_forged_an_old_and_a_replaced_link_open_nothing(desk: Desk) -> None:
    receipt = hand_in(desk, desk.browser())
    (mine,) = set(re.findall(r"/meine-idee/[^\"/<]+", receipt.text))
    browser = desk.browser()
    said, mark = mine.removeprefix("/meine-idee/").split(".")
    other = number_of(hand_in(desk, desk.browser()))
    for forged in ("x", "x.y", f"{said}.{mark[:-2]}AA", f"{said[:-4]}AAAA.{mark}", f"{other}.{mark}"):
        for answer in (browser.get(f"/meine-idee/{forged}"), browser.post(f"/meine-idee/{forged}/schritt/withdraw")):
            assert answer.status_code == 404
            assert "öffnet nichts mehr" in text_of(answer)
    renewed = browser.post(f"{mine}/neuer-link")
    assert "neuer Link" in text_of(renewed)
    (fresh,) = set(re.findall(r"/meine-idee/[^\"/<]+", renewed.text))
    assert browser.get(mine).status_code == 404
    assert browser.get(fresh).status_code == 200
    desk.later(days=401)
    assert browser.get(fresh).status_code == 404
    desk.later(days=-401)


def test_who_works_on_ideas_is_not_taken_for_whoever_types_their_address(desk: Desk) -> None:
    receipt = hand_in(desk, desk.browser(), contact={"contact-email": DORTMUND})
    with desk.app.database.reading() as connection:
        coordinator = access.find(connection, DORTMUND).id
        authors = set(connection.scalars(select(record.c.author).where(record.c.item == number_of(receipt))))
    assert coordinator not in authors
    assert DORTMUND not in receipt.text, "and nothing shows that there is such a person"
    signed_in = desk.signed_in(DORTMUND)
    mark = re.search(r'name="csrf" value="([^"]+)"', signed_in.get("/einreichen/schritt/problem").text)
    assert mark
    contact = signed_in.get("/einreichen/schritt/contact").text
    assert "contact-email" not in contact, "who is signed in is known"


@pytest.mark.parametrize(
    ("key", "typed", "place", "says"),
    [
        ("idea", {"sheet:f.title": "", "sheet:f.idea": "x"}, "sheet:f.title", "fehlt"),
        ("idea", {"sheet:f.title": "x" * 300}, "sheet:f.title", "höchstens 200"),
        ("city", {"sheet:f.cities": ["bochum"]}, "sheet:f.cities", "nicht möglich"),
        ("contact", {"contact-email": "keine adresse"}, "contact-email", "keine E-Mail-Adresse"),
        ("terms", {"agreed": ["privacy"]}, "agreed-licence", "Zustimmung"),
        ("documents", {"go": "attach"}, "file", "zuerst eine Datei"),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_what_was_typed_is_kept(
    desk: Desk, key: str, typed: dict[str, object], place: str, says: str
) -> None:
    browser = desk.browser()
    browser.post("/einreichen/schritt/problem", data={"go": "next", **TYPED[0][1]})
    answer = browser.post(f"/einreichen/schritt/{key}", data={"go": "next", **typed})
    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.text
    assert says in text_of(answer)
    for value in (one for one in typed.values() if isinstance(one, str) and one not in ("", "attach")):
        assert value in answer.text
    assert (
        browser.post(f"/einreichen/schritt/{key}", data={**typed, "go": "back"}, follow_redirects=False).status_code
        == 303
    )


def test_a_draft_is_resumed_changed_thrown_away_and_not_kept_for_ever(desk: Desk) -> None:
    browser = desk.browser()
    browser.post("/einreichen/schritt/problem", data={"go": "next", **TYPED[0][1]})
    assert "Sie haben schon angefangen" in text_of(browser.get("/einreichen"))
    assert "vertrocknen die jungen" in browser.get("/einreichen/schritt/problem").text
    assert "vertrocknen" not in desk.browser().get("/einreichen/schritt/problem").text, "to nobody else"
    with desk.app.database.reading() as connection:
        secret = browser.cookies["draft"]
        assert secret not in str(connection.execute(select(draft)).all()), "the secret is the browser's alone"
    desk.later(minutes=1)
    answer = browser.post("/einreichen/pruefen")
    assert answer.status_code == 422
    assert "„Titel“ fehlt." in text_of(answer)
    browser.post("/einreichen/verwerfen")
    assert "Sie haben schon angefangen" not in text_of(browser.get("/einreichen"))
    browser.post("/einreichen/schritt/problem", data={"go": "next", **TYPED[0][1]})
    desk.later(days=31)
    assert "Sie haben schon angefangen" not in text_of(browser.get("/einreichen"))
    desk.app.housekeep(now=desk.now)
    assert desk.count(draft) == 0
    desk.later(days=-31)


def test_programs_do_not_get_through(desk: Desk) -> None:
    browser = desk.browser()
    walk(desk, browser)
    assert browser.post("/einreichen/pruefen", data={"homepage": "https://kauf.example"}).status_code == 422
    assert browser.post("/einreichen/pruefen", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    desk.later(seconds=-60)
    assert "sehr schnell" in text_of(browser.post("/einreichen/pruefen"))
    desk.later(seconds=60)
    assert browser.get("/einreichen/schritt/erfunden").status_code == 404


def test_for_others_one_idea_and_a_workshop_s_table(desk: Desk) -> None:
    assert desk.browser().get("/einreichen/fuer-andere", follow_redirects=False).status_code == 303
    staff = desk.signed_in(DORTMUND)
    form = staff.get("/einreichen/fuer-andere")
    marks = dict(re.findall(r'type="hidden" name="(csrf|command_id)" value="([^"]*)"', form.text))
    typed = {
        **marks,
        "sheet:f.title": "Bänke am Fluss",
        "sheet:f.problem": "Es gibt keine.",
        "sheet:f.cities": "dortmund",
        "sheet:f.provenance": "participation",
        "contact-email": "oma@post.example",
    }
    refused = staff.post("/einreichen/fuer-andere", data=typed)
    assert refused.status_code == 422
    assert "Bänke am Fluss" in refused.text
    before = desk.count(item)
    for _ in range(2):  # sent twice
        entered = staff.post("/einreichen/fuer-andere", data={**typed, "agreed": "1"}, follow_redirects=False)
        assert entered.status_code == 303
    assert desk.count(item) == before + 1
    number = entered.headers["location"].removeprefix("/ideen/")
    with desk.app.database.reading() as connection:
        written = connection.execute(select(record).where(record.c.item == number)).one()
        assert written.author == access.find(connection, "oma@post.example").id
        assert written.writer == access.find(connection, DORTMUND).id
    assert desk.state(number) == "submitted"

    table = staff.get("/einreichen/fuer-andere/tabelle")
    marks = dict(re.findall(r'type="hidden" name="(csrf|command_id)" value="([^"]*)"', table.text))
    rows = {f"r{row}:sheet:f.{key}": f"{key} {row}" for row in (0, 2) for key in ("title", "problem")}
    common = {**marks, "agreed": "1", "sheet:f.cities": "dortmund", "sheet:f.provenance": "office-workshop"}
    wrong = staff.post("/einreichen/fuer-andere/tabelle", data={**common, **rows, "r3:sheet:f.idea": "ohne Titel"})
    assert wrong.status_code == 422
    assert "fehlt" in text_of(wrong)
    assert desk.count(item) == before + 1, "all or none"
    entered = staff.post("/einreichen/fuer-andere/tabelle", data={**common, **rows})
    assert "2 Ideen erfasst" in text_of(entered)
    assert desk.count(item) == before + 3


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def site(desk: Desk) -> Iterator[str]:
    """The address under which a browser finds the desk's pages."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(desk.pages, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_the_whole_way_on_a_phone_without_a_script(browser: Browser, desk: Desk, site: str, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    plan = tmp_path / "plan.txt"
    plan.write_text("Plan")
    context = browser.new_context(viewport={"width": 360, "height": 700}, locale="de-DE", java_script_enabled=False)
    page = context.new_page()
    looked_at: list[tuple[str, str]] = []

    def look(what: str) -> None:
        looked_at.append((what, page.content()))

    def go_on() -> None:
        page.locator("form.form button.kern-btn--primary").click()

    page.goto(f"{site}/einreichen")
    page.locator("main a.kern-btn--primary").click()
    page.get_by_label("Welches Problem gibt es?").fill("Bäume vertrocknen.")
    go_on()
    go_on()
    assert "„Titel“ fehlt." in page.locator(".summary").inner_text()
    look("error")
    page.get_by_label("Titel").fill("Wasser für Bäume")
    page.keyboard.press("Enter")  # goes on, and not back
    go_on()
    page.get_by_label("weiß nicht").check()
    go_on()
    page.locator("input[type=file]").set_input_files(plan)
    page.get_by_role("button", name="Datei anhängen").click()
    assert "plan.txt" in page.locator(".files").inner_text()
    page.get_by_role("button", name="Zurück").click()
    assert page.get_by_label("weiß nicht").is_checked(), "back without loss"
    go_on()
    go_on()
    page.get_by_label("E-Mail-Adresse").fill("nachbar@post.example")
    go_on()
    page.locator("#agreed-licence").check()
    page.locator("#agreed-privacy").check()
    go_on()
    look("check")
    desk.later(minutes=1)
    go_on()
    assert "Ihre Idee ist eingegangen" in page.locator("h1").inner_text()
    page.locator("main a.kern-btn--primary").click()
    look("mine")
    page.get_by_text("Zurückziehen").first.click()
    page.get_by_role("button", name="Zurückziehen").click()
    assert "zurückgezogen" in page.locator(".status").inner_text()
    mine = page.url
    context.close()
    # The same pages once more with a script, which is what measures them.
    context = browser.new_context(viewport={"width": 360, "height": 700}, locale="de-DE")
    page = context.new_page()
    page.goto(mine)
    for what, content in looked_at:
        page.set_content(content.replace("<head>", f'<head><base href="{site}/">'), wait_until="load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, what
        found = Axe().run(page).response["violations"]
        assert not [(what, one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
    context.close()
