"""Notices as words: the shipped templates and the operator's, in one sandboxed environment for all mails.

A template that fails is told with its file and line. One environment, because compiling for every mail takes 4 ms and
rendering a compiled one 64 µs.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.sandbox import SandboxedEnvironment

from notifications.errors import TemplateFault

SHIPPED = Path(__file__).parent / "templates"
LOCALES = ("de", "en")
PARTS = ("subject.txt", "body.txt", "body.html")
APART = ("batch", "digest", "invitation", "password_reset")
"""Notices that speak of no single item: no lifecycle sends them, and nobody chooses how to be told."""
LONGEST_SUBJECT = 200
"""Characters; longer ones are cut, with an ellipsis."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A notice in words: one line, and the same body twice."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Manner:
    """How a notice behaves. optional: one may switch it off. at_once: it waits for no digest."""

    optional: bool = False
    at_once: bool = False


class Templates:
    """The templates of one installation. overrides: a folder whose files win over the shipped ones of the same name."""

    def __init__(self, overrides: Path | None = None) -> None:
        self._folders = [folder for folder in (overrides, SHIPPED) if folder is not None and folder.is_dir()]
        self._environment = SandboxedEnvironment(
            loader=FileSystemLoader(self._folders),
            undefined=StrictUndefined,
            autoescape=select_autoescape(("html",)),
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=-1,
            auto_reload=True,  # an operator who mends a template need not start anew
        )

    @cached_property
    def manners(self) -> Mapping[str, Manner]:
        """Notice -> how it behaves, where it does not behave like most. Raises TemplateFault."""
        found: dict[str, Manner] = {}
        for folder in reversed(self._folders):
            if (file := folder / "notices.yaml").is_file():
                found |= _manners(file)
        return found

    def manner(self, notice: str) -> Manner:
        return self.manners.get(notice, Manner())

    @property
    def notices(self) -> tuple[str, ...]:
        """Every notice that has a subject in some language, by name."""
        found = {path.parent.name for folder in self._folders for path in folder.glob("*/*/subject.txt")}
        return tuple(sorted(found))

    def overridden(self, notice: str) -> tuple[str, ...]:
        """The files of a notice that are the operator's own, as `de/received/subject.txt`."""
        if len(self._folders) < 2:
            return ()
        files = (f"{locale}/{notice}/{part}" for locale in LOCALES for part in PARTS)
        return tuple(file for file in files if (self._folders[0] / file).exists())

    def render(self, locale: str, notice: str, context: Mapping[str, Any]) -> Rendered:
        """The notice in `locale` with the values of templates/README.md. Raises TemplateFault."""
        subject, text, html = (self._part(f"{locale}/{notice}/{part}", context) for part in PARTS)
        subject = " ".join(subject.split())
        if len(subject) > LONGEST_SUBJECT:
            subject = subject[: LONGEST_SUBJECT - 1].rstrip() + "…"
        return Rendered(subject, text, html)

    def blocks(self, locale: str, notice: str, context: Mapping[str, Any]) -> dict[str, str]:
        """What happened and what is to be done, as the notice says it: its blocks `happened` and `todo`, without its
        frame; "" where the operator's own template has no such block. Raises TemplateFault."""
        name = f"{locale}/{notice}/body.txt"
        self._part(name, context)  # whatever is wrong with it is told with its place
        template = self._environment.get_template(name)
        values = template.new_context(dict(context))
        return {
            block: "".join(template.blocks[block](values)).strip() if block in template.blocks else ""
            for block in ("happened", "todo")
        }

    def check(self) -> Iterator[TemplateFault]:
        """What is wrong with any template: each is rendered with everything known, and with the least."""
        try:
            _ = self.manners
        except TemplateFault as fault:
            yield fault
        told = set()
        for locale in LOCALES:
            for notice in self.notices:
                for part in PARTS:
                    for context in (SAMPLE, BARE):
                        try:
                            self._part(f"{locale}/{notice}/{part}", context)
                        except TemplateFault as fault:
                            if str(fault) not in told:
                                told.add(str(fault))
                                yield fault

    def _part(self, name: str, context: Mapping[str, Any]) -> str:
        try:
            return self._environment.get_template(name).render(context)
        except TemplateNotFound as error:
            place = str(self._folders[0] / name) if error.name == name else self._place(error, name)
            raise TemplateFault(place, f"there is no template {error.name}") from None
        except TemplateSyntaxError as error:
            raise TemplateFault(
                f"{error.filename or name}:{error.lineno}", error.message or "this is no Jinja"
            ) from None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise TemplateFault(f"{self._file(name)}:{line}", "this is not UTF-8 text") from None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise TemplateFault(self._place(error, name), str(error)) from None

    def _file(self, name: str) -> Path:
        return next((folder / name for folder in self._folders if (folder / name).exists()), Path(name))

    def _place(self, error: Exception, name: str) -> str:
        """Where in the templates it happened: Jinja puts their own lines into the traceback."""
        ours = tuple(str(folder) for folder in self._folders)
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(ours)]
        return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else f"{self._file(name)}:1"


