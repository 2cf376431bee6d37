"""Calls to other programs: a CloudEvent, signed as Standard Webhooks has it, to an address that was looked at first.

Whoever may name a URL may not make this program speak to machines that only it can reach: the name is resolved once,
every address is judged, and the connection goes to a judged address – a second look-up could say something else.
No redirect is followed.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import json
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from notifications.channels import Letter, Parcel
from notifications.errors import Gone, Permanent, Temporary
from workflow.events import timestamp

PATIENCE = 15.0
TYPE = "ideenweg.notice"

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) -> its addresses. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a webhook goes. private: it may lie in a private network. secrets: all sign, the newest first."""

    id: str
    url: str
    private: bool
    secrets: tuple[bytes, ...]


def addresses_of(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Webhook:
    """The channel to programs. `endpoint`: webhook id -> where it goes now; None where it is no more."""

    name = "webhook"

    def __init__(
        self,
        endpoint: Callable[[str, datetime], Endpoint | None],
        source: str,
        *,
        resolve: Resolve = addresses_of,
        patience: float = PATIENCE,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._endpoint, self._source, self._resolve = endpoint, source, resolve
        self._patience, self._context = patience, context

    def build(self, letter: Letter) -> bytes:
        """A CloudEvent (1.0.2, JSON format). It names no person, and the page of an item only once that is public."""
        data = {"notice": letter.notice, "item": letter.item, "state": letter.state, "url": letter.url}
        event = {
            "specversion": "1.0",
            "id": letter.intent or letter.id,
            "source": self._source,
            "type": f"{TYPE}.{letter.notice}",
            "subject": letter.item,
            "time": timestamp(letter.made),
            "datacontenttype": "application/json",
            "data": data,
        }
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()

    def send(self, parcel: Parcel, now: datetime, meanwhile: Callable[[], object] | None = None) -> str:
        endpoint = self._endpoint(parcel.to, now)
        if endpoint is None:
            raise Permanent("This webhook is switched off.")
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "Ideenweg",
            **signed(endpoint.secrets, parcel.message_id.strip("<>"), now, parcel.message),
        }
        status = self._post(endpoint, parcel.message, headers)
        answer = f"HTTP {status}"
        if 200 <= status < 300:
            return answer
        if status == 410:
            raise Gone(answer)
        if 300 <= status < 400:
            raise Permanent(f"{answer}: redirects are not followed")
        raise Temporary(answer)

    def close(self) -> None:
        """Nothing is kept open."""

    def _post(self, endpoint: Endpoint, body: bytes, headers: dict[str, str]) -> int:
        host, port, path, tls = parts_of(endpoint.url)
        address = self._judged(host, port, private=endpoint.private)
        try:
            plain = socket.create_connection((address, port), timeout=self._patience)
            wire = (
                (self._context or ssl.create_default_context()).wrap_socket(plain, server_hostname=host)
                if tls
                else plain
            )
            connection = http.client.HTTPConnection(host, port, timeout=self._patience)
            connection.sock = wire
            try:
                connection.request("POST", path, body, headers)
                return connection.getresponse().status
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            raise Temporary(f"{host} cannot be reached: {error}") from None

    def _judged(self, host: str, port: int, *, private: bool) -> str:
        """An address of `host` to connect to. Raises Permanent where one of them is not for us."""
        try:
            found = self._resolve(host, port)
        except OSError as error:
            raise Temporary(f"{host} has no address: {error}") from None
        if not found:
            raise Temporary(f"{host} has no address.")
        for address in found:
            if not (private or public(address)):
                raise Permanent(f"{host} lies at {address}, which is no public address. Allow it with --private.")
        return found[0]


def public(address: str) -> bool:
    """Whether an address is for everybody: not private, not this machine's, not link-local, also in no disguise."""
    one = ip_address(address.partition("%")[0])
    inner = getattr(one, "ipv4_mapped", None) or getattr(one, "sixtofour", None)
    if inner is None and one.version == 6 and int(one) >> 32 == 0x0064FF9B0000000000000000:  # NAT64, RFC 6052 §2.1
        inner = ip_address(int(one) & 0xFFFFFFFF)
    return one.is_global and not one.is_multicast and (inner is None or inner.is_global)


def parts_of(url: str) -> tuple[str, int, str, bool]:
    """Host, port, path and whether it is encrypted. Raises Permanent for what is no address of a webhook."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Permanent("This is no URL.") from None
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.fragment:
        raise Permanent("A webhook goes to https://HOST/PATH, without a user in it.")
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not (path.isascii() and path.isprintable() and " " not in path):
        raise Permanent("Write letters beyond ASCII and spaces in the path percent-encoded, such as %C3%BC.")
    return host, port or (443 if tls else 80), path, tls


def signed(secrets: Sequence[bytes], key: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks: one signature for each secret, so that a rotated one still does."""
    seconds = str(int(now.timestamp()))
    content = f"{key}.{seconds}.".encode() + body
    signatures = [base64.b64encode(hmac.new(secret, content, sha256).digest()).decode() for secret in secrets]
    return {
        "webhook-id": key,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
