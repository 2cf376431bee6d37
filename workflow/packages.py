"""A file set for the funder: the sheets of an item – a strategy, a round, an obligation – and of all that is linked to
it, what was recorded about them (decisions, grants), and the sums by city and funding.

It holds what whoever has it made may see of each, without the fields that name people. It knows no field: forms and
labels are the files'.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from html import escape
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from states.record_kinds import Per
from workflow.errors import NotFound
from workflow.events import timestamp
from workflow.queries.detail import Detail, find
from workflow.rules import Rules
from workflow.transfer import impersonal, sheet_within

ALL_DAYS = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: the same content is the same archive."""

BY = ("cities", "funding")
"""What sums are made by; several values of an item stand together, so that nothing is counted twice."""


@dataclass(frozen=True, slots=True)
class Package:
    """content: the ZIP archive. items: those in it, the one it is about first; left_out: linked, and not for its
    reader."""

    content: bytes
    items: tuple[str, ...]
    left_out: tuple[str, ...]


def package_of(
    connection: Connection, rules: Rules, number: str, reader: str | None, base_url: str, now: datetime
) -> Package:
    """The package about item `number`, as `reader` (an address or id; None: the operator) may see it, also as a deputy.

    Raises NotFound for an unknown person or item, and for an item that the reader may not see.
    """
    look = partial(find, connection, rules, reader=reader, now=now, stand_in=reader is not None, history=False)
    about = look(number)
    projects = rules.programme.lifecycle
    queue = [(tie.number, tie.outgoing and about.lifecycle.key != projects) for tie in about.ties]
    found: dict[str, Detail | None] = {number: about}
    for one, onward in queue:
        if one in found:
            continue
        try:
            there = found[one] = look(one)
        except NotFound:
            found[one] = None
            continue
        if onward:  # what is owed under a strategy concerns its projects
            queue += [(tie.number, False) for tie in there.ties if tie.lifecycle == projects and not tie.outgoing]
    details = [about, *(detail for one, detail in sorted(found.items(), key=itemgetter(0)) if detail and one != number)]
    left_out = sorted(one for one, detail in found.items() if detail is None)
    sheets = {one.item.number: sheet_within(one, base_url) for one in details}
    files = {f"items/{one}.json": _json(sheet) for one, sheet in sheets.items()}
    files |= {f"items/{one}.html": _html(sheet).encode() for one, sheet in sheets.items()}
    rows = [row for one, sheet in sheets.items() for row in _rows(one, sheet)]
    files["records.csv"] = _csv(("number", "title", "form", "key", "on", "field", "label", "value"), rows)
    files["sums.csv"] = _csv(("lifecycle", *BY, "form", "field", "label", "items", "sum"), _sums(details))
    manifest = {
        "of": number,
        "made_at": timestamp(now),
        "items": list(sheets),
        "left_out": left_out,
        "files": {name: sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return Package(_zip({**files, "manifest.json": _json(manifest)}), tuple(sheets), tuple(left_out))


def _forms(sheet: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [sheet["sheet"], *sheet["records"]]


def _rows(number: str, sheet: Mapping[str, Any]) -> Iterator[Sequence[object]]:
    """Every field of every record of a project."""
    for form in _forms(sheet):
        for field, value in form["data"].items():
            label = form["labels"].get(field, {"de": field})["de"]
            yield (
                number, sheet["title"], form["kind"], form.get("key", ""), form.get("on", ""), field, label,
                _safe(_said(value)),
            )  # fmt: skip


def _sums(details: Sequence[Detail]) -> Iterator[Sequence[object]]:
    """The sum of every field with numbers of a record that an item has once, by lifecycle, city and funding."""
    sums: dict[tuple[str, ...], list[float]] = {}
    for one in details:
        group = (one.lifecycle.key, *(" + ".join(one.facets.get(facet, ())) for facet in BY))
        # Of a form that each visit asks for anew, the latest counts: they come in the order of their visits.
        for kind, data in {fact.kind: fact.data for fact in impersonal(one)}.items():
            declared = one.lifecycle.records[kind]
            if declared.per is not Per.ITEM:
                continue
            for field, value in data.items():
                # What has an upper end – points, a rate in per cent – is no part of a sum.
                sized = isinstance(value, (int, float)) and not isinstance(value, bool)
                if sized and "maximum" not in declared.fields[field].schema:
                    sums.setdefault((*group, kind, field, declared.fields[field].label.de), []).append(value)
    for place, values in sorted(sums.items()):
        yield (*place, len(values), sum(values))


def _html(sheet: Mapping[str, Any]) -> str:
    """The sheet as a page that stands for itself."""
    parts = []
    for form in _forms(sheet):
        rows = "".join(
            f"<dt>{escape(form['labels'].get(field, {'de': field})['de'])}</dt><dd>{escape(_said(value))}</dd>"
            for field, value in form["data"].items()
        )
        parts.append(f"<h2>{escape(form['label']['de'])}</h2><dl>{rows}</dl>")
    title, state = escape(sheet["title"]), escape(sheet["state"]["label"]["de"])
    return (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><p>{escape(sheet['from']['number'])} · {state}</p>{''.join(parts)}</body></html>\n"
    )


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _safe(text: str) -> str:
    """What a spreadsheet does not compute (OWASP: CSV injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _number(text) else text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _csv(columns: Sequence[str], rows: Iterator[Sequence[object]] | Sequence[Sequence[object]]) -> bytes:
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(columns)
    lines.writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _zip(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, ALL_DAYS), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