def _manners(file: Path) -> dict[str, Manner]:
    try:
        read = yaml.safe_load(file.read_text("utf-8")) or {}
        return {notice: Manner(**manner) for notice, manner in read.items()}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise TemplateFault(f"{file}:{mark.line + 1 if mark else 1}", "this is not YAML") from None
    except (TypeError, AttributeError, UnicodeDecodeError):
        raise TemplateFault(f"{file}:1", "write `notice: {optional: true}` or `notice: {at_once: true}`") from None


_ITEM = {
    "number": "2026-0147",
    "title": "Bänke & Bäume <am> Markt",
    "url": "https://ideen.example.org/ideen/2026-0147",
    "state": "Fachliche Prüfung",
    "public": "Fachleute der Stadt prüfen Ihre Idee.",
}
_LINE = {**_ITEM, "day": "Di, 9. Juni", "date": "9. Juni", "late": 0, "subjects": ("Stellungnahme zu 2026-0147",)}
_STEP = {
    **_LINE,
    "happened": "Ihre Idee „Bänke & Bäume <am> Markt“ wird nicht weiterverfolgt.",
    "todo": "Sie müssen nichts tun.",
    "reason": "Der Platz ist schon verplant.",
    "unsubscribe": "https://ideen.example.org/abmelden/abc.def",
}
SAMPLE: Mapping[str, Any] = {
    "item": _ITEM,
    "recipient": {"name": "Koordination"},
    "deadline": {"day": "Di, 9. Juni", "date": "9. Juni", "late": 3, "ends": None},
    "reason": "Der Platz ist schon verplant.",
    "note": "Mit dem Tiefbauamt sprechen.",
    "actor_office": "CIIO-Büro Dortmund",
    "office": {"name": "CIIO-Büro Dortmund", "email": "smartcity@dortmund.example"},
    "unsubscribe": "https://ideen.example.org/abmelden/abc.def",
    "why": "Sie erhalten diese Nachricht, weil Sie die Idee eingereicht haben.",
    "programme": "DOS 2030",
    "link": {"url": "https://ideen.example.org/passwort/abc.def", "hours": 168},
    "digest": {
        "due": 2,
        "late": 1,
        "lines": (_LINE, {**_LINE, "late": 3}),
        "news": (_LINE,),
    },
    "batch": {
        "count": 2,
        "state": "Nicht weiterverfolgt",
        "lines": (_STEP, {**_STEP, "number": "2026-0148", "reason": None, "unsubscribe": None}),
    },
}
"""Values as they are when everything is known."""

_ENGLISH = {
    "Fachliche Prüfung": "Expert review",
    "Fachleute der Stadt prüfen Ihre Idee.": "Experts of the city are looking at your idea.",
    "Di, 9. Juni": "Tue, 9 June",
    "9. Juni": "9 June",
    "Stellungnahme zu 2026-0147": "Statement on 2026-0147",
    "Ihre Idee „Bänke & Bäume <am> Markt“ wird nicht weiterverfolgt.": (
        "Your idea “Bänke & Bäume <am> Markt” is not pursued."
    ),
    "Sie müssen nichts tun.": "There is nothing you have to do.",
    "Nicht weiterverfolgt": "Not pursued",
    "Sie erhalten diese Nachricht, weil Sie die Idee eingereicht haben.": (
        "You get this message because you handed the idea in."
    ),
}
"""What this program itself says in SAMPLE -> the same in English; what people wrote stays as they wrote it."""


def sample(locale: str) -> Mapping[str, Any]:
    """SAMPLE as a reader of `locale` would have it."""
    found: Mapping[str, Any] = SAMPLE if locale == "de" else _in_english(SAMPLE)
    return found


def _in_english(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _in_english(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_in_english, value))
    return _ENGLISH.get(value, value) if isinstance(value, str) else value


BARE: Mapping[str, Any] = {
    **SAMPLE,
    "item": {**_ITEM, "public": None},
    "recipient": {"name": None},
    "deadline": None,
    "reason": None,
    "note": None,
    "actor_office": None,
    "unsubscribe": None,
    "office": {"name": "CIIO-Büro Dortmund", "email": None},
    "digest": {
        "due": 1,
        "late": 0,
        "lines": ({**_LINE, "day": None, "date": None, "subjects": ()},),
        "news": (),
    },
    "batch": {
        "count": 1,
        "state": None,
        "lines": ({**_STEP, "happened": "", "todo": "", "reason": None, "unsubscribe": None},),
    },
}
"""Values as they are when hardly anything is known."""
