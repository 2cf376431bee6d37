"""The parts of forms: each field with its label, hint and fault, and the summary that leads there."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ideenweg.web.site import templates
from ideenweg.web.wording import Wording

CHOICES = [("a", "Anna & Co"), ("b", "Berta", "mit Hinweis")]
FIELDS = {
    "text": 'form.text("x", "Titel", value=value, hint=hint, error=errors.x)',
    "textarea": 'form.textarea("x", "Titel", value=value, hint=hint, error=errors.x)',
    "select": 'form.select("x", "Titel", choices, value=value, hint=hint, error=errors.x, empty="-")',
    "radios": 'form.radios("x", "Titel", choices, value=value, hint=hint, error=errors.x)',
    "checkboxes": 'form.checkboxes("x", "Titel", choices, values=[value], hint=hint, error=errors.x)',
    "checkbox": 'form.checkbox("x", "Titel", checked=true, hint=hint, error=errors.x)',
    "date": 'form.date("x", "Titel", value=value, hint=hint, error=errors.x)',
    "number": 'form.number("x", "Titel", value=value, hint=hint, error=errors.x, unit="Euro")',
    "password": 'form.password("x", "Titel", hint=hint, error=errors.x)',
    "file": 'form.file("x", "Titel", hint=hint, error=errors.x)',
}


def rendered(call: str, **context: Any) -> str:
    say = Wording("de", ZoneInfo("Europe/Berlin"))
    source = '{% import "forms.html" as form with context %}{{ ' + call + " }}"
    return templates().from_string(source).render(say=say, csrf_mark="m", choices=CHOICES, **context)


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_says_what_it_is_what_it_wants_and_what_is_wrong(kind: str) -> None:
    told = {"value": "a", "hint": "Ein <Hinweis>", "errors": {"x": "Das fehlt."}}
    field = rendered(FIELDS[kind], **told)
    ids = re.findall(r'\bid="([^"]+)"', field)
    assert len(ids) == len(set(ids))
    assert 'aria-describedby="x-hint x-error"' in field
    assert {"x", "x-hint", "x-error"} <= set(ids)
    assert 'aria-invalid="true"' in field
    assert set(re.findall(r'\bfor="([^"]+)"', field)) <= set(ids)
    words = unescape(re.sub(r"<[^>]+>", " ", field))
    assert all(one in words for one in ("Titel", "Ein <Hinweis>", "Das fehlt."))
    if kind not in ("password", "file", "checkbox"):  # these give nothing typed back
        assert re.search(r'value="a"|>\na<', field)


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_without_a_fault_speaks_of_none(kind: str) -> None:
    field = rendered(FIELDS[kind], value="", hint=None, errors={})
    assert not re.search(r"aria-invalid|aria-describedby=\"x-(hint|error)|error", field)


def test_the_summary_leads_to_every_field_with_a_fault_and_is_read_first() -> None:
    summary = rendered("form.error_summary(errors)", errors={"x": "Das fehlt.", "y": "Zu <lang>."})
    assert re.findall(r'href="#(\w+)">([^<]+)<', summary) == [("x", "Das fehlt."), ("y", "Zu &lt;lang&gt;.")]
    assert "Bitte prüfen Sie 2 Angaben" in summary
    assert 'role="alert" tabindex="-1" autofocus' in summary
    assert rendered("form.error_summary(errors)", errors={}).strip() == ""


def test_a_form_carries_the_mark_of_the_session() -> None:
    assert rendered("form.csrf()") == '<input type="hidden" name="csrf" value="m">'
