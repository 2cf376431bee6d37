"""/checkpoint: what everybody may keep of the history, and prove by what they kept before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from workflow.merkle import consistent

if TYPE_CHECKING:
    from conftest import Api

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
COORDINATOR = "koordination@dortmund.example"


def test_everybody_may_keep_the_checkpoint_and_prove_that_it_grew(api: Api) -> None:
    assert api.get("/checkpoint", 404)["type"] == "/api#not_found"
    api.app.audit.checkpoint(NOW)
    answer = api("GET", "/checkpoint")
    old = answer.json()
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert api("GET", "/checkpoint", known=answer.headers["ETag"]).status_code == 304
    assert (old["format"], old["at"], old["consistency"]) == (
        "ideenweg checkpoint v1", "2026-06-10T12:00:00+02:00", None,
    )  # fmt: skip

    api.by(COORDINATOR).create()
    api.app.audit.checkpoint(NOW + timedelta(days=1))
    new = api.get(f"/checkpoint?since={old['size']}")
    assert new["size"] > old["size"]
    roots, path = [bytes.fromhex(one["root"]) for one in (old, new)], [bytes.fromhex(one) for one in new["consistency"]]
    assert consistent(old["size"], roots[0], new["size"], roots[1], path)
    assert api.get("/checkpoint?since=0")["consistency"] == []
    assert api.get(f"/checkpoint?since={new['size'] + 1}", 404)["detail"].endswith(f"has {new['size']} events.")
    for wrong in ("since=x", "since=-1", "until=1"):
        assert api.get(f"/checkpoint?{wrong}", 400)["type"] == "/api#wrong_filter"
