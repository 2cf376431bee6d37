"""What an import does when it runs beside the pages, and its report as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ideenweg.web.pages.admin.desk import admin_get
from ideenweg.web.pages.admin.running import Outcome, Work
from ideenweg.web.site import site_of
from ideenweg.wiring import App
from states.errors import FileFault, Finding
from states.sentences import in_locale
from workflow import jobs
from workflow.errors import BadInput, Conflict, NotFound, Refused
from workflow.exports import harmless
from workflow.imports.history import import_history
from workflow.imports.ideas import import_ideas
from workflow.imports.parsing import parse_mapping
from workflow.imports.report import PARTS, BadRows, Report
from workflow.progress import Progress

IDEAS, HISTORY = "import_ideas", "import_history"
MAP = "mapping.yaml"
FILE = "table"
COLUMNS = ("what", "line", "column", "message", "remedy")


@dataclass(frozen=True, slots=True)
class Asked:
    """An import as somebody asked for it: the file with its name, the mapping, in whose name it comes in."""

    kind: str
    name: str
    content: bytes
    mapping: str
    actor: str
    now: datetime
    dry_run: bool
    lenient: bool = False


@contextmanager
def laid_out(name: str, content: bytes) -> Iterator[Path]:
    """The file where programs find files."""
    with TemporaryDirectory(prefix="ideenweg-") as folder:
        path = Path(folder) / f"{FILE}{Path(name).suffix[:8]}"
        path.write_bytes(content)
        yield path


def checks(app: App, asked: Asked) -> Work:
    """The work of an import: a dry run, or all of its rows; whatever stands against it is the result."""

    def work(progress: Progress) -> Outcome:
        try:
            report = _run(app, asked, progress)
        except BadRows as error:
            return _refused("rows", report=_named(error.report, asked).as_json())
        except FileFault as fault:
            return _refused("mapping", findings=[finding_told(one) for one in fault.findings])
        except Refused as error:
            german = " ".join(one.text.de for one in error.blockers)
            return _refused("refused", message=str(error), de={"message": german})
        except Conflict as error:
            return _refused("conflict", message=str(error))
        except BadInput as error:
            said = {locale: error.in_locale(locale).replace(MAP + ": ", "") for locale in ("de", "en")}
            return _refused("input", message=said["en"], de={"message": said["de"]})
        except NotFound as error:
            return _refused("input", message=str(error))
        done = not report.dry_run
        return Outcome(
            jobs.DONE if done else jobs.CHECKED, {"report": _named(report, asked).as_json()}, keep_file=not done
        )

    return work


def finding_told(one: Finding) -> dict[str, Any]:
    """What is wrong with a mapping, in one place of it."""
    german = {"message": in_locale(one.message, "de"), "remedy": in_locale(one.hint, "de")}
    return {"line": one.place.line, "message": one.message, "remedy": one.hint, "de": german}


def in_words(row: Mapping[str, Any], name: str, locale: str) -> str:
    """`message` or `remedy` of something that is told by line, in `locale` as far as there is a text in it."""
    return str((row.get("de") or {}).get(name) or row.get(name, "") if locale == "de" else row.get(name, ""))


def report_file(request: Request) -> Response:
    """The report of an import as CSV or JSON. Raises NotFound."""
    with site_of(request).workflow.database.reading() as connection:
        job = jobs.find(connection, request.path_params["key"])
    report = (job.result or {}).get("report")
    if job.kind not in (IDEAS, HISTORY) or report is None:
        raise NotFound("report", job.id)
    form, locale = request.path_params["form"], site_of(request).wording(request).locale
    if form not in ("csv", "json"):
        raise NotFound("report", form)
    text = json.dumps(report, ensure_ascii=False, indent=1) if form == "json" else _csv(report, locale)
    kind = "application/json" if form == "json" else "text/csv; charset=utf-8"
    headers = {"Content-Disposition": f'attachment; filename="report.{form}"'}
    return Response(text, media_type=kind, headers=headers)


def _run(app: App, asked: Asked, progress: Progress) -> Report:
    history = asked.kind == HISTORY
    parsed = parse_mapping(asked.mapping, MAP, history=history)
    with laid_out(asked.name, asked.content) as path:
        if history:
            return import_history(
                app.database, app.rules, path, parsed,
                now=asked.now, actor=asked.actor, dry_run=asked.dry_run, lenient=asked.lenient, progress=progress,
            )  # fmt: skip
        return import_ideas(
            app.database, app.rules, path, parsed,
            now=asked.now, actor=asked.actor, dry_run=asked.dry_run, progress=progress,
        )  # fmt: skip


def _named(report: Report, asked: Asked) -> Report:
    return replace(report, file=asked.name)


def _refused(error: str, **told: Any) -> Outcome:
    return Outcome(jobs.REFUSED, {"error": error, **told}, keep_file=True)


def _csv(report: Mapping[str, Any], locale: str) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for part in PARTS:
        for row in report[part]:
            place = row.get("column") or row.get("step") or ""
            cells = (part, row["line"], place, in_words(row, "message", locale), in_words(row, "remedy", locale))
            writer.writerow([harmless(cell) for cell in cells])
    return target.getvalue()


ROUTES = (admin_get("/verwaltung/import/{key}/bericht.{form}", report_file),)
