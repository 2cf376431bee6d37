"""What every test may ask for: a fresh database of each kind, the real data beside the checkout, a browser.

`database_url` runs a test on SQLite and on PostgreSQL, on an upgraded database of its own; `empty_database_url` the
same without a schema; `sqlite_url`, `postgresql_url`, `empty_sqlite_url`, `empty_postgresql_url` are the single ones.
One PostgreSQL server serves the whole run and all its workers; it starts with the first test that needs it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, create_engine, make_url, text

from bench import postgres
from workflow import access
from workflow.streams import Origin

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from ideenweg.wiring import App

ROOT = Path(__file__).parents[1]
TEMPLATE = "ideenweg_template"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# The same cases in every run; the campaign draws others.
settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("campaign", settings.get_profile("default"), derandomize=False, max_examples=2000)
settings.load_profile("default")

run_folder = pytest.StashKey[Path]()
run_owner = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    # The operator's own settings are no part of a test.
    for name in [name for name in os.environ if name.startswith("IDEENWEG_")]:
        del os.environ[name]
    # A shell without job control lets what it runs in the background ignore Ctrl-C, and their children with them.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    folder = postgres.home(durable=False) / f"ideenweg-tests-{uuid.uuid4().hex[:12]}"
    config.stash[run_folder] = Path(worker.get("run_folder", folder))
    config.stash[run_owner] = worker.get("run_owner", os.getpid())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["run_folder"] = str(node.config.stash[run_folder])
    node.workerinput["run_owner"] = node.config.stash[run_owner]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The figures that tests gave by `record_property`, whichever worker ran them."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid}: {figure:,} {name}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop(config.stash[run_folder])


# --- databases --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_cluster(request: pytest.FixtureRequest) -> postgres.Server:
    """The run's PostgreSQL server, as bench/postgres.py gives it: `.url(database, user)`."""
    stash = request.config.stash
    return postgres.start(stash[run_folder], owner=stash[run_owner], durable=False)


@pytest.fixture(scope="session")
def postgres_server(postgres_cluster: postgres.Server) -> str:
    """The URL of a superuser on the run's PostgreSQL server."""
    return postgres_cluster.url()


@pytest.fixture(scope="session")
def postgres_admin(postgres_server: str) -> Iterator[Connection]:
    """A superuser's connection, one a worker, for what no transaction may hold: CREATE DATABASE."""
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of the run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if hasattr(request.config, "workerinput") else folder


def once(done: Path, make: Callable[[], None]) -> None:
    """Call `make` once in the whole run, whichever worker comes first; `done` is the file that says so."""
    with done.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make()
            done.touch()


@pytest.fixture(scope="session")
def sqlite_template(templates: Path) -> Path:
    """An upgraded SQLite file, to be copied."""
    from workflow.migrations import upgrade

    template = templates / "template.db"
    once(templates / "sqlite.made", lambda: upgrade(f"sqlite:///{template}"))
    assert not template.with_name("template.db-wal").exists(), "upgrade() left a connection open"
    return template


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: postgres.Server, postgres_admin: Connection, templates: Path) -> str:
    """The name of an upgraded PostgreSQL database, to be cloned; nothing stays connected to it."""
    from workflow.migrations import upgrade

    def make() -> None:
        postgres_admin.execute(text(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)"))
        postgres_admin.execute(text(f"CREATE DATABASE {TEMPLATE}"))
        upgrade(postgres_cluster.url(TEMPLATE))

    once(templates / "postgresql.made", make)
    return TEMPLATE


@contextmanager
def postgres_database(server: postgres.Server, admin: Connection, template: str) -> Iterator[str]:
    """A database of one test's own. Cloned, since append-only tables cannot be emptied: 12 ms, and 5 to drop it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    yield server.url(name)
    admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    database = tmp_path / "ideenweg.db"
    shutil.copyfile(sqlite_template, database)
    return f"sqlite:///{database}"


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ideenweg.db'}"


@pytest.fixture
def postgresql_url(
    postgres_cluster: postgres.Server, postgres_admin: Connection, postgres_template: str
) -> Iterator[str]:
    with postgres_database(postgres_cluster, postgres_admin, postgres_template) as url:
        yield url


@pytest.fixture
def empty_postgresql_url(postgres_cluster: postgres.Server, postgres_admin: Connection) -> Iterator[str]:
    with postgres_database(postgres_cluster, postgres_admin, "template1") as url:
        yield url


@pytest.fixture(scope="session")
def furnish(request: pytest.FixtureRequest, templates: Path) -> Callable[[str, str, Callable[[str], None]], None]:
    """Gives a test's database what `make` puts into one, which it does once in the run: furnish(url, name, make)."""

    def sqlite(file: Path, name: str, make: Callable[[str], None]) -> None:
        made = templates / f"{name}.db"

        def first() -> None:
            shutil.copyfile(request.getfixturevalue("sqlite_template"), made)
            make(f"sqlite:///{made}")

        once(made.with_suffix(".sqlite"), first)
        shutil.copyfile(made, file)

    def postgresql(database: str, name: str, make: Callable[[str], None]) -> None:
        admin, server = request.getfixturevalue("postgres_admin"), request.getfixturevalue("postgres_cluster")
        made = f"{TEMPLATE}_{name}"

        def clone(template: str, database: str) -> None:
            admin.execute(text(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
            admin.execute(text(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy"))

        def first() -> None:
            clone(request.getfixturevalue("postgres_template"), made)
            make(server.url(made))

        once(templates / f"{name}.postgresql", first)
        clone(made, database)

    def furnish(url: str, name: str, make: Callable[[str], None]) -> None:
        database = make_url(url).database
        assert database is not None
        if url.startswith("sqlite"):
            sqlite(Path(database), name, make)
        else:
            postgresql(database, name, make)

    return furnish


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


# --- people -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def appoint() -> Callable[..., None]:
    """Makes people known to a workflow, with roles of one of its lifecycles: appoint(app, lifecycle, people, now).

    people: address -> what they are granted: (role, scope) each. since, until: the days between which they hold it.
    """

    def appoint(
        app: App, lifecycle: str, people: Mapping[str, Iterable[tuple[str, str | None]]], now: datetime, *,
        since: date = date(2020, 1, 1), until: date | None = None,
    ) -> None:  # fmt: skip
        roles, origin = app.rules.newest_of(app.database, lifecycle).roles, Origin("operator", "cli")

        def make(connection: Connection) -> None:
            for email, grants in people.items():
                access.add(connection, email, email.partition("@")[0], origin, now)
                for role, scope in grants:
                    access.grant(
                        connection, email, roles[role], scope, app.rules.programme, origin, now,
                        valid_from=since, valid_to=until,
                    )  # fmt: skip

        app.database.attempt(make)

    return appoint


# --- beside the checkout ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared` beside the checkout: real data and schemas that are no part of the repository."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the real data in the folder 'shared' beside the checkout, and there is none")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The machine's Chromium. Without one the test is skipped, or fails with REQUIRE_BROWSER=1."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return Path(found)
    missing = "needs Chromium: 'apt-get install chromium' (Debian), or any other that is called " + ", ".join(BROWSERS)
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """A headless Chromium, one a worker; a test opens a context of its own in it."""
    from playwright.sync_api import sync_playwright

    # Chromium refuses its sandbox to root, and containers have a small /dev/shm.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()
