"""The contract of all channels, run on each; then what is each one's own."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from notifications.channels import Appointment, Channel, Letter, Parcel
from notifications.channels.email import Email, MailServer
from notifications.channels.log import Log
from notifications.channels.webhook import Endpoint, Webhook, public, signed
from notifications.errors import Gone, Permanent, Temporary, Unavailable
from notifications.render import Rendered

from .conftest import Server, free_port, parsed

NOW = datetime(2026, 6, 9, 10, tzinfo=UTC)
LETTER = Letter(
    id="item:2026-0147#3/question>p-1",
    message_id="<abc@ideen.example.org>",
    notice="question",
    item="2026-0147",
    state="needs_information",
    url="https://ideen.example.org/ideen/2026-0147",
    made=NOW,
    intent="item:2026-0147#3/question",
    address="anwohnerin@post.example",
    name="Jörg Müller, Anwohner",
    rendered=Rendered(
        "Rückfrage zu „Bänke & Bäume“ – bitte bis 9. Juni " + "ö" * 90, "Grüße\n.\nÄ" + "x" * 1200, "<p>Grüße</p>"
    ),
    office_name="CIIO-Büro Dortmund",
    office_email="smartcity@dortmund.example",
)


class Receiver(HTTPServer):
    """A program on loopback that takes calls. status: what it answers."""

    status = 200

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield receiver
    receiver.shutdown()
    thread.join()
    receiver.server_close()


def hook(
    port: int, *, host: str = "hooks.example", private: bool = True, found: tuple[str, ...] = ("127.0.0.1",)
) -> Webhook:
    """A webhook to `host`, which a stub resolver finds at `found`."""
    endpoint = Endpoint("w-1", f"http://{host}:{port}/in", private, (b"new", b"old"))
    return Webhook(lambda key, now: endpoint, "https://ideen.example.org", resolve=lambda host, port: found, patience=5)


# --- the contract -----------------------------------------------------------------------------------------------------


@dataclass
class Case:
    """A channel and how its receiver is made to answer; `took`: the bodies it got."""

    channel: Channel
    to: str
    took: Callable[[], list[bytes]]
    answer: Callable[[str], None] | None = None
    lines: list[str] = field(default_factory=list)


@pytest.fixture(params=["email", "webhook", "log"])
def case(
    request: pytest.FixtureRequest, server: Server, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> Iterator[Case]:
    if request.param == "email":
        codes = {"temporary": "451 later", "permanent": "550 never"}

        def answer(kind: str) -> None:
            server.answers = {"DATA": codes[kind]}

        email = Email(MailServer("127.0.0.1", server.port, starttls=False), patience=5)
        case = Case(email, LETTER.address, lambda: [raw for _, raw in server.mails], answer)
    elif request.param == "webhook":

        def respond(kind: str) -> None:
            receiver.status = {"temporary": 503, "permanent": 302}[kind]

        case = Case(hook(receiver.server_port), "w-1", lambda: [body for _, body in receiver.calls], respond)
    else:
        caplog.set_level(logging.INFO, "ideenweg.mail")
        case = Case(Log(), LETTER.address, lambda: [record.getMessage().encode() for record in caplog.records])
    yield case
    case.channel.close()


def send(case: Case, letter: Letter = LETTER) -> str:
    message = case.channel.build(letter)
    return case.channel.send(Parcel(letter.id, letter.message_id, case.to, message), NOW)


def test_a_letter_makes_the_same_bytes_every_time(case: Case) -> None:
    assert case.channel.build(LETTER) == case.channel.build(LETTER)


def test_a_message_arrives_once_and_its_answer_is_told(case: Case) -> None:
    assert send(case)
    (took,) = case.took()
    assert b"2026-0147" in took


def test_a_channel_may_be_closed_and_used_again(case: Case) -> None:
    send(case)
    case.channel.close()
    case.channel.close()
    send(case)
    assert len(case.took()) == 2


@pytest.mark.parametrize(("kind", "error"), [("temporary", Temporary), ("permanent", Permanent)])
def test_a_refusal_says_whether_it_is_for_good_and_the_next_message_goes_through(
    case: Case, kind: str, error: type[Exception], server: Server, receiver: Receiver
) -> None:
    if case.answer is None:
        pytest.skip("a log refuses nothing")
    case.answer(kind)
    with pytest.raises(error):
        send(case)
    server.answers, receiver.status = {}, 200
    assert send(case)


# --- e-mail -----------------------------------------------------------------------------------------------------------


def test_a_mail_has_what_mail_programs_expect() -> None:
    mail = parsed(Log().build(LETTER))
    assert mail["Subject"] == LETTER.rendered.subject
    assert mail["To"].addresses[0].display_name == "Jörg Müller, Anwohner"
    assert mail["From"].addresses[0].addr_spec == mail["Reply-To"].addresses[0].addr_spec == LETTER.office_email
    assert mail["Message-ID"] == LETTER.message_id
    assert mail["References"] == mail["In-Reply-To"] == "<item.2026-0147@ideen.example.org>"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert mail["Date"].datetime == NOW
    assert mail.get_content_type() == "multipart/alternative"
    assert "List-Unsubscribe" not in mail


def test_no_line_is_longer_than_a_mail_allows_and_all_are_ascii() -> None:
    raw = Log().build(LETTER)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998  # RFC 5322 §2.1.1
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_what_can_be_switched_off_says_how() -> None:
    mail = parsed(Log().build(replace(LETTER, unsubscribe="https://ideen.example.org/abmelden/t.s")))
    assert mail["List-Unsubscribe"] == "<https://ideen.example.org/abmelden/t.s>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_deadline_comes_as_a_calendar_entry() -> None:
    raw = Log().build(replace(LETTER, appointment=Appointment("answer/", 3, "2026-06-09")))
    (part,) = parsed(raw).iter_attachments()
    assert part.get_content_type() == "text/calendar"
    text = part.get_payload(decode=True).decode()
    lines = text.split("\r\n")
    for expected in ("SEQUENCE:3", "DTSTART;VALUE=DATE:20260609", "DTEND;VALUE=DATE:20260610", "TRIGGER:-P1D"):
        assert expected in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = text.replace("\r\n ", "")
    assert "SUMMARY:Rückfrage zu „Bänke & Bäume“ – bitte bis 9. Juni" in unfolded


@pytest.mark.parametrize(
    "address",
    ["no-domain", "a b@example.org", "x@example.org\r\nBcc: all@example.org", "jörg m@example.org", "@x.de", ""],
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(address: str) -> None:
    with pytest.raises(Permanent):
        Log().build(replace(LETTER, address=address))


def test_a_domain_with_umlauts_is_written_as_servers_know_it() -> None:
    mail = parsed(Log().build(replace(LETTER, address="amt@städte.example")))
    assert mail["To"].addresses[0].addr_spec == "amt@xn--stdte-hra.example"


def test_starttls_is_demanded_where_it_is_set(server: Server) -> None:
    channel = Email(MailServer("127.0.0.1", server.port, starttls=True))
    with pytest.raises(Unavailable, match="STARTTLS"):
        channel.send(Parcel("x", "<x@y>", LETTER.address, channel.build(LETTER)), NOW)
    assert server.mails == []


def test_a_wrong_password_is_the_channels_fault_and_no_recipients(server: Server) -> None:
    channel = Email(MailServer("127.0.0.1", server.port, starttls=False, user="u", password="p"))
    with pytest.raises(Unavailable):
        channel.send(Parcel("x", "<x@y>", LETTER.address, channel.build(LETTER)), NOW)


def test_a_connection_that_the_server_closed_meanwhile_is_opened_anew(server: Server) -> None:
    channel = Email(MailServer("127.0.0.1", server.port, starttls=False), patience=5)
    for _ in range(2):
        channel.send(Parcel("x", "<x@y>", LETTER.address, channel.build(LETTER)), NOW)
        server.stop()
        server.start()
    assert len(server.mails) == 2
    channel.close()


def test_a_server_that_hangs_up_on_a_message_costs_that_message_an_attempt() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener:

        def play() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as lines:
                lines.write(b"220 hello\r\n")
                lines.flush()
                while line := lines.readline():
                    if line.lower().startswith(b"data"):
                        return
                    lines.write(b"250 ok\r\n")
                    lines.flush()

        thread = Thread(target=play)
        thread.start()
        channel = Email(MailServer("127.0.0.1", port, starttls=False), patience=5)
        with pytest.raises(Temporary):
            channel.send(Parcel("x", "<x@y>", LETTER.address, channel.build(LETTER)), NOW)
        thread.join()


def test_a_server_that_says_yes_too_early_has_not_taken_the_message() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener:

        def play() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as lines:
                lines.write(b"220 hello\r\n")
                lines.flush()
                while lines.readline():
                    lines.write(b"250 ok\r\n")
                    lines.flush()

        thread = Thread(target=play)
        thread.start()
        channel = Email(MailServer("127.0.0.1", port, starttls=False), patience=5)
        with pytest.raises(Temporary):
            channel.send(Parcel("x", "<x@y>", LETTER.address, channel.build(LETTER)), NOW)
        channel.close()
        thread.join()


# --- webhook ----------------------------------------------------------------------------------------------------------


def test_a_call_is_signed_as_standard_webhooks_has_it_with_every_secret_that_counts(receiver: Receiver) -> None:
    channel = hook(receiver.server_port)
    channel.send(Parcel("x", "<abc@y>", "w-1", channel.build(LETTER)), NOW)
    ((headers, body),) = receiver.calls
    content = f"abc@y.{headers['webhook-timestamp']}.".encode() + body
    expected = [base64.b64encode(hmac.new(key, content, sha256).digest()).decode() for key in (b"new", b"old")]
    assert headers["webhook-signature"].split() == [f"v1,{one}" for one in expected]
    assert headers["webhook-id"] == "abc@y"
    assert headers["content-type"].startswith("application/cloudevents+json")
    event = json.loads(body)
    assert (event["specversion"], event["type"], event["subject"]) == ("1.0", "ideenweg.notice.question", "2026-0147")
    assert "Müller" not in body.decode()


def test_the_signed_moment_is_the_same_whatever_its_zone() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert signed([b"key"], "m", NOW, b"{}") == signed([b"key"], "m", elsewhere, b"{}")
    assert signed([b"key"], "m", NOW, b"{}")["webhook-timestamp"] == "1780999200"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.7", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_no_call_goes_to_an_address_that_is_not_public(address: str, receiver: Receiver) -> None:
    assert not public(address)
    channel = hook(receiver.server_port, private=False, found=("93.184.215.14", address))
    with pytest.raises(Permanent, match="no public address"):
        channel.send(Parcel("x", "<x@y>", "w-1", b"{}"), NOW)
    assert receiver.calls == []


def test_public_addresses_are() -> None:
    assert public("93.184.215.14")
    assert public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")


def test_the_connection_goes_to_the_address_that_was_judged(receiver: Receiver) -> None:
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])
    endpoint = Endpoint("w-1", f"http://rebinding.example:{receiver.server_port}/in", True, (b"k",))
    channel = Webhook(lambda key, now: endpoint, "x", resolve=lambda host, port: next(answers), patience=5)
    channel.send(Parcel("x", "<x@y>", "w-1", b"{}"), NOW)
    assert receiver.calls[0][0]["host"] == f"rebinding.example:{receiver.server_port}"


def test_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.status = 302
    with pytest.raises(Permanent, match="redirects"):
        hook(receiver.server_port).send(Parcel("x", "<x@y>", "w-1", b"{}"), NOW)
    assert len(receiver.calls) == 1


def test_who_answers_410_is_gone(receiver: Receiver) -> None:
    receiver.status = 410
    with pytest.raises(Gone):
        hook(receiver.server_port).send(Parcel("x", "<x@y>", "w-1", b"{}"), NOW)


def test_a_name_without_an_address_and_a_closed_port_are_tried_again(receiver: Receiver) -> None:
    with pytest.raises(Temporary, match="no address"):
        hook(1, found=()).send(Parcel("x", "<x@y>", "w-1", b"{}"), NOW)
    with pytest.raises(Temporary, match="cannot be reached"):
        hook(free_port()).send(Parcel("x", "<x@y>", "w-1", b"{}"), NOW)
