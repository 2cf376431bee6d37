"""E-mail against servers that encrypt, ask who one is, refuse, hang up and hang."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult

from ideenweg.outgoing import Outgoing
from ideenweg.wiring import App
from notifications.channels import Letter, Parcel
from notifications.channels.email import Email, MailServer
from notifications.dispatch import MOST_LOST
from notifications.errors import Lost, Permanent, Temporary, Unavailable
from notifications.message import on_the_line

from .conftest import BASE, KEYS, NOW, RESIDENT, Server, free_port, parsed, rows
from .test_channels import LETTER

CERTIFIED = trustme.CA()
"""Whom the client trusts."""

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # on loopback it may

USER, PASSWORD = "ideenweg", "geheim"


def context(ca: trustme.CA = CERTIFIED, name: str = "127.0.0.1") -> ssl.SSLContext:
    """What a server of that name shows, certified by `ca`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(made)
    return made


@pytest.fixture(scope="module")
def trusting() -> ssl.SSLContext:
    """What a client believes."""
    made = ssl.create_default_context()
    CERTIFIED.configure_trust(made)
    return made


@contextmanager
def serving(**options: Any) -> Iterator[Server]:
    server = Server(**options)
    server.start()
    yield server
    server.stop()


def asked(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    """Whether user and password are right."""
    right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=right)


def send(channel: Email, letter: Letter = LETTER) -> str:
    try:
        message = channel.build(letter)
        return channel.send(Parcel(letter.id, letter.message_id, on_the_line(letter.address), message), NOW)
    finally:
        channel.close()


# --- encrypted --------------------------------------------------------------------------------------------------------

