"""Names and texts for people, as files write them: one or a list, one or one for each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.sentences import Text

Data = Mapping[str, Any]


def names(value: Any) -> tuple[str, ...]:
    """One name or a list of them; nothing: none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))


def text(value: Any) -> Text:
    """A text in both languages, or one for both."""
    if isinstance(value, Mapping):
        said = [str(one) for one in value.values()] or [""]
        return Text(str(value.get("de", said[0])), str(value.get("en", said[0])))
    return Text(str(value), str(value))


def both(value: Any) -> dict[str, str]:
    said = text(value)
    return {"de": said.de, "en": said.en}


def label_of(entry: Data, key: str) -> Text:
    """The label, or the key in words."""
    return text(entry.get("label", key.replace("_", " ").replace("-", " ").capitalize()))
