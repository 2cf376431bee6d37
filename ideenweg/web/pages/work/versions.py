"""`/ideen/{number}/eintrag/{kind}/fassungen`: the versions of a record, and what differs between two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.pages.work import sections
from ideenweg.web.pages.work.opened import Opened, open_item
from ideenweg.web.record_forms.boxes import Option
from ideenweg.web.routes import Who, get
from ideenweg.web.site import site_of
from states.record_kinds import RecordKind
from states.snapshot import RecordFact
from workflow.errors import NotFound
from workflow.queries.versions import chosen_pair, seen_versions

WORDS = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: `mark` is same, out or in."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One field in both versions. `pieces`: of a long text that was changed, word by word."""

    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    pieces: tuple[Piece, ...] = ()

    @property
    def changed(self) -> bool:
        return self.before != self.after


def page(request: Request) -> HTMLResponse:
    """The versions that the visitor may read; the last two side by side where none are chosen."""
    site = site_of(request)
    with site.workflow.database.reading() as connection:
        opened = open_item(request, connection)
        kind = opened.lifecycle.records.get(request.path_params["kind"])
        if kind is None:
            raise NotFound("record kind", request.path_params["kind"])
        key, visit = request.query_params.get("key", ""), request.query_params.get("visit", "")
        facts = seen_versions(connection, opened.detail, kind, key, _whole(visit) or 0)
    asked = (_whole(request.query_params.get(name, "")) for name in ("von", "bis"))
    before, after = chosen_pair(facts, *asked)
    return opened.page(
        "work/item_versions.html",
        title=f"{opened.say('item_versions')}: {sections.called(opened, kind, facts[-1])}",
        kind=kind,
        key=key,
        visit=visit,
        versions=[_choice(opened, one) for one in facts],
        before=before.version,
        after=after.version,
        fields=compared(opened, kind, before, after),
    )


def compared(opened: Opened, kind: RecordKind, before: RecordFact, after: RecordFact) -> list[Compared]:
    """Each field that one of two versions says, with what both say."""
    found = []
    for key, field in kind.fields.items():
        old, new = (_parts(opened, kind, fact, key) for fact in (before, after))
        if old or new:
            long = field.schema.get("format") == "text" and old and new and old != new
            pieces = tuple(_pieces("\n".join(old), "\n".join(new))) if long else ()
            found.append(Compared(opened.text(field.label), old, new, pieces))
    return found


def _parts(opened: Opened, kind: RecordKind, fact: RecordFact, key: str) -> tuple[str, ...]:
    value = fact.data.get(key)
    return () if value in (None, "", []) else opened.values.row(kind.fields[key], value).parts


def _pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = WORDS.findall(before), WORDS.findall(after)
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[a:b]))
            continue
        if a < b:
            yield Piece("out", "".join(old[a:b]))
        if c < d:
            yield Piece("in", "".join(new[c:d]))


def _choice(opened: Opened, fact: RecordFact) -> Option:
    label = opened.say(
        "item_version", n=fact.version, day=opened.say.day(fact.at), who=opened.name(fact.writer or fact.author)
    )
    return Option(str(fact.version), label)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


ROUTES = (get("/ideen/{number:number}/eintrag/{kind:name}/fassungen", page, Who.SIGNED_IN),)
