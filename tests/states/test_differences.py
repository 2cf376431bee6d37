"""What differs between two lifecycles, entry by entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from states.differences import Change, Difference, differences
from states.loader import load_lifecycle

SHORT = (Path(__file__).parents[1] / "lifecycles" / "short.yaml").read_text(encoding="utf-8")


def found(old: str, new: str) -> tuple[Difference, ...]:
    assert old in SHORT
    return differences(load_lifecycle(SHORT, "a.yaml"), load_lifecycle(SHORT.replace(old, new), "b.yaml"))


def test_a_file_does_not_differ_from_itself_however_its_lines_move() -> None:
    assert found("roles:\n  submitter", "\n\nroles:\n  submitter") == ()
    assert found("version: 1", "version: 2") == ()


@pytest.mark.parametrize(
    ("old", "new", "section", "key", "change"),
    [
        ("due: 10 working days", "due: 3 weeks", "states", "in_review", ("deadlines.in_review.due.amount", 10, 3)),
        ("reason: required", "reason: public", "transitions", "ask", ("reason", "required", "public")),
        ("minimum: 2", "minimum: 75", "transitions", "applaud", None),
        ("de: Machbar,", "de: Möglich,", "records", "opinion", ("fields.feasible.label.de", "Machbar", "Möglich")),
        ("assign: [coordinator]", "assign: [administrator]", "roles", "expert", None),
        ("de: hängt ab von", "de: gehört zu", "links", "hangs_on", ("label.de", "hängt ab von", "gehört zu")),
        (
            "support: true",
            "support: true\ncreate: [coordinator]",
            "lifecycle",
            "create",
            ("", ["anyone"], ["coordinator"]),
        ),
    ],
)
def test_a_change_is_told_by_its_path(
    old: str, new: str, section: str, key: str, change: tuple[str, object, object] | None
) -> None:
    one = found(old, new)[0]
    assert (one.section, one.key, one.what) == (section, key, "changed")
    if change is not None:
        assert Change(*change) in one.changes


def test_a_field_that_is_called_otherwise_went_and_another_came() -> None:
    (one,) = found("      remark: {type: string", "      note: {type: string")
    assert (one.key, one.what) == ("opinion", "changed")
    gone_and_come = {change.path: (change.before is None, change.after is None) for change in one.changes}
    assert gone_and_come == {"fields.remark": (False, True), "fields.note": (True, False)}


def test_a_new_state_is_added_and_read_backwards_removed() -> None:
    old, new = "  closed: {label", "  parked: {label: Parked}\n  closed: {label"
    text = SHORT.replace(old, new).replace(
        "from: [draft]\n    to: in_review", "from: [draft, parked]\n    to: in_review"
    )
    text = text.replace("\nrecords:", "  park: {from: [draft], to: parked, roles: [coordinator]}\n\nrecords:")
    before, after = load_lifecycle(SHORT, "a.yaml"), load_lifecycle(text, "b.yaml")
    forth = {(one.section, one.key): one.what for one in differences(before, after)}
    back = {(one.section, one.key): one.what for one in differences(after, before)}
    assert forth[("states", "parked")] == forth[("transitions", "park")] == "added"
    assert back[("states", "parked")] == back[("transitions", "park")] == "removed"
    assert forth[("transitions", "submit")] == back[("transitions", "submit")] == "changed"
