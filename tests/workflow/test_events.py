"""The canonical bytes, the chain and the commitments of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from workflow.events import COLUMNS, GENESIS, Event, canonical, chain, commitment, moment, new_salt, seal, timestamp
from workflow.models import event

NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_canonical_bytes_are_those_of_rfc_8785(value: dict[str, object]) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def an_event(**changes: object) -> Event:
    stamp = timestamp(datetime(2026, 6, 9, 12, tzinfo=UTC))
    given_by_default = {"stream": "item:2026-0001", "seq": 1, "kind": "created", "actor": "p-1", "via": "cli"}
    return Event(**{**given_by_default, "at": stamp, "recorded_at": stamp, **changes})  # type: ignore[arg-type]


def test_a_sealed_row_has_the_columns_of_the_table() -> None:
    assert tuple(event.columns.keys()) == COLUMNS
    assert len(seal(an_event(), GENESIS)) == len(COLUMNS)


def test_the_hash_can_be_recomputed_from_the_row_alone() -> None:
    row = dict(zip(COLUMNS, seal(an_event(), GENESIS), strict=True))
    text = b"ideenweg event v1\n" + row["prev_hash"].encode() + b"\n" + row["payload"]
    assert row["hash"] == sha256(text).hexdigest() == chain(GENESIS, row["payload"])


@pytest.mark.parametrize("column", [name for name in COLUMNS if name not in ("payload", "prev_hash", "hash", "schema")])
def test_every_column_is_covered_by_the_payload(column: str) -> None:
    field = {"from": "source", "to": "target"}.get(column, column)
    value: object = 2 if column == "seq" else ("other",) if column == "guards" else "other"
    changed = seal(an_event(**{field: value}), GENESIS)
    assert changed[COLUMNS.index("payload")] != seal(an_event(), GENESIS)[COLUMNS.index("payload")]


def test_a_commitment_tells_nothing_without_its_salt() -> None:
    one, other = new_salt(), new_salt()
    assert len(one) == 32
    assert one != other
    assert commitment(one, "zu teuer") != commitment(other, "zu teuer")
    assert commitment(one, "zu teuer") == commitment(one, "zu teuer")


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_timestamp_is_read_back_as_the_same_moment(at: datetime) -> None:
    assert moment(timestamp(at)) == at
    assert len(timestamp(at)) == 27


def test_a_timestamp_is_utc_whatever_zone_came_in() -> None:
    berlin = timezone(timedelta(hours=2))
    assert timestamp(datetime(2026, 6, 9, 14, tzinfo=berlin)) == "2026-06-09T12:00:00.000000Z"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        timestamp(datetime(2026, 6, 9, 12))  # noqa: DTZ001
