"""Templates of the operator's own: one wins over the shipped one, a broken one is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from notifications.errors import TemplateFault
from notifications.render import LONGEST_SUBJECT, SAMPLE, Manner, Templates


@pytest.fixture
def overrides(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def test_the_shipped_templates_have_no_fault() -> None:
    assert list(Templates().check()) == []


def test_a_file_of_the_same_name_wins_and_the_others_stay(overrides: Path) -> None:
    write(overrides, "de/received/subject.txt", "Danke für {{ item.number }}!")
    templates = Templates(overrides)
    assert templates.render("de", "received", SAMPLE).subject == "Danke für 2026-0147!"
    assert templates.render("en", "received", SAMPLE).subject.startswith("Your idea")


@pytest.mark.parametrize(
    ("text", "line", "wrong"),
    [
        ("eins\n{% if %}", 2, "Expected an expression"),
        ("eins\n\n{{ item.colour }}", 3, "no attribute 'colour'"),
        ("{{ applicant }}", 1, "'applicant' is undefined"),
        ("{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("{{ deadline.day + 1 }}", 1, "can only concatenate"),
        ("{% include 'missing.txt' %}", 1, "missing.txt"),
    ],
)
def test_a_broken_template_is_told_with_file_and_line(overrides: Path, text: str, line: int, wrong: str) -> None:
    write(overrides, "de/received/body.txt", text)
    faults = [str(fault) for fault in Templates(overrides).check()]
    assert any(f"de/received/body.txt:{line}: " in fault and wrong in fault for fault in faults), faults
    assert all("de/received/body.txt" in fault for fault in faults)


def test_a_template_in_another_encoding_is_told_with_its_line(overrides: Path) -> None:
    (overrides / "de" / "received").mkdir(parents=True)
    (overrides / "de" / "received" / "body.txt").write_bytes("eins\nGrüße".encode("latin-1"))
    (fault,) = Templates(overrides).check()
    assert str(fault).endswith("de/received/body.txt:2: this is not UTF-8 text")


def test_a_notice_of_the_operators_own_needs_all_its_files(overrides: Path) -> None:
    write(overrides, "de/invited/subject.txt", "Einladung")
    faults = {Path(fault.place).parts[-3:] for fault in Templates(overrides).check()}
    assert ("de", "invited", "body.txt") in faults
    assert ("en", "invited", "subject.txt") in faults


def test_the_operator_says_how_notices_behave(overrides: Path) -> None:
    write(overrides, "notices.yaml", "received: {optional: true}\n")
    templates = Templates(overrides)
    assert templates.manner("received") == Manner(optional=True)
    assert templates.manner("question") == Manner(at_once=True)
    write(overrides, "notices.yaml", "received: {optinal: true}\n")
    with pytest.raises(TemplateFault, match=r"notices\.yaml:1: write"):
        Templates(overrides).manner("received")


def test_a_subject_is_one_line_and_not_endless(overrides: Path) -> None:
    item = {**SAMPLE["item"], "title": "Bäume\r\nBcc: alle@example.org " * 40}
    subject = Templates().render("de", "withdrawn", {**SAMPLE, "item": item}).subject
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) <= LONGEST_SUBJECT
    assert subject.endswith("…")
