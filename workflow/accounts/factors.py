"""The second factor: codes of a generator app (TOTP, RFC 6238), and codes on paper for the day the phone is lost."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
from sqlalchemy import Connection, delete, insert, update

from workflow import signing
from workflow.accounts.secret import digest
from workflow.events import timestamp
from workflow.models import account, recovery_code

SEALED = "second factor"
STEP = 30
"""Seconds for which a code is shown (RFC 6238 §5.2)."""
DRIFT = 1
"""Steps that a clock may be wrong, either way."""
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that look alike on paper."""


def new_secret() -> str:
    """A secret for a generator, as people type it in."""
    return pyotp.random_base32()


def address(secret: str, email: str, issuer: str) -> str:
    """What the picture for the app says (the otpauth key URI)."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime, after: int | None = None) -> int | None:
    """The time step whose code this is; None for a wrong one, and for one no younger than the step `after`."""
    generator = pyotp.TOTP(secret)
    present = int(now.timestamp()) // STEP
    shown = "".join(code.split())
    for step in range(present - DRIFT, present + DRIFT + 1):
        if secrets.compare_digest(generator.generate_otp(step), shown) and (after is None or step > after):
            return step
    return None


def turn_on(
    connection: Connection, keys: Sequence[bytes], who: str, secret: str, step: int, now: datetime
) -> list[str]:
    """Take the generator of which a code was shown; the recovery codes, which are told once."""
    connection.execute(
        update(account)
        .where(account.c.person == who)
        .values(factor=signing.seal(keys, SEALED, secret), factor_at=timestamp(now), factor_step=step)
    )
    return new_codes(connection, who)


def turn_off(connection: Connection, who: str) -> None:
    """Do without a second factor."""
    connection.execute(
        update(account).where(account.c.person == who).values(factor=None, factor_at=None, factor_step=None)
    )
    connection.execute(delete(recovery_code).where(recovery_code.c.person == who))


def new_codes(connection: Connection, who: str) -> list[str]:
    """Codes of which each works once, in place of all earlier ones."""
    codes = ["-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3)) for _ in range(CODES)]
    connection.execute(delete(recovery_code).where(recovery_code.c.person == who))
    connection.execute(insert(recovery_code), [{"person": who, "digest": digest(code)} for code in codes])
    return codes


def shown(
    connection: Connection, keys: Sequence[bytes], who: str, sealed: str, last: int | None, code: str, now: datetime
) -> bool:
    """Whether `code` is one of the generator's that was not used before; it is used now."""
    secret = signing.unseal(keys, SEALED, sealed)
    step = step_of(secret, code, now, last) if secret else None
    if step is None:
        return False
    same = account.c.factor_step == last if last is not None else account.c.factor_step.is_(None)
    return (
        connection.execute(update(account).where(account.c.person == who, same).values(factor_step=step)).rowcount == 1
    )


def recovered(connection: Connection, who: str, code: str) -> bool:
    """Whether `code` is one of the codes on paper; it works no more."""
    typed = digest("-".join(code.casefold().replace("-", " ").split()))
    used = delete(recovery_code).where(recovery_code.c.person == who, recovery_code.c.digest == typed)
    return connection.execute(used).rowcount == 1