WAYS: dict[str, tuple[Callable[[ssl.SSLContext], dict[str, Any]], dict[str, bool]]] = {
    "from the first byte": (lambda shown: {"ssl_context": shown}, {"tls": True, "starttls": False}),
    "after the greeting": (lambda shown: {"tls_context": shown, "require_starttls": True}, {"starttls": True}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_mail_goes_over_an_encrypted_line_to_a_server_that_wants_a_login(way: str, trusting: ssl.SSLContext) -> None:
    options, tls = WAYS[way]
    # aiosmtpd knows of TLS only after STARTTLS, so from the first byte on it may not insist on it for AUTH.
    login = {"authenticator": asked, "auth_required": True, "auth_require_tls": way == "after the greeting"}
    with serving(**options(context()), **login) as server:
        mail = MailServer("127.0.0.1", server.port, **tls, user=USER, password=PASSWORD)
        assert send(Email(mail, patience=5, context=trusting)) == "250 taken"
        assert [recipient for recipient, _ in server.mails] == [LETTER.address]
        with pytest.raises(Unavailable, match="535"):
            send(Email(replace(mail, password="falsch"), patience=5, context=trusting))
        with pytest.raises(Unavailable, match="530"):
            send(Email(replace(mail, user=None), patience=5, context=trusting))
        assert len(server.mails) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shown", ["by a stranger", "for another host"])
def test_a_certificate_that_proves_nothing_stops_everything(way: str, shown: str, trusting: ssl.SSLContext) -> None:
    options, tls = WAYS[way]
    certificate = context(trustme.CA()) if shown == "by a stranger" else context(name="mail.example.org")
    with serving(**options(certificate)) as server:
        with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
            send(Email(MailServer("127.0.0.1", server.port, **tls), patience=5, context=trusting))
        assert server.mails == []


# --- refused ----------------------------------------------------------------------------------------------------------


def test_a_login_that_fails_is_the_whole_servers_trouble_and_burns_no_attempts(
    app: App, submitted: Callable[..., str]
) -> None:
    with serving(authenticator=asked, auth_required=True, auth_require_tls=False) as server:
        mail = MailServer("127.0.0.1", server.port, starttls=False, user=USER, password="falsch")
        object.__setattr__(app, "outgoing", Outgoing(BASE, Email(mail, patience=5), KEYS))
        submitted()
        submitted()
        done = app.dispatch(now=NOW)
        assert "535" in done.down["email"]
        assert [(row.status, row.attempts) for row in rows(app, role="submitter")] == [("waiting", 0)] * 2
        connections = server.connections
        app.dispatch(now=NOW + timedelta(seconds=10))
        assert server.connections == connections  # the breaker is open


@pytest.mark.parametrize(
    ("answer", "sender", "error"),
    [
        ("550 you may not send as this", "ideen@dortmund.example", Unavailable),  # it is everybody's sender
        ("550 you may not send as this", None, Permanent),  # one office's
        ("530 authentication required", None, Unavailable),
        ("451 later", None, Temporary),
        ("421 closing", None, Unavailable),
    ],
)
def test_a_sender_that_is_refused_concerns_all_whose_sender_it_is(
    server: Server, answer: str, sender: str | None, error: type[Exception]
) -> None:
    server.answers["MAIL"] = answer
    with pytest.raises(error, match=answer[:3]):
        send(Email(MailServer("127.0.0.1", server.port, starttls=False, sender=sender), patience=5))


def test_a_recipient_that_is_refused_leaves_the_others_on_the_same_connection_alone(server: Server) -> None:
    channel = Email(MailServer("127.0.0.1", server.port, starttls=False), patience=5)
    outcomes = []
    server.answers |= {"never.example": "550 no such domain", "later.example": "450 grey list"}
    for domain in ("post.example", "never.example", "later.example", "post.example"):
        letter = replace(LETTER, address=f"anwohnerin@{domain}")
        try:
            outcomes.append(channel.send(Parcel("x", "<x@y>", letter.address, channel.build(letter)), NOW))
        except (Permanent, Temporary) as error:
            outcomes.append(f"{type(error).__name__}: {error}")
    channel.close()
    assert outcomes == ["250 taken", "Permanent: 550 no such domain", "Temporary: 450 grey list", "250 taken"]
    assert server.connections == 1


# --- letters beyond ASCII ---------------------------------------------------------------------------------------------


def test_an_address_with_umlauts_is_written_to_where_the_server_can() -> None:
    letter = replace(LETTER, address="jörg.müller@städte.example")
    with serving(enable_SMTPUTF8=True) as server:
        channel = Email(MailServer("127.0.0.1", server.port, starttls=False), patience=5)
        assert send(channel, letter) == "250 taken"
        ((recipient, raw),) = server.mails
    assert recipient.encode("utf-8", "surrogateescape").decode() == "jörg.müller@xn--stdte-hra.example"
    mail = email.message_from_string(raw.decode(), policy=email.policy.SMTPUTF8)
    assert mail["To"].addresses[0].addr_spec == "jörg.müller@xn--stdte-hra.example"
    assert [part.defects for part in mail.walk()] == [[], [], []]
    with serving(enable_SMTPUTF8=False) as server:
        channel = Email(MailServer("127.0.0.1", server.port, starttls=False), patience=5)
        with pytest.raises(Permanent, match=r"jörg\.müller@.* needs SMTPUTF8, which the mail server does not offer"):
            send(channel, letter)


# --- hung up, and hung ------------------------------------------------------------------------------------------------


class Odd:
    """A server that says what it is told to each command, nothing to those that are None, and hangs up at `ends`."""

    def __init__(self, greeting: bytes | None = b"220 hello", ends: bytes = b"quit", **answers: bytes | None) -> None:
        self.greeting, self.ends, self.answers = greeting, ends, answers
        self.port, self.data = free_port(), 0

    def __enter__(self) -> Odd:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._thread = Thread(target=self._accept)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as lines:
                self._play(lines)

    def _play(self, lines: Any) -> None:
        self._say(lines, self.greeting)
        body = False
        while received := lines.readline():
            line = received.lower().strip()
            command = line.partition(b" ")[0].decode()
            if body:
                if line == b".":
                    body = False
                    command = "end"
                else:
                    continue
            self.data += command == "end"
            if command == self.ends.decode():
                return
            body = command == "data"
            self._say(lines, self.answers.get(command, b"354 go on" if body else b"250 ok"))

    def _say(self, lines: Any, answer: bytes | None) -> None:
        if answer is not None:
            lines.write(answer + b"\r\n")
            lines.flush()


SIMPLE = replace(LETTER, rendered=replace(LETTER.rendered, text="Hallo", html="<p>Hallo</p>"))


@pytest.mark.parametrize(
    ("server", "error"),
    [
        (Odd(greeting=None), Unavailable),  # it takes the connection and says nothing
        (Odd(mail=None), Unavailable),
        (Odd(greeting=b"554 no"), Unavailable),
        (Odd(ends=b"rcpt"), Lost),
        (Odd(data=None), Lost),
        (Odd(end=None), Lost),  # it has the message, and does not say so
        (Odd(ends=b"end"), Lost),
        (Odd(end=b"451 disk full"), Temporary),
        (Odd(end=b"552 too large"), Permanent),
        (Odd(rcpt=b"421 shutting down"), Unavailable),
    ],
    ids=["greets not", "hangs at MAIL", "turns away", "drops at RCPT", "hangs at DATA", "hangs after DATA",
         "drops after DATA", "4xx after DATA", "5xx after DATA", "421 at RCPT"],
)  # fmt: skip
def test_a_server_that_hangs_or_hangs_up_is_left_after_a_while(server: Odd, error: type[Exception]) -> None:
    with server, pytest.raises(error) as raised:
        send(Email(MailServer("127.0.0.1", server.port, starttls=False), patience=0.3), SIMPLE)
    assert type(raised.value) is error


def test_a_server_that_loses_every_message_counts_as_down_after_a_few(app: App, submitted: Callable[..., str]) -> None:
    with Odd(ends=b"end") as server:
        mail = MailServer("127.0.0.1", server.port, starttls=False)
        object.__setattr__(app, "outgoing", Outgoing(BASE, Email(mail, patience=5), KEYS))
        for _ in range(MOST_LOST + 2):
            submitted()
        done = app.dispatch(now=NOW)
    assert f"{MOST_LOST} connections in a row broke off" in done.down["email"]
    assert server.data == MOST_LOST
    found = rows(app, recipient=rows(app, role="submitter")[0].recipient)
    assert sorted(row.attempts for row in found) == [0, 0, *[1] * MOST_LOST]
    assert {row.lease_until for row in found} == {None}
    server = Server()
    server.start()
    object.__setattr__(app.outgoing.mail, "_server", MailServer("127.0.0.1", server.port, starttls=False))
    later = NOW + timedelta(hours=1)
    assert app.dispatch(now=later).sent == len(found)
    server.stop()
    assert {parsed(raw)["Message-ID"] for _, raw in server.mails} == {row.message_id for row in found}
    assert {recipient for recipient, _ in server.mails} == {RESIDENT}
