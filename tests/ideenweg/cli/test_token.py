"""`ideenweg token`: made once, listed without its value, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Cli


def test_a_token_is_shown_once_listed_without_its_value_and_taken_back(cli: Cli) -> None:
    made = cli.document("token", "add", cli.coordinator, "--scope", "write", "--scope", "audit", "--label", "Portal")
    token = made["token"]
    assert token["value"].startswith("idw_")
    assert (token["email"], token["scopes"], token["label"]) == (cli.coordinator, ["audit", "write"], "Portal")

    listed = cli("token", "list", cli.coordinator)
    assert token["id"] in listed.out
    assert token["value"] not in listed.out

    assert cli.document("token", "revoke", token["id"]) == {"revoked": token["id"]}
    assert cli.document("token", "list")["tokens"][0]["revoked_at"] is not None


def test_a_wrong_call_says_what_would_be_right(sqlite_cli: Cli) -> None:
    cases = [
        (("token", "add", sqlite_cli.coordinator, "--scope", "wriet"), 2, "write"),
        (("token", "add", sqlite_cli.coordinator), 2, "--scope"),
        (("token", "add", "niemand@dortmund.example", "--scope", "read"), 4, "niemand"),
        (("token", "add", sqlite_cli.coordinator, "--scope", "read", "--expires", "2001-01-01"), 2, "two years"),
        (("token", "revoke", "t-0000"), 4, "token list"),
    ]
    for arguments, code, said in cases:
        result = sqlite_cli(*arguments)
        assert (result.code, said in result.err) == (code, True), result.err
