"""The shipped templates: in both languages, rendered with strict undefined, the same words in text and HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml

import config
import notifications
from notifications.errors import TemplateFault
from notifications.render import APART, BARE, SAMPLE, Templates

TEMPLATES = Path(notifications.__file__).parent / "templates"
LIFECYCLES = Path(config.__file__).parent / "lifecycles"
LOCALES = ("de", "en")
PARTS = ("subject.txt", "body.txt", "body.html")


def named_notices() -> list[str]:
    """Every notice that a shipped lifecycle sends, those of the clock, and those to followers."""
    files = [yaml.safe_load(file.read_text("utf-8")) for file in sorted(LIFECYCLES.glob("*.yaml"))]
    moves = [move for file in files for move in file["transitions"].values()]
    clock = {"deadline_reminder", "deadline_escalation", "reminder"}
    followers = {"follow_confirm", "followed"}
    return sorted(clock | followers | {notice["notice"] for move in moves for notice in move.get("notify", ())})


NOTICES = named_notices()

TEMPLATES_OF_ALL = Templates()
CONTEXT = SAMPLE


def render(locale: str, notice: str, part: str, context: Mapping[str, Any] = CONTEXT) -> str:
    rendered = TEMPLATES_OF_ALL.render(locale, notice, context)
    return {"subject.txt": rendered.subject, "body.txt": rendered.text, "body.html": rendered.html}[part]


def words(html: str) -> str:
    """What a reader sees of an HTML body, as one line."""
    body = html[html.index("<main") :]
    return " ".join(unescape(re.sub("<[^>]+>", " ", body)).split())


def test_templates_and_notices_are_the_same_set() -> None:
    for locale in LOCALES:
        assert sorted(folder.name for folder in (TEMPLATES / locale).iterdir()) == sorted([*NOTICES, *APART])


@pytest.mark.parametrize("context", [CONTEXT, BARE], ids=["everything known", "the least known"])
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_says_what_to_do_where_to_go_whom_to_ask_and_why_it_came(
    notice: str, locale: str, context: Mapping[str, Any]
) -> None:
    subject, text, html = (render(locale, notice, part, context) for part in PARTS)

    assert subject == " ".join(subject.split()), "a subject is one line without gaps"
    assert "2026-0147" in subject
    assert "None" not in subject + text + html
    assert "\n\n\n" not in text
    links = 2 if notice == "followed" and context["unsubscribe"] else 1  # who follows may end it in every mail
    assert text.count("https://") == links
    assert html.count("href=") == links
    assert "Bänke & Bäume <am> Markt" in text
    assert "Bänke &amp; Bäume &lt;am&gt; Markt" in html
    for part in (text, words(html)):
        assert "CIIO-Büro Dortmund" in part
        assert context["why"] in part
        if context["reason"]:
            assert context["reason"] in part


ASKS = {
    "answered", "commissioned", "cosignature_requested", "deadline_escalation", "deadline_reminder",
    "decision_requested", "evaluation_due", "handover_declined", "handover_requested", "new_submission", "question",
    "review_requested", "statement_requested",
}  # fmt: skip
"""Notices that ask for something, and so say by when."""

SHOWS = {"approved", "progress", "reopened", "reminder"}
"""Notices after which a look at the item tells whether there is something to do."""

CONFIRMS = {"follow_confirm"}
"""What asks for a word that is meant by nobody else."""

SAYS = {
    "de": {"asks": "Bitte ", "shows": ("Über den Link sehen Sie", "Ihre Notiz: "), "nothing": "Sie müssen nichts tun."},
    "en": {"asks": "Please ", "shows": ("ollow the link", "Your note: "), "nothing": "There is nothing "},
}
ASK_WHOM = {
    "de": "Fragen beantwortet: CIIO-Büro Dortmund, smartcity@",
    "en": "Whom to ask: CIIO-Büro Dortmund, smartcity@",
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("notice", NOTICES)
def test_every_mail_answers_the_six_questions(notice: str, locale: str) -> None:
    """What happened, what you do, by when, one link, who to ask, why you receive this."""
    greeting, happened, *middle, whom, why = render(locale, notice, "body.txt").strip().split("\n\n")
    todo = next(one for one in middle if not one.startswith(("Begründung: ", "Reason: ")))
    assert greeting.endswith(",")
    assert happened.endswith((".", "!")), happened
    says = SAYS[locale]
    if notice in ASKS:
        assert todo.startswith(says["asks"])
        assert "9. Juni" in happened + todo, "by when"
    elif notice in SHOWS:
        assert any(one in todo for one in says["shows"])
    elif notice not in CONFIRMS:
        assert todo.startswith(says["nothing"])
    links = [one for one in middle if "https://ideen.example.org/ideen/2026-0147" in one]
    assert len(links) == 1
    assert ASK_WHOM[locale] in whom
    assert why == CONTEXT["why"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("notice", NOTICES)
def test_text_and_html_use_the_same_words(notice: str, locale: str) -> None:
    shown = words(render(locale, notice, "body.html"))
    for paragraph in render(locale, notice, "body.txt").splitlines():
        if not paragraph.startswith("https://"):
            assert " ".join(paragraph.split()) in shown


@pytest.mark.parametrize("locale", LOCALES)
def test_html_names_its_language_and_title(locale: str) -> None:
    html = render(locale, "received", "body.html")
    assert f'<html lang="{locale}">' in html
    assert "<title>2026-0147 – " in html


def test_where_something_is_due_the_day_is_named() -> None:
    assert render("de", "question", "subject.txt") == "Rückfrage zu Ihrer Idee 2026-0147 – bitte bis 9. Juni"
    assert render("de", "statement_requested", "subject.txt").startswith(
        "Bis Di, 9. Juni: Stellungnahme zu 2026-0147 – Bänke"
    )
    assert render("de", "received", "subject.txt", BARE) == "Ihre Idee 2026-0147 ist eingegangen"


def test_a_name_that_is_not_given_is_an_error_and_no_gap() -> None:
    with pytest.raises(TemplateFault, match=r"base/de\.txt:\d+: 'recipient' is undefined"):
        render("de", "received", "body.txt", {"item": CONTEXT["item"]})


def test_what_is_late_says_since_when() -> None:
    assert render("de", "deadline_escalation", "subject.txt").startswith("Überfällig seit 3 Arbeitstagen: 2026-0147")


def test_a_digest_counts_in_its_subject_and_lists_what_there_is_to_do() -> None:
    assert render("de", "digest", "subject.txt") == "Heute: 2 fällig, 1 überfällig"
    assert render("en", "digest", "subject.txt", BARE) == "Today: 1 due"
    for part in ("body.txt", "body.html"):
        assert "überfällig seit 3 Arbeitstagen" in render("de", "digest", part)


ENGLISH = re.compile(r"\b(the|your|you|please|is|has|and|by|to)\b", re.IGNORECASE)
GERMAN = re.compile(r"\b(der|die|das|Ihre?|Sie|bitte|ist|und|wird|nicht)\b", re.IGNORECASE)


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("locale", "foreign"), [("de", ENGLISH), ("en", GERMAN)])
def test_no_template_mixes_its_languages(notice: str, part: str, locale: str, foreign: re.Pattern[str]) -> None:
    prose = re.sub(r"\{[{%].*?[%}]\}", "", (TEMPLATES / locale / notice / part).read_text("utf-8"))
    assert not foreign.search(prose)
