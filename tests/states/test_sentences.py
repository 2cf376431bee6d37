"""What is wrong with a file is told in both languages, whichever check finds it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from states.errors import FileFault
from states.loader import load_lifecycle
from states.sentences import Sentence, Text, in_locale, said

ROOT = Path(__file__).parents[2]
TOLD = {
    "Fault": (2, 3), "fault": (2, 3), "value_fault": (2, 3), "Finding": (1, 2), "_fault": (1, 2), "Unfit": (0, 1),
    "Problem": (1, 2), "Remark": (1,), "Flaw": (1, 2), "_problem": (1, 2), "_comment": (2,), "_misfit": (2,),
    "BadInput": (0,),
}  # fmt: skip
"""What makes a finding, or an error of what was put in, -> the places of its sentences among what it is given."""


MET_ON_PAGES = (
    "workflow/access.py", "workflow/scopes.py", "workflow/agenda.py", "workflow/bulk.py", "workflow/transfer.py",
    "workflow/queries/ranking.py",
)  # fmt: skip
"""Beside the imports: what pages, the API and the command line show when they cannot read what was put in."""


def test_a_sentence_is_the_english_one_and_has_the_german_one_beside_it() -> None:
    label = Text("Prüfung", "Review")
    one = said(
        "„{who}“ fehlt: {what}.", "{who!r} is missing: {what}.", who="eins", what=[label, Sentence("zwei", "two")]
    )
    assert (one, in_locale(one, "de")) == ("'eins' is missing: Review, two.", "„eins“ fehlt: Prüfung, zwei.")
    assert (json.dumps(one), in_locale(one, "en")) == (json.dumps(str(one)), str(one))
    assert in_locale(deepcopy(one), "de") == one.de
    assert in_locale("as it is", "de") == "as it is"


@pytest.mark.parametrize(
    "source",
    sorted({*ROOT.glob("states/**/*.py"), *ROOT.glob("workflow/imports/*.py"), *(ROOT / one for one in MET_ON_PAGES)}),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_finding_is_told_in_english_alone(source: Path) -> None:
    plain = [ast.unparse(one) for one in _sentences(ast.parse(source.read_text("utf-8")))]
    assert plain == []


def _sentences(tree: ast.Module) -> Iterator[ast.expr]:
    """The texts without a German one that findings are made of."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and {"message", "hint", "remedy"} & {ast.unparse(one) for one in node.targets}:
            yield from (one for one in [node.value] if isinstance(one, ast.Constant | ast.JoinedStr))
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [node.args[place] for place in TOLD.get(name, ()) if place < len(node.args)]
            given += [one.value for one in node.keywords if one.arg in ("message", "hint", "remedy") and name in TOLD]
            yield from (one for one in given if isinstance(one, ast.Constant | ast.JoinedStr))


def test_the_faults_of_a_lifecycle_file_read_in_german() -> None:
    with pytest.raises(FileFault) as error:
        load_lifecycle("lifecycle: x\nversion: eins\nstatess: {}\nstates: {a: {stage: b}}\ninitial: c\n", "x.yaml")
    german = " ".join(one.in_locale("de") for one in error.value.findings)
    for expected in (
        "'eins' kann nicht in version stehen. Schreiben Sie eine ganze Zahl.",
        "Unbekannter Schlüssel „statess“ in der Datei.",
        "Es gibt den Zustand „c“ nicht. Bekannt: a.",
        "Es gibt die Phase „b“ nicht.",
    ):
        assert expected in german, german
