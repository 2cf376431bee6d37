"""A file set for the funder: the sheets of all projects of a strategy or a round, what was recorded about them, and
the sums by city and funding. It holds what everybody may see, and knows no field: forms and labels are the files'.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import escape
from typing import Any

from sqlalchemy import Connection, select

from workflow.errors import BadInput, NotFound
from workflow.events import timestamp
from workflow.models import item, item_facet, link
from workflow.rules import Rules
from workflow.transfer import sheet_of

ALL_DAYS = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: the same content is the same archive."""

BY = ("cities", "funding")
"""What sums are made by; several values of a project stand together, so that nothing is counted twice."""


@dataclass(frozen=True, slots=True)
class Package:
    """content: the ZIP archive. projects: those in it; left_out: linked, and not released."""

    content: bytes
    projects: tuple[str, ...]
    left_out: tuple[str, ...]


def package_of(
    connection: Connection, rules: Rules, number: str, base_url: str, licence: str, now: datetime
) -> Package:
    """The package of the strategy or round `number`. Raises NotFound, BadInput where no released item leads to it."""
    if connection.scalar(select(item.c.number).where(item.c.number == number)) is None:
        raise NotFound("item", number)
    linked = connection.execute(
        select(item.c.number, item.c.released)
        .join(link, link.c.item == item.c.number)
        .where(link.c.other == number, link.c.ended_seq.is_(None))
        .distinct()
        .order_by(item.c.number)
    ).all()
    projects = tuple(row.number for row in linked if row.released)
    if not projects:
        raise BadInput(f"No released item is linked to {number}.", remedy="Link its projects to it, and release them.")
    sheets = {one: sheet_of(connection, rules, one, base_url, licence) for one in projects}
    facets = _facets(connection, projects)
    files = {f"projects/{one}.json": _json(sheet) for one, sheet in sheets.items()}
    files |= {f"projects/{one}.html": _html(sheet).encode() for one, sheet in sheets.items()}
    rows = [row for one, sheet in sheets.items() for row in _rows(one, sheet)]
    files["records.csv"] = _csv(("number", "title", "form", "key", "on", "field", "label", "value"), rows)
    files["sums.csv"] = _csv((*BY, "form", "field", "label", "projects", "sum"), _sums(sheets, facets))
    left_out = tuple(row.number for row in linked if not row.released)
    manifest = {
        "of": number,
        "made_at": timestamp(now),
        "projects": list(projects),
        "not_released": list(left_out),
        "files": {name: sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return Package(_zip({**files, "manifest.json": _json(manifest)}), projects, left_out)


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


def _sums(
    sheets: Mapping[str, Mapping[str, Any]], facets: Mapping[str, Mapping[str, str]]
) -> Iterator[Sequence[object]]:
    """The sum of every field with numbers of a record that a project has once."""
    sums: dict[tuple[str, ...], list[float]] = {}
    for number, sheet in sheets.items():
        group = tuple(facets.get(number, {}).get(facet, "") for facet in BY)
        for form in _forms(sheet):
            if form.get("key"):
                continue
            for field, value in form["data"].items():
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    label = form["labels"].get(field, {"de": field})["de"]
                    sums.setdefault((*group, form["kind"], field, label), []).append(value)
    for place, values in sorted(sums.items()):
        yield (*place, len(values), sum(values))


def _facets(connection: Connection, numbers: Sequence[str]) -> dict[str, dict[str, str]]:
    rows = connection.execute(
        select(item_facet.c.item, item_facet.c.facet, item_facet.c.value)
        .where(item_facet.c.item.in_(numbers), item_facet.c.facet.in_(BY))
        .order_by(item_facet.c.value)
    )
    found: dict[str, dict[str, str]] = {}
    for number, facet, value in rows:
        held = found.setdefault(number, {})
        held[facet] = f"{held[facet]} + {value}" if facet in held else value
    return found


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
