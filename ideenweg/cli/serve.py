"""`ideenweg run`, `web` and `worker`: the pages and the clock, in one process or apart."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from errno import EACCES, EADDRINUSE
from types import FrameType
from typing import TYPE_CHECKING

import click

from ideenweg.chores import SWEEP_EVERY, clock_of
from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit, line, progress
from ideenweg.cli.session import Progress, Session, pass_session
from ideenweg.outgoing import no_key
from ideenweg.wiring import App, Settings, check_templates, on_loopback, open_workflow, outgoing, templates
from states.snapshot import local_day
from workflow.accounts import keeping, links
from workflow.accounts.links import Purpose
from workflow.errors import BadInput

if TYPE_CHECKING:
    from ideenweg.demo.play import Played
    from ideenweg.oidc import Provider

GRACE_SECONDS = 3
"""How long requests under way may take when the program is told to stop."""

HOST = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
PORT = click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0 takes a free one."
)


@click.command(cls=Command)
@click.option("--demo", is_flag=True, help="Make the database if there is none, and fill it with invented ideas.")
@HOST
@PORT
@pass_session
def run(session: Session, demo: bool, host: str, port: int) -> None:
    """Show the pages and run the clock, in one process. Stop it with Ctrl-C.

    With --demo the database is made if there is none, and gets the lifecycles, accounts and ideas of a demonstration;
    called again it finds them there.

    \b
    Examples:
      ideenweg run --demo
      ideenweg run --port 8080
      IDEENWEG_BASE_URL=https://ideen.example.org ideenweg run --host 0.0.0.0
    """
    settings = session.settings()
    with listen(host, port, settings) as listener:
        if demo:
            with _opened(session, settings, create=True) as app:
                told = _play(session, app)
                _serve(session, settings, app, listener, clock=True, told=told)
        else:
            with _opened(session, settings) as app:
                _serve(session, settings, app, listener, clock=True)


@click.command(cls=Command)
@HOST
@PORT
@pass_session
def web(session: Session, host: str, port: int) -> None:
    """Show the pages alone; `ideenweg worker` runs the clock. Any number of each on PostgreSQL.

    \b
    Examples:
      ideenweg web --port 8080
    """
    settings = session.settings()
    with listen(host, port, settings) as listener, _opened(session, settings) as app:
        _serve(session, settings, app, listener, clock=False)


@click.command(cls=Command)
@pass_session
def worker(session: Session) -> None:
    """Run the clock alone: what time brings about happens within half a minute. Stop it with Ctrl-C.

    \b
    Examples:
      ideenweg worker
    """
    stop = threading.Event()
    _on_signals(stop.set)
    _log()
    with session.app() as app:
        clock = clock_of(app)
        clock.start()
        if session.as_json:
            emit({"clock": "running", "every_seconds": SWEEP_EVERY.seconds})
        else:
            line(session.say("Die Uhr läuft. Beenden mit Strg-C.", "The clock is running. Stop it with Ctrl-C."))
        stop.wait()
        clock.stop()
    _say_goodbye(session)


def listen(host: str, port: int, settings: Settings) -> socket.socket:
    """A socket that listens there, so that what stands against it is known before anything is done. Raises BadInput."""
    if settings.base_url is None and not on_loopback(host):
        raise BadInput(
            f"Others could reach {host}, and the settings for serving them are not complete.",
            remedy="Set IDEENWEG_BASE_URL to the address people type, or leave out --host.",
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise BadInput(f"There is no address {host}: {error.strerror}.", remedy="Leave out --host.") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(socket.SOMAXCONN)
    except OSError as error:
        listener.close()
        match error.errno:
            case int() if error.errno == EADDRINUSE:
                remedy = f"End the program that uses it, or take another port: --port {port + 1}."
                raise BadInput(f"Port {port} is in use.", remedy=remedy) from None
            case int() if error.errno == EACCES:
                raise BadInput(f"Port {port} is for administrators.", remedy="Take one from 1024 on.") from None
        raise BadInput(f"{host} cannot be listened on: {error.strerror}.", remedy="Leave out --host.") from None
    return listener


def _opened(session: Session, settings: Settings, *, create: bool = False) -> App:
    """The workflow behind the pages; with `create`, in a database that is made or upgraded first."""
    if create:
        from ideenweg.cli.db import bring_up

        bring_up(settings)
    if not settings.secret_keys and settings.secret_file is None:  # forms, sessions and links are signed
        raise no_key()
    if (settings.config_dir / "templates").is_dir():  # a notice that cannot be written is found now, not by night
        check_templates(templates(settings.config_dir))
    return open_workflow(
        settings.database_url, config_dir=settings.config_dir, create=False, via="page", account=session.account,
        outgoing=outgoing(settings), documents_in=settings.documents,
    )  # fmt: skip


def _play(session: Session, app: App) -> Played:
    """Bring the demonstration into the database, and say so."""
    from ideenweg.demo.play import play

    session.progress = Progress.STEPS
    with progress(session.say("Spiele", "Playing")) as move:
        played = play(app, session.now, session.account, move)
    session.progress = Progress.DONE
    if session.as_json:
        return played
    where = app.database.where
    if played.steps:
        line(
            session.say(
                f"Vorführung angelegt in {where}: {played.items} Vorgänge mit {played.steps} Schritten, alle erfunden.",
                f"Demonstration made in {where}: {played.items} items with {played.steps} steps, all made up.",
            )
        )
    else:
        line(session.say(f"Die Vorführung liegt schon in {where}.", f"The demonstration is in {where} already."))
    return played


def _serve(
    session: Session,
    settings: Settings,
    app: App,
    listener: socket.socket,
    *,
    clock: bool,
    told: Played | None = None,
) -> None:
    """Show the pages until a signal says stop; then let requests under way end, and the clock."""
    import uvicorn

    from ideenweg.demo.play import is_demonstration
    from ideenweg.web.app import LOOPBACK, create_app

    with app.database.reading() as connection:
        invented = is_demonstration(connection)

    @asynccontextmanager
    async def beside() -> AsyncIterator[None]:
        import anyio

        running = pages.state.clock = clock_of(app)
        running.start()
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(running.stop)

    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    pages = create_app(
        app,
        base_url=settings.base_url,
        hosts=LOOPBACK | {shown},
        demo=invented,
        beside=beside if clock else None,
        provider=provider(settings),
        proxies=settings.trusted_proxies,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            pages,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # create_app believes those that the settings name
            ws="none",
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )

    def stop() -> None:
        server.should_exit = True

    # The server raises the signal that ended it once more, when it has shut down; to that, nothing is left to do.
    _on_signals(stop)
    _log()
    url = settings.base_url or f"http://{shown}:{port}"
    set_up = None if invented else set_up_link(app, url, session.now)
    if session.as_json:
        steps = {"demo": {"steps": told.steps, "items": told.items}} if told else {}
        emit({"url": url, "clock": clock, **steps, **({"set_up": set_up} if set_up else {})})
    else:
        line(session.say(f"Ideenweg läuft: {url}", f"Ideenweg is running: {url}"), style="bold")
        if set_up:
            line(
                session.say(
                    f"Noch administriert niemand. Das erste Konto entsteht hier, binnen 24 Stunden:\n{set_up}",
                    f"Nobody administers yet. The first account is made here, within 24 hours:\n{set_up}",
                )
            )
        line(session.say("Beenden mit Strg-C.", "Stop it with Ctrl-C."))
    server.run(sockets=[listener])
    _say_goodbye(session)


def provider(settings: Settings) -> Provider | None:
    """Where people may sign in besides. Raises BadInput for a sign-in.yaml with a fault: it is found at the start."""
    from ideenweg.claims import read_claims
    from ideenweg.oidc import Provider

    read_claims(settings.config_dir)
    at = settings.provider
    return Provider(at.issuer, at.client_id, at.client_secret) if at else None


def set_up_link(app: App, url: str, now: datetime) -> str | None:
    """Where the first administrator makes their account, while there is none."""
    today = local_day(now, app.rules.programme)
    with app.database.reading() as connection:
        if keeping.has_administrator(connection, app.rules.programme, today):
            return None
    key = app.database.attempt(lambda connection: links.make(connection, Purpose.SET_UP, None, now))
    return f"{url}/einrichten/{links.token(app.outgoing.keys, key)}"


def _on_signals(stop: Callable[[], None]) -> None:
    def handle(number: int, frame: FrameType | None) -> None:
        stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def _log() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _say_goodbye(session: Session) -> None:
    if not session.as_json:
        line(session.say("Beendet.", "Stopped."))
