"""A paper for a body: the city's template, filled with what its reader may see, and what is missing marked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX

from ideenweg.papers.docx import filled
from ideenweg.papers.facts import Facts, facts_of
from ideenweg.papers.plan import read_plan
from ideenweg.wiring import SHIPPED, App
from workflow.commands import Record
from workflow.errors import BadInput, Refused
from workflow.queries.detail import find

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
COORDINATOR = "koordination@dortmund.example"


def text_of(content: bytes) -> str:
    """All text of a DOCX file, a paragraph a line."""
    document = Document(BytesIO(content))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    margins = [part for section in document.sections for part in (section.header, section.footer)]
    return "\n".join(one.text for part in [document, *cells, *margins] for one in part.paragraphs)


def make(app: App, number: str, reader: str | None, body: str = "council-dortmund") -> tuple[Facts, str]:
    plan = read_plan(app.config_dir, SHIPPED)
    with app.database.reading() as connection:
        facts = facts_of(connection, app.rules, plan, number, body, reader, NOW)
    return facts, text_of(filled(plan.template, facts, NOW))


@pytest.fixture(scope="module")
def number(demo: App) -> str:
    """An idea on the shortlist, with what its paper is to say."""
    from sqlalchemy import select

    from workflow.models import item

    with demo.database.reading() as connection:
        found = str(connection.scalar(select(item.c.number).where(item.c.state == "shortlisted").limit(1)))
        sheet = next(one.data for one in find(connection, demo.rules, found, None, NOW).records if one.kind == "sheet")
    stations = [
        {"body": "digitalisation-dortmund", "mode": "advising"}, {"body": "council-dortmund", "mode": "deciding"},
    ]  # fmt: skip
    more = {
        "climate": "Weniger Fahrten.\nDas spart Treibhausgase.", "cost": 1250000.5, "staff": 6, "stations": stations,
        "proposed_decision": "Der Rat <beschließt> & beauftragt.",
    }  # fmt: skip
    data = {key: value for key, value in sheet.items() if key != "risks"} | more
    demo.engine.execute(Record(item=found, kind="sheet", data=data, actor=COORDINATOR), now=NOW)
    return found


def test_a_paper_says_what_is_known_and_marks_what_is_missing(demo: App, number: str) -> None:
    facts, text = make(demo, number, COORDINATOR)
    assert "Rat der Stadt Dortmund" in text
    assert "1.250.000,5" in text
    assert "Weniger Fahrten.\nDas spart Treibhausgase." in text
    assert "Der Rat <beschließt> & beauftragt." in text
    assert "vorberatend" in text
    assert text.index("vorberatend") < text.index("entscheidend")
    assert "fehlt: Risiken" in text
    assert "risks" in facts.missing
    assert "{{" not in text
    assert "Stand: 10. Juni 2026" in text


def test_a_paper_is_made_by_those_alone_whom_the_plan_names(demo: App, number: str) -> None:
    assert make(demo, number, None)[0].fields["title"]  # the operator
    with pytest.raises(Refused):
        make(demo, number, "amtsleitung@dortmund.example")
    with pytest.raises(BadInput, match="no body 'council-ulm'"):
        make(demo, number, COORDINATOR, "council-ulm")


def test_the_page_tells_what_is_missing_and_gives_the_paper(number: str, signed_in: Callable[[str], Any]) -> None:
    browser = signed_in(COORDINATOR)
    assert f'href="/ideen/{number}/vorlage"' in browser.get(f"/ideen/{number}").text
    page = browser.get(f"/ideen/{number}/vorlage").text
    sheet = f"/ideen/{number}/eintrag/sheet"
    assert f'<li><a class="text-link" href="{sheet}#f-risks">Risiken</a></li>' in page, "where it is brought"
    assert 'id="f-risks"' in browser.get(sheet).text
    assert "<li>Drucksache</li>" in page, "not to be written in this state"
    assert page.index('value="digitalisation-dortmund"') < page.index('value="finance-dortmund"')  # of the item first
    paper = browser.get(f"/ideen/{number}/vorlage.docx?gremium=council-dortmund")
    assert paper.headers["content-disposition"] == f'attachment; filename="vorlage-{number}.docx"'
    assert "Rat der Stadt Dortmund" in text_of(paper.content)
    assert browser.get(f"/ideen/{number}/vorlage.docx?gremium=council-ulm").status_code == 422
    assert signed_in("amtsleitung@dortmund.example").get(f"/ideen/{number}/vorlage").status_code == 404


def test_a_city_puts_its_own_template_and_plan_in_their_place(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    document = Document()
    cut = document.add_paragraph("Betreff: ")
    for piece in ("{", "{ti", "tle}", "} – {{risks}}"):
        cut.add_run(piece).bold = piece == "{"
    rows = document.add_table(rows=1, cols=2).rows[0].cells
    rows[0].text, rows[1].text = "{{stations.body}}", "{{stations.mode}}"
    document.save(str(folder / "beschlussvorlage.docx"))
    plan = read_plan(tmp_path, SHIPPED)
    assert plan.template.parent == folder
    assert plan.place == str(SHIPPED / "papers" / "beschlussvorlage.yaml")
    stations = [{"body": ("Rat",), "mode": ("entscheidend",)}, {"body": ("Ausschuss",)}]
    facts = Facts({"title": ("Bänke", "und\x00Bäume")}, {"stations": stations}, {"risks": "Risiken"}, "fehlt")
    made = Document(BytesIO(filled(plan.template, facts, NOW)))
    assert made.paragraphs[0].text == "Betreff: Bänke\nund�Bäume – fehlt: Risiken"
    assert [run.font.highlight_color for run in made.paragraphs[0].runs][-1] == WD_COLOR_INDEX.YELLOW
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        ["Rat", "entscheidend"], ["Ausschuss", ""],
    ]  # fmt: skip

    wrong = Facts({"titel": ("x",)}, {}, {}, "fehlt")
    with pytest.raises(BadInput, match=r"Nothing fills \{\{title\}\}.*titel"):
        filled(plan.template, wrong, NOW)
    (folder / "beschlussvorlage.docx").write_bytes(b"%PDF")
    with pytest.raises(BadInput, match="no DOCX"):
        filled(plan.template, facts, NOW)
    (folder / "beschlussvorlage.yaml").write_text("language: fr\n", "utf-8")
    with pytest.raises(BadInput, match=r"\$"):
        read_plan(tmp_path, SHIPPED)
