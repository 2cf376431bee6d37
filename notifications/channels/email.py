"""Mails over SMTP: one connection for many, one recipient a message, encrypted wherever it leaves the machine."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from notifications.channels import Letter, Parcel
from notifications.errors import Lost, Permanent, Temporary, Unavailable
from notifications.message import build, needs_utf8

PATIENCE = 30.0
"""Seconds that the server may take to answer."""

MAILS_A_CONNECTION = 500
"""Servers limit how many they take on one."""

LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
"""Doubled, so that no line of a message is taken for its end (RFC 5321 §4.5.2)."""

NOT_ALLOWED = (454, 530, 534, 535, 538)
"""Answers that speak of who asks, never of a recipient (RFC 4954 §6, RFC 3207 §4)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in. tls: from the first byte; starttls: demanded after the greeting.

    sender: who sends; None: the office that coordinates, as the item has it.
    """

    host: str
    port: int
    tls: bool = False
    starttls: bool = True
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str | None = None


class Email:
    """The channel to people. One instance a thread."""

    name = "email"

    def __init__(
        self, server: MailServer, *, patience: float = PATIENCE, context: ssl.SSLContext | None = None
    ) -> None:
        self._server, self._patience = server, patience
        self._context = context
        self._connection: smtplib.SMTP | None = None
        self._sent = 0

    def another(self) -> Email:
        """The same server, for another thread."""
        return Email(self._server, patience=self._patience, context=self._context)

    def build(self, letter: Letter) -> bytes:
        return build(letter, self._server.sender)

    def send(self, parcel: Parcel, now: datetime, meanwhile: Callable[[], object] | None = None) -> str:
        """Hand it in; the server's answer (RFC 5321 §4.2.1: 4yz is for now, 5yz for good)."""
        sender = self._server.sender or _sender_in(parcel.message)
        connection = self._begun(sender, parcel)
        try:
            self._judge(*connection.rcpt(parcel.to))
            # From here on the server may have the message although its answer never arrives: it is sent again then.
            code, answer = _hand_in(connection, parcel.message, meanwhile)
        except smtplib.SMTPDataError as error:  # it did not ask for the message, which it therefore has not
            self._judge(max(error.smtp_code, 400), _answer(error))
        except (smtplib.SMTPException, OSError) as error:
            # An attempt is counted: a message on which the server falls over must not stop the others for ever.
            self.close()
            raise Lost(_said(error)) from None
        self._judge(code, answer)
        self._sent += 1
        if self._sent >= MAILS_A_CONNECTION:
            self.close()
        return _text(code, answer)

    def close(self) -> None:
        """Take leave of the server."""
        connection, self._connection, self._sent = self._connection, None, 0
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()

    def _begun(self, sender: str, parcel: Parcel) -> smtplib.SMTP:
        """A connection on which the envelope is begun: the open one, or a new one where that was closed meanwhile."""
        for fresh in (self._connection is None, True):
            if fresh:
                self.close()
            try:
                connection = self._connection or self._open()
                options = _options(connection, sender, parcel.to)
                code, answer = connection.mail(sender, options)
                if code == 421:
                    raise smtplib.SMTPServerDisconnected(_text(code, answer))
            except (smtplib.SMTPException, OSError) as error:
                self.close()
                if fresh:
                    raise Unavailable(_said(error)) from None
                continue
            if code >= 400 and (self._server.sender is not None or code in NOT_ALLOWED):
                self.close()  # who sends is refused, whoever the recipient
                raise Unavailable(_text(code, answer))
            self._judge(code, answer)
            return connection
        raise AssertionError("unreachable")

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.tls:
            context = self._context or ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._patience, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=self._patience)
        self._connection = connection
        if connection.sock is not None:  # MAIL, RCPT and DATA are small packets that wait for answers
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.starttls:
            connection.starttls(context=self._context or ssl.create_default_context())
        connection.ehlo_or_helo_if_needed()
        if server.user is not None:
            connection.login(server.user, server.password or "")
        return connection

    def _judge(self, code: int, answer: bytes) -> None:
        """Raise what an answer means that is not yes; the connection is then as fresh as before the mail."""
        if 200 <= code < 400:
            return
        if code == 421 or self._connection is None:
            self.close()
            raise Unavailable(_text(code, answer))
        with suppress(smtplib.SMTPException, OSError):
            self._connection.rset()
        raise (Permanent if code >= 500 else Temporary)(_text(code, answer))


def _hand_in(connection: smtplib.SMTP, message: bytes, meanwhile: Callable[[], object] | None) -> tuple[int, bytes]:
    """DATA (RFC 5321 §4.1.1.4), with something to do while the server looks at the message. Raises SMTPDataError where
    it does not want it."""
    code, answer = connection.docmd("DATA")
    if code != 354:
        raise smtplib.SMTPDataError(code, answer)
    ended = message if message.endswith(b"\r\n") else message + b"\r\n"
    connection.send(LEADING_DOT.sub(b"..", ended) + b".\r\n")
    if meanwhile is not None:
        meanwhile()
    return connection.getreply()


def _options(connection: smtplib.SMTP, *addresses: str) -> tuple[str, ...]:
    """What MAIL asks for: SMTPUTF8 where an address needs it (RFC 6531 §3.4). Raises Permanent where the server does
    not know that."""
    wanting = next((one for one in addresses if needs_utf8(one)), None)
    if wanting is None:
        return ()
    if not connection.has_extn("smtputf8"):
        raise Permanent(f"{wanting} needs SMTPUTF8, which the mail server does not offer: use an address in ASCII.")
    return ("SMTPUTF8", "BODY=8BITMIME")


def _sender_in(message: bytes) -> str:
    """The address after From:, which `build` wrote: envelope and header agree, as SPF and DMARC want it."""
    header = message.partition(b"\r\nTo:")[0].rpartition(b"<")[2].partition(b">")[0]
    return header.decode() if b"@" in header else message.partition(b"\r\n")[0].partition(b": ")[2].decode()


def _text(code: int, answer: bytes) -> str:
    return f"{code} {answer.decode('utf-8', 'replace')}".replace("\n", " ")


def _answer(error: smtplib.SMTPResponseException) -> bytes:
    told = error.smtp_error
    return told if isinstance(told, bytes) else told.encode()


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _text(error.smtp_code, _answer(error))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return f"The mail server hung up: {error}"
    if isinstance(error, smtplib.SMTPException):
        return str(error)
    return f"The mail server cannot be reached: {error}"
