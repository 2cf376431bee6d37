"""Answers written beforehand, as the forms of steps offer them."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ideenweg.answers import Answer
from ideenweg.web.site import Site
from ideenweg.web.wording import Wording
from workflow.errors import BadInput

log = logging.getLogger(__name__)

FILL = "fill"
"""What the button asks for that puts an answer in."""


def written(site: Site) -> Mapping[str, Answer]:
    """The answers by name; none where a file of the operator's is wrong, which the log says."""
    try:
        return site.workflow.answers
    except BadInput as error:
        log.warning("No answers are offered: %s", error)
        return {}


def groups(say: Wording, known: Mapping[str, Answer]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Language -> name and title of its answers, as a choice."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in known.values():
        found.setdefault(one.language, []).append((one.name, one.title))
    return [(say(f"answer_language_{language}"), choices) for language, choices in found.items()]
