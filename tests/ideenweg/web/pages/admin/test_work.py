"""What takes long runs beside the pages: imports and verifications; their progress and end are seen by everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from ideenweg.wiring import App
from workflow.history import AuditFilter
from workflow.models import item

EXAMPLES = Path(__file__).parents[5] / "docs" / "examples"


def uploaded(admin: Any, table: str, kind: str, mapping: str | None) -> str:
    """The address of the import of an example."""
    files = {"file": (table, (EXAMPLES / table).read_bytes())}
    if mapping:
        files["map"] = (mapping, (EXAMPLES / mapping).read_bytes())
    made = admin.send_form("/verwaltung/import", {"kind": kind, "lifecycle": "idea-to-project"}, files=files)
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


def items(app: App) -> int:
    with app.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(item)) or 0


def test_a_table_is_proposed_mapped_checked_and_taken_in(own: App, admin: Any, settled: Callable[[str], str]) -> None:
    form = {"kind": "import_ideas"}
    for content in (b"", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken"):
        answer = admin.send_form("/verwaltung/import", form, files={"file": ("x.xlsx", content)})
        assert answer.status_code == 422
        assert "Die Tabelle ist nicht lesbar" in answer.text
    assert "Wählen Sie eine Tabelle aus" in admin.send_form("/verwaltung/import", form).text
    page = uploaded(admin, "portfolio.csv", "import_ideas", None)
    shown = admin.get(page).text
    assert '<option value="title" selected>' in shown, "columns are mapped by their names"
    assert "portfolio" in admin.get(f"{page}/zuordnung.yaml").text
    admin.send_form(f"{page}/start", {"what": "check"}, on=page)
    shown = settled(page)
    assert "2 Zeilen lassen sich nicht übernehmen" in shown
    assert "„ruht“ gibt es nicht (Zustand)." in shown
    report = admin.get(f"{page}/bericht.csv").text.splitlines()
    assert report[1].startswith("problems,5,Stand,„ruht“ gibt es nicht (Zustand).,")
    assert "There is no state &#39;ruht&#39;" in admin.get(f"{page}?lang=en").text
    assert "„ruht“ gibt es nicht (Zustand)." in admin.get(f"{page}?lang=de").text
    admin.send_form(f"{page}/start", {"what": "take"}, on=page)
    assert "2 Zeilen lassen sich nicht übernehmen" in settled(page)
    assert items(own) == 0, "all or nothing"

    admin.send_form(f"{page}/zuordnung", {"mapping": "source: ["}, on=page)
    assert "Fehler in der Zuordnung" in admin.get(page).text
    mapping = (EXAMPLES / "portfolio.map.yaml").read_text()
    admin.send_form(f"{page}/zuordnung", {"mapping": mapping}, on=page)
    admin.send_form(f"{page}/start", {"what": "check"}, on=page)
    assert "Alles geprüft: 4 Vorgänge würden angelegt" in settled(page)
    assert items(own) == 0
    admin.send_form(f"{page}/start", {"what": "take"}, on=page)
    assert "4 Vorgänge sind übernommen" in settled(page)
    assert items(own) == 4
    events = own.audit.list(AuditFilter(kind="imported")).events
    assert {one.via for one in events} == {"import"}
    assert {one.account for one in events} == {None}

    other = uploaded(admin, "portfolio.csv", "import_ideas", "portfolio.map.yaml")
    chosen = {"source": "Neue Quelle", "column-1": "title", "column-2": "field:idea", "key": "0"}
    admin.send_form(f"{other}/spalten", chosen, on=other)
    kept = admin.get(f"{other}/zuordnung.yaml").text
    assert "name: Neue-Quelle" in kept
    assert "gestrichen" in kept, "what the columns do not say stays"
    admin.send_form(f"{other}/verwerfen", {}, on=other)
    assert admin.get(other).status_code == 404


def test_another_tools_log_comes_in_with_its_misfits_told(own: App, admin: Any, settled: Callable[[str], str]) -> None:
    page = uploaded(admin, "log.csv", "import_history", "log.map.yaml")
    admin.send_form(f"{page}/start", {"what": "take", "lenient": "1"}, on=page)
    assert "sind übernommen" in settled(page)
    assert items(own) > 0


def test_the_history_is_exported_verified_and_held_against_the_export(
    own: App, admin: Any, settled: Callable[[str], str]
) -> None:
    start = "/verwaltung/protokoll/pruefung"
    export = admin.send_form("/verwaltung/protokoll/export", {"format": "jsonl"}, on="/verwaltung/protokoll")
    assert export.text.startswith('{"export": "ideenweg history"')
    assert "attachment" in export.headers["content-disposition"]
    assert own.audit.list(AuditFilter(kind="system:export_run")).events

    made = admin.send_form(start, {"what": "verify"})
    assert "Alles ist, wie es geschrieben wurde" in settled(made.headers["location"])
    part = admin.get(f"/verwaltung/auftrag/{made.headers['location'].rpartition('/')[2]}/stand")
    assert part.headers["hx-refresh"] == "true"
    files = {"file": ("kept.jsonl", export.content)}
    made = admin.send_form(start, {"what": "compare"}, files=files)
    assert "Alles ist, wie es geschrieben wurde" in settled(made.headers["location"])
    made = admin.send_form(start, {"what": "compare"}, files={"file": ("kept.jsonl", b"no")})
    assert "kein Export" in settled(made.headers["location"])
    assert "Wählen Sie einen Export, einen Prüfpunkt" in admin.send_form(start, {"what": "compare"}).text

    assert "Noch keiner." in admin.get(start).text
    assert admin.get(f"{start}/pruefpunkt").status_code == 404
    sealed = own.audit.checkpoint(datetime(2026, 6, 9, 3, tzinfo=UTC))
    assert sealed.root in admin.get(start).text
    kept = admin.get(f"{start}/pruefpunkt")
    assert kept.headers["content-disposition"] == f'attachment; filename="ideenweg-2026-06-09-{sealed.size}.json"'
    made = admin.send_form(start, {"what": "compare"}, files={"file": ("kept.json", kept.content)})
    assert "Alles ist, wie es geschrieben wurde" in settled(made.headers["location"])
    forged = kept.content.replace(sealed.root.encode(), b"0" * 64)
    made = admin.send_form(start, {"what": "compare"}, files={"file": ("kept.json", forged)})
    assert "Wurzel des Logs" in settled(made.headers["location"])

    with own.database.writing() as connection:
        connection.execute(text("UPDATE role_grant SET role = 'coordinator'"))
    made = admin.send_form(start, {"what": "verify"})
    assert made.status_code == 403, "a role changed by hand is one lost by hand"
    with own.database.writing() as connection:
        connection.execute(text("UPDATE role_grant SET role = 'administrator', valid_from = '2026-01-01'"))
    made = admin.send_form(start, {"what": "verify"})
    shown = settled(made.headers["location"])
    assert "Eine Stelle ist nicht, wie sie geschrieben wurde" in shown
    assert "role_grant.valid_from" in shown
    assert "hat Veränderungen im Protokoll gefunden" in admin.get("/verwaltung").text
