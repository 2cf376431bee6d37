"""Mails into the process's log in place of a mail server: for trying things out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from notifications.channels import Letter, Parcel
from notifications.message import build

log = logging.getLogger("ideenweg.mail")

NOBODY = "ideenweg@localhost.localdomain"


class Log:
    """Writes each mail to the log `ideenweg.mail`, as it would go over the line."""

    name = "email"

    def build(self, letter: Letter) -> bytes:
        return build(letter, letter.office_email or NOBODY)

    def send(self, parcel: Parcel, now: datetime, meanwhile: Callable[[], object] | None = None) -> str:
        log.info("To %s:\n%s", parcel.to, parcel.message.decode("utf-8", "replace"))
        return "written to the log"

    def close(self) -> None:
        """Nothing is kept open."""
