"""`ideenweg webhook`: set up, listed, rotated, switched off and on; the secret is shown once."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Cli, fill

URL = "https://portal.dortmund.example/ideenweg"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDEENWEG_SECRET_KEY", "k" * 43)


def the_one(cli: Cli) -> Any:
    (found,) = cli.document("webhook", "list")["webhooks"]
    return found


def test_a_webhook_is_set_up_and_its_secret_shown_once(cli: Cli) -> None:
    assert cli("webhook", "list").out.strip() == "No webhooks."
    made = cli.document("webhook", "add", URL)["webhook"]
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
    found = the_one(cli)
    assert (found["id"], found["url"], found["private"], found["disabled_at"]) == (made["id"], URL, False, None)
    assert "whsec_" not in cli("webhook", "list").out + cli("webhook", "list", "--json").out
    assert made["id"] in cli("webhook", "list").out


def test_people_are_told_how_to_verify_a_call(cli: Cli) -> None:
    said = cli("webhook", "add", URL).out
    assert re.search(r"whsec_\S{44}\n", said)
    for word in ("Standard Webhooks", "webhook-signature", "HMAC-SHA256"):
        assert word in said
    assert "nur jetzt zu sehen" in cli("webhook", "add", URL, "--locale", "de").out


def test_what_lies_in_a_private_network_is_allowed_on_purpose(cli: Cli) -> None:
    refused = cli("webhook", "add", "http://127.0.0.1:9000/in")
    assert (refused.code, "--private" in refused.err) == (2, True)
    assert cli("webhook", "add", "portal.dortmund.example").code == 2
    assert cli.document("webhook", "add", "http://127.0.0.1:9000/in", "--private")["webhook"]["private"]
    assert "private" in cli("webhook", "list").out


def test_a_webhook_is_rotated_switched_off_and_on(cli: Cli) -> None:
    made = cli.document("webhook", "add", URL)["webhook"]
    rotated = cli.document("webhook", "rotate", made["id"])
    assert rotated["webhook"]["secret"] != made["secret"]
    assert rotated["old_secret_until"] > made["made_at"]
    assert "whsec_" in cli("webhook", "rotate", made["id"]).out
    assert cli.document("webhook", "disable", made["id"]) == {"id": made["id"], "enabled": False}
    assert the_one(cli)["disabled_why"].startswith("switched off by ")
    assert "switched off by" in cli("webhook", "list").out
    assert cli.document("webhook", "enable", made["id"])["enabled"]
    assert the_one(cli)["disabled_at"] is None


@pytest.mark.parametrize(
    "address", ["10.0.0.7", "169.254.169.254", "[::1]", "[fe80::1]", "[::ffff:192.168.1.1]", "localhost"]
)
def test_an_address_that_is_not_public_is_refused_when_it_is_given(cli: Cli, address: str) -> None:
    refused = cli("webhook", "add", f"https://{address}/in")
    assert (refused.code, "no public address" in refused.err, "--private" in refused.err) == (2, True, True)


def test_calls_are_played_again_as_far_back_as_they_are_kept(cli: Cli) -> None:
    made = cli.document("webhook", "add", URL)["webhook"]
    assert cli.document("webhook", "replay", made["id"], "--since", made["made_at"]) == {"again": 0}
    refused = cli("webhook", "replay", made["id"], "--since", "2020-01-01")
    assert (refused.code, "30 days" in refused.err) == (2, True)
    assert cli("webhook", "replay", made["id"], "--since", "2026-02-30").code == 2
    cli("webhook", "disable", made["id"])
    refused = cli("webhook", "replay", made["id"], "--since", made["made_at"])
    assert (refused.code, f"webhook enable {made['id']}" in refused.err) == (3, True)


@pytest.mark.parametrize("verb", ["rotate", "enable", "disable"])
def test_a_slip_in_the_id_is_told_with_what_would_be_right(cli: Cli, verb: str) -> None:
    key = cli.document("webhook", "add", URL)["webhook"]["id"]
    missed = cli("webhook", verb, key[:-1])
    assert (missed.code, f"Did you mean {key}?" in missed.err) == (4, True)
    assert cli("webhook", verb, key[:-1], "--json").error["code"] == "not_found"


def test_without_a_key_there_is_no_secret_and_the_remedy_is_told(
    postgresql_url: str, appoint: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(appoint, postgresql_url)
    cli = Cli(postgresql_url, monkeypatch)
    made = cli.document("webhook", "add", URL)["webhook"]
    monkeypatch.delenv("IDEENWEG_SECRET_KEY")
    for call in (("add", URL), ("rotate", made["id"])):
        refused = cli("webhook", *call)
        assert (refused.code, "IDEENWEG_SECRET_KEY" in refused.err) == (2, True)
    assert the_one(cli)["id"] == made["id"]
    cli.document("webhook", "disable", made["id"])
