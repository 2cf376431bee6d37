"""The form of a record inside another form: its fields under a name of their own, apart from what that one asks."""

from __future__ import annotations

from dataclasses import replace

from ideenweg.web.forms import Form
from ideenweg.web.record_forms.boxes import Box


def under(prefix: str, box: Box) -> Box:
    """The box with the names of all of its fields under `prefix`."""
    return replace(box, name=f"{prefix}.{box.name}", parts=tuple(under(prefix, part) for part in box.parts))


def typed_under(prefix: str, form: Form) -> dict[str, list[str]]:
    """What was typed under `prefix`, by the names that the record's own form has."""
    return {name[len(prefix) + 1 :]: form.all(name) for name in form.fields if name.startswith(f"{prefix}.")}
