"""What may stand in an address: where it cannot be a number or a name, there is no page, and nobody is asked."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor

from workflow.numbers import NUMBER


class Number(Convertor[str]):
    """The number of an item."""

    regex = NUMBER.pattern

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class Name(Number):
    """A name in a lifecycle file."""

    regex = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"


def register() -> None:
    """Make `{…:number}` and `{…:name}` known to routes."""
    register_url_convertor("number", Number())
    register_url_convertor("name", Name())
