"""The links of those who follow an item: one that confirms it, and one that ends it."""

from __future__ import annotations

from collections.abc import Sequence

from workflow import signing
from workflow.work import FOLLOWED

PURPOSE = "follow"


def token(keys: Sequence[bytes], person: str, number: str) -> str:
    """What the link in a mail carries that confirms that `person` wants to follow the item."""
    return signing.sign(keys, PURPOSE, f"{person} {number}")


def confirmed(keys: Sequence[bytes], asked: str) -> tuple[str, str] | None:
    """The person and the item's number of such a token; None for any other text."""
    person, _, number = (signing.signed(keys, PURPOSE, asked) or "").partition(" ")
    return (person, number) if number else None


def notice_of(number: str) -> str:
    """What stands in a link that unsubscribes in the place of a notice, so that it ends the following of one item."""
    return f"{FOLLOWED}:{number}"


def number_of(notice: str) -> str | None:
    """The number of the item whose following ends; None for a notice proper."""
    name, _, number = notice.partition(":")
    return number if name == FOLLOWED and number else None
