"""What leaves an installation: by which server, under which address, signed with which keys; and its sender."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workflow.db import Database
from workflow.errors import BadInput
from workflow.rules import Rules

if TYPE_CHECKING:
    from notifications.channels import Channel
    from notifications.channels.webhook import Endpoint
    from notifications.dispatch import Dispatcher
    from notifications.expand import Post
    from notifications.letters import Desk
    from notifications.render import Templates

OWN_MACHINE = "http://127.0.0.1:8000"
NO_DOMAIN = "ideenweg.invalid"
"""Behind the @ of Message-IDs where no address of the installation is set (RFC 2606 §2)."""


@dataclass(frozen=True)
class Outgoing:
    """mail: the channel to people; None: mails stay in the outbox. key_file: where the signing key is kept, and made
    when it is first needed, if `given_keys` has none."""

    base_url: str = OWN_MACHINE
    mail: Channel | None = None
    given_keys: tuple[bytes, ...] = ()
    key_file: Path | None = None

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        """What links and calls are signed with, the present one first; empty where there is none."""
        if self.given_keys or self.key_file is None:
            return self.given_keys
        return (kept_key(self.key_file),)

    @property
    def domain(self) -> str:
        """What stands behind the @ of Message-IDs."""
        host = urlsplit(self.base_url).hostname or ""
        return host if any(letter.isalpha() for letter in host) and "." in host else NO_DOMAIN

    def desk(self, rules: Rules, templates: Templates) -> Desk:
        """What letters are written with."""
        from notifications.letters import Desk

        return Desk(rules, templates, self.base_url, self.keys)

    def dispatcher(self, database: Database, rules: Rules, templates: Templates) -> Dispatcher:
        """The sender of this process."""
        from notifications import webhooks
        from notifications.channels.webhook import Webhook
        from notifications.dispatch import Dispatcher
        from notifications.expand import EMAIL, WEBHOOK

        channels: dict[str, Channel] = {}
        if self.mail is not None:
            channels[EMAIL] = self.mail
        if self.keys:
            channels[WEBHOOK] = Webhook(partial(self._endpoint, database), self.base_url)
        return Dispatcher(
            database, self.desk(rules, templates), self.post(rules, templates), channels, webhooks.disable
        )

    def post(self, rules: Rules, templates: Templates) -> Post:
        """How deliveries are made here."""
        from notifications.expand import EMAIL, WEBHOOK, Post

        channels = {EMAIL: self.mail is not None, WEBHOOK: bool(self.keys)}
        return Post(rules, templates, self.domain, frozenset(name for name, there in channels.items() if there))

    def _endpoint(self, database: Database, key: str, now: datetime) -> Endpoint | None:
        from notifications import webhooks

        with database.reading() as connection:
            return webhooks.endpoint(connection, key, self.keys, now)


def no_key() -> BadInput:
    """What is said where something has to be signed and there is nothing to sign it with."""
    return BadInput(
        "IDEENWEG_SECRET_KEY is not set, and with PostgreSQL there is no file to keep one in.",
        remedy="Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
    )


def kept_key(file: Path) -> bytes:
    """The key in `file`, which nobody else may read; a new one where there is none yet."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes().strip()
    with os.fdopen(handle, "wb") as writing:
        key = secrets.token_urlsafe(32).encode()
        writing.write(key + b"\n")
    return key
