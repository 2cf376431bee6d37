"""Webhooks from the notice to the call: private addresses, rotated secrets, receivers that are gone, calls again."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest

from ideenweg.wiring import App
from notifications import webhooks
from workflow.commands import Advance
from workflow.errors import BadInput, NotFound

from .conftest import KEYS, NOW, RESIDENT, rows
from .test_channels import Receiver, receiver

__all__ = ["receiver"]

Made = Callable[..., str]


def hooked(app: App, url: str, **more: Any) -> webhooks.Hook:
    return app.database.attempt(lambda connection: webhooks.add(connection, url, KEYS, NOW, **more))


def test_a_webhook_gets_every_notice_and_one_that_lies_in_a_private_network_none(
    app: App, submitted: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="no public address"):
        hooked(app, "https://127.0.0.1/in")
    # A stub resolver, which cannot connect.
    stub = SimpleNamespace(SOCK_STREAM=1, getaddrinfo=lambda *_, **__: [(0, 0, 0, "", ("169.254.169.254", 443))])
    monkeypatch.setattr("notifications.channels.webhook.socket", stub)
    hook = hooked(app, "https://hooks.example/in")
    submitted()
    done = app.dispatch(now=NOW)
    assert done.failed == 2
    assert {row.result for row in rows(app, recipient=hook.id)} == {
        "hooks.example lies at 169.254.169.254, which is no public address. Allow it with --private."
    }


def test_a_rotated_secret_is_signed_with_for_another_day(app: App) -> None:
    hook = hooked(app, "http://127.0.0.1:9/in", private=True)
    rotated = app.database.attempt(lambda connection: webhooks.rotate(connection, hook.id, KEYS, NOW))
    assert rotated.secret != hook.secret
    with app.database.reading() as connection:
        soon, late = (webhooks.endpoint(connection, hook.id, KEYS, NOW + timedelta(hours=h)) for h in (1, 25))
    assert soon is not None
    assert late is not None
    assert (len(soon.secrets), len(late.secrets)) == (2, 1)
    assert soon.secrets[0] == late.secrets[0]


def test_a_webhook_that_is_gone_is_switched_off_and_can_be_switched_on(app: App) -> None:
    hook = hooked(app, "https://hooks.example/in")
    app.database.attempt(lambda connection: webhooks.disable(connection, hook.id, NOW))
    with app.database.reading() as connection:
        assert webhooks.endpoint(connection, hook.id, KEYS, NOW) is None
    app.database.attempt(lambda connection: webhooks.enable(connection, hook.id))
    with app.database.reading() as connection:
        assert webhooks.endpoint(connection, hook.id, KEYS, NOW) is not None
        assert [one.id for one in webhooks.listed(connection, KEYS)] == [hook.id]
    with pytest.raises(NotFound):
        app.database.attempt(lambda connection: webhooks.rotate(connection, "w-none", KEYS, NOW))


@pytest.mark.parametrize(
    "url", ["http://hooks.example/in", "ftp://x", "https://u:p@hooks.example", "nothing", "https://[::1"]
)
def test_a_url_that_cannot_be_a_webhook_is_refused(app: App, url: str) -> None:
    with pytest.raises(BadInput):
        hooked(app, url)


@pytest.fixture
def close_by(app: App, receiver: Receiver) -> webhooks.Hook:
    """A webhook to the program on loopback, on purpose."""
    return hooked(app, f"http://127.0.0.1:{receiver.server_port}/in", private=True)


def key_of(hook: webhooks.Hook) -> bytes:
    assert hook.secret is not None
    return base64.b64decode(hook.secret.removeprefix("whsec_"))


def signatures(keys: list[bytes], headers: dict[str, str], body: bytes) -> list[str]:
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return [f"v1,{base64.b64encode(hmac.new(key, content, sha256).digest()).decode()}" for key in keys]


def test_while_a_secret_is_rotated_each_call_is_signed_with_both(
    app: App, submitted: Made, receiver: Receiver, close_by: webhooks.Hook
) -> None:
    submitted()
    app.dispatch(now=NOW)
    after = app.database.attempt(lambda connection: webhooks.rotate(connection, close_by.id, KEYS, NOW))
    submitted()
    app.dispatch(now=NOW + timedelta(hours=1))
    submitted()
    app.dispatch(now=NOW + timedelta(hours=25))
    old, new = key_of(close_by), key_of(after)
    told = [[old]] * 2 + [[new, old]] * 2 + [[new]] * 2  # two notices an idea
    assert len(receiver.calls) == len(told)
    for keys, (headers, body) in zip(told, receiver.calls, strict=True):
        assert headers["webhook-signature"].split() == signatures(keys, headers, body)


def test_a_receiver_that_says_it_is_gone_is_called_no_more(
    app: App, submitted: Made, receiver: Receiver, close_by: webhooks.Hook
) -> None:
    receiver.status = 410
    submitted()
    app.dispatch(now=NOW)
    assert len(receiver.calls) == 1
    assert {(row.status, row.result) for row in rows(app, recipient=close_by.id)} == {
        ("failed", "HTTP 410"),
        ("failed", "This webhook is switched off."),
    }
    with app.database.reading() as connection:
        assert webhooks.show(connection, close_by.id, KEYS).disabled_why == "410 Gone"
    submitted()
    app.dispatch(now=NOW + timedelta(hours=1))
    assert (len(receiver.calls), len(rows(app, recipient=close_by.id))) == (1, 2)


def test_what_was_called_is_played_again_to_the_byte_even_if_things_have_moved_on(
    app: App, submitted: Made, receiver: Receiver, close_by: webhooks.Hook
) -> None:
    number = submitted()
    app.dispatch(now=NOW)
    app.sweep(now=(late := NOW + timedelta(days=20)))
    app.dispatch(now=late)
    app.engine.execute(Advance(actor=RESIDENT, item=number, transition="withdraw"), now=late)
    app.dispatch(now=late)
    before = list(receiver.calls)
    replay = lambda since: app.database.attempt(  # noqa: E731
        lambda connection: webhooks.replay(connection, close_by.id, since, late)
    )
    assert (len(before), replay(NOW), app.dispatch(now=late).left_out) == (4, 4, 0)
    again = receiver.calls[len(before) :]
    assert sorted(body for _, body in again) == sorted(body for _, body in before)
    assert {headers["webhook-id"] for headers, _ in again} == {headers["webhook-id"] for headers, _ in before}
    assert replay(late) == 2  # what was told since
    app.dispatch(now=late)
    forgotten = late + webhooks.KEPT + timedelta(days=1)
    assert app.database.attempt(lambda connection: webhooks.forget(connection, forgotten)) == 4
    assert {row.message for row in rows(app, recipient=close_by.id)} == {None}
