"""How a lifecycle file has people hand in an item: the steps of the form, and what each asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from states.errors import Place
from states.sentences import Text


class Part(StrEnum):
    """What a step of the submission form asks for beside fields: files, how to be reached, consent to the terms."""

    DOCUMENTS = "documents"
    CONTACT = "contact"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class SubmissionStep:
    """A page of the submission form. fields: of the sheet; record: another kind, filled in here as well."""

    key: str
    label: Text
    hint: Text | None = None
    fields: tuple[str, ...] = ()
    record: str | None = None
    asks: Part | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """How an item is handed in on the pages, step by step. `submit`: the transition that is fired at the end."""

    steps: tuple[SubmissionStep, ...]
    submit: str | None = None
