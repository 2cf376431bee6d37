"""The buttons of lists in a form, which work without script: one more row, or without this one."""

from __future__ import annotations

from collections.abc import Mapping

from ideenweg.web.forms import Form
from ideenweg.web.record_forms.typed import without_gaps
from states.record_kinds import RecordKind

MORE, LESS = "more", "less"
OFFERED = 3
"""Empty rows that somebody gets who asks for more."""


def asks_for_rows(form: Form) -> bool:
    """Whether the form was sent to get more or fewer rows, and is not finished."""
    return MORE in form or LESS in form


def typed_in(kind: RecordKind, form: Form) -> dict[str, list[str]]:
    """What was typed, without the row that was taken out."""
    return without_gaps(kind, form.fields, drop=form.text(LESS))


def spare_of(form: Form) -> Mapping[str, int]:
    """The list that more empty rows were asked for."""
    return {form.text(MORE): OFFERED} if MORE in form else {}
