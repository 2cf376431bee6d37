"""The composition root: puts the rooms together for whichever door is opened. The only module that reads `config`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

import config
import notifications
from config.settings import Settings as Settings
from config.settings import WrongSetting, documents_beside
from config.settings import database_url as checked_url
from config.settings import on_loopback as on_loopback
from ideenweg import answers
from ideenweg.answers import Answer
from ideenweg.outgoing import OWN_MACHINE, Outgoing, no_key
from states.calendar import WorkingCalendar
from states.guards import Guard, guards_with
from states.lifecycle import Lifecycle
from states.loader import load_calendar, load_lifecycle, load_programme
from states.programme import Programme
from workflow import documents, drafts, erasure, migrations
from workflow.audit import Audit
from workflow.calendars import keep
from workflow.commands import AttachDocument
from workflow.db import Database
from workflow.engine import Engine, Outcome
from workflow.errors import BadInput
from workflow.files import Files
from workflow.rules import Rules
from workflow.streams import Origin
from workflow.sweep import Swept, sweep

if TYPE_CHECKING:
    from notifications.channels import Channel
    from notifications.dispatch import Dispatched, Dispatcher
    from notifications.expand import Post
    from notifications.render import Templates

SHIPPED = Path(config.__file__).parent
TEMPLATES = Path(notifications.__file__).parent / "templates"


@dataclass(frozen=True)
class App:
    """An opened workflow: what the doors and scripts call. Close it when done, or use it in a `with`."""

    database: Database
    rules: Rules
    engine: Engine
    config_dir: Path
    files: Files
    outgoing: Outgoing = field(default_factory=Outgoing)

    @cached_property
    def templates(self) -> Templates:
        """The words of notices: the shipped ones, and those of the configuration folder."""
        return templates(self.config_dir)

    @property
    def answers(self) -> Mapping[str, Answer]:
        """The answers written beforehand, read anew: whoever edits one need not start anything. Raises BadInput."""
        return answers.answers((SHIPPED, self.config_dir))

    @cached_property
    def _dispatcher(self) -> Dispatcher:
        return self.outgoing.dispatcher(self.database, self.rules, self.templates)

    @cached_property
    def post(self) -> Post:
        """How deliveries are made here."""
        return self.outgoing.post(self.rules, self.templates)

    def dispatch(self, *, now: datetime) -> Dispatched:
        """Make deliveries of what is to be told by the aware moment `now`, and send what may be sent, once."""
        return self._dispatcher.run(now)

    def engine_via(self, door: str) -> Engine:
        """The engine for another door (page, api, clock): what it does is noted as done by that door."""
        return Engine(self.database, self.rules, via=door, account=self.engine.account, default=self.engine.default)

    @cached_property
    def audit(self) -> Audit:
        """The history: list, verify, export."""
        return Audit(self.database, self.rules, self.files)

    def attach(
        self,
        engine: Engine,
        *,
        actor: str,
        item: str,
        name: str,
        content: bytes,
        now: datetime,
        on_behalf_of: str | None = None,
        record: str | None = None,
        public: bool = False,
        revision: int | None = None,
        command_id: str | None = None,
    ) -> Outcome:
        """Look into a file, keep it, and attach it to an item by `engine`; durable when this returns.

        Raises what `Engine.execute` raises, Invalid for a file that is not let in, and OSError.
        """
        kept = documents.keep(self.files, name, content, self.rules.programme.documents)
        command = AttachDocument(
            actor=actor, item=item, on_behalf_of=on_behalf_of, record=record, public=public, revision=revision,
            command_id=command_id, name=kept.name, media_type=kept.media_type, size=kept.size, sha256=kept.sha256,
        )  # fmt: skip
        return engine.execute(command, now=now)

    def housekeep(self, *, now: datetime) -> None:
        """Throw away the drafts that were kept long enough by `now`, and the files that nothing names any more."""
        self.database.attempt(lambda connection: drafts.purge(connection, now))
        documents.sweep(self.database, self.files, now)

    def erase(self, asked: str, origin: Origin, now: datetime) -> erasure.Erased:
        """Erase a person, with the files they handed in. Raises NotFound and StorageError."""
        erased = erasure.erase(self.database, self.rules, asked, origin, now)
        documents.discard(self.database, self.files, erased.files)
        return erased

    def sweep(self, *, now: datetime) -> Swept:
        """Carry out what is due at the aware moment `now`: expiries, recurring transitions, follow-ups."""
        return sweep(self.database, self.rules, now)

    def load(self, path: Path, *, now: datetime | None = None) -> tuple[Lifecycle, bool]:
        """Check a lifecycle file and store it; whether it was new. Raises FileFault, BadInput, Conflict."""
        lifecycle = checked_lifecycle(path, self.config_dir, programme=self.rules.programme)
        origin = Origin(self.engine.account or "operator", self.engine.via, self.engine.account)
        return lifecycle, self.store(lifecycle, origin, now or datetime.now(UTC))

    def check(self, text: str, name: str) -> Lifecycle:
        """The lifecycle that the YAML `text` gives, by this installation's programme. Raises FileFault."""
        return checked_text(text, name, self.config_dir, self.rules.programme)

    def store(self, lifecycle: Lifecycle, origin: Origin, now: datetime) -> bool:
        """Store a checked lifecycle; whether it was new. Raises Conflict."""

        def store(connection: Connection) -> bool:
            new = self.rules.store_lifecycle(connection, lifecycle, origin, now)
            if new and lifecycle.calendar:
                keep(connection, self.rules.calendars[lifecycle.calendar], origin, now)
                self.rules.read_calendars(connection)
            return new

        return self.database.attempt(store)

    def close(self) -> None:
        """Give the database connections back."""
        self.database.close()

    def __enter__(self) -> App:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open_workflow(
    database_url: str,
    *,
    lifecycle: Path | None = None,
    config_dir: Path | None = None,
    create: bool = True,
    via: str = "api",
    account: str | None = None,
    outgoing: Outgoing | None = None,
    documents_in: Path | None = None,
) -> App:
    """Open a database with the rules of `config_dir` (absent: the shipped ones).

    An empty database gets its tables, unless `create` is False: then it raises SchemaMissing. One of another version
    raises SchemaError with the remedy. The programme of `config_dir` is stored if it is new, and so is the file
    `lifecycle`, which is then the default for `Create`; without one the programme says which lifecycle new items take.
    via, account: the door and the operating system's account, for the history. outgoing: how mails leave; absent, they
    stay in the outbox. documents_in: the folder of documents; absent: beside the database.
    """
    folder = config_dir or SHIPPED
    database = Database(database_url)
    try:
        if create and migrations.status(database).schema is migrations.Schema.EMPTY:
            migrations.upgrade(database_url)
        migrations.require_current(database)
        rules = Rules(vocabulary=vocabulary(), calendars=Calendars(folder))
        with database.reading() as connection:
            rules.read_calendars(connection)
        engine = Engine(database, rules, via=via, account=account)
        files = Files(documents_in or documents_beside(database_url))
        app = App(database, rules, engine, folder, files, outgoing or Outgoing())
        _store_programme(app, folder / "programme.yaml")
        app.engine.default = app.load(lifecycle)[0].key if lifecycle else rules.programme.lifecycle
    except BaseException:
        database.close()
        raise
    return app


def checked_lifecycle(path: Path, folder: Path, *, programme: Programme | None = None) -> Lifecycle:
    """The lifecycle in a file, sound by every check that the configuration `folder` allows; no database is needed.

    programme: absent, the folder's own, if it has one. Raises FileFault with every finding, and BadInput.
    """
    own = folder / "programme.yaml"
    if programme is None and own.exists():
        programme = load_programme(read_text(own), str(own))
    return checked_text(read_text(path), str(path), folder, programme)


def checked_text(text: str, name: str, folder: Path, programme: Programme | None) -> Lifecycle:
    """`checked_lifecycle` of a text; `name` is what findings call it. Raises FileFault."""
    return load_lifecycle(
        text,
        name,
        vocabulary=vocabulary(),
        notices=notice_names(folder),
        programme=programme,
        calendars=Calendars(folder),
    )


def settings(environ: Mapping[str, str], database: str | None = None) -> Settings:
    """The settings that `environ` gives, with `database` (what `--database` says) in place of its database.

    Raises BadInput that names the variable or option.
    """
    try:
        if database is None:
            return Settings.from_env(environ)
        url = checked_url(database, "--database")
        return Settings.from_env({**environ, "IDEENWEG_DATABASE_URL": url})
    except WrongSetting as error:
        raise BadInput(f"{error.variable} {error.wrong}.", remedy=error.right) from None


def templates(folder: Path) -> Templates:
    """The words of notices: the shipped ones, and those of a configuration folder."""
    from notifications.render import Templates

    return Templates(folder / "templates")


def check_templates(found: Templates) -> None:
    """Return if every template can be used. Raises BadInput with the place of the first that cannot, and all others."""
    faults = list(found.check())
    if faults:
        others = "".join(f"\n{fault}" for fault in faults[1:])
        raise BadInput(faults[0].wrong + "." + others, faults[0].place, remedy=None)


def outgoing(settings: Settings) -> Outgoing:
    """How mails leave an installation with these settings. Raises BadInput where links could not be signed."""
    if settings.mail and not settings.secret_keys and settings.secret_file is None:
        raise no_key()
    return Outgoing(
        settings.base_url or OWN_MACHINE,
        _mail_channel(settings) if settings.mail else None,
        settings.secret_keys,
        settings.secret_file,
    )


def _mail_channel(settings: Settings) -> Channel:
    from notifications.channels.email import Email, MailServer
    from notifications.channels.log import Log

    mail = settings.mail
    assert mail is not None
    if mail.log:
        return Log()
    return Email(MailServer(mail.host, mail.port, mail.tls, mail.starttls, mail.user, mail.password, mail.sender))


def vocabulary() -> Mapping[str, Guard]:
    """The built-in guards and those of installed packages (entry-point group `ideenweg.guards`)."""
    return guards_with(point.load() for point in entry_points(group="ideenweg.guards"))


class Calendars(Mapping[str, WorkingCalendar]):
    """The working-day calendars of a configuration folder, by key; read when somebody counts by one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, key: str) -> WorkingCalendar:
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> dict[str, WorkingCalendar]:
        files = sorted(self._folder.glob("calendars/*.yaml"))
        found = [load_calendar(read_text(path), str(path)) for path in files]
        return {calendar.key: calendar for calendar in found}


def notice_names(folder: Path) -> frozenset[str]:
    """The notices that have templates, shipped or the operator's own."""
    return frozenset(
        path.parent.name for root in (TEMPLATES, folder / "templates") for path in root.glob("*/*/subject.txt")
    )


def lifecycle_file(name: str, folder: Path) -> Path:
    """The file `name`, or the lifecycle of that key in a configuration folder. Raises BadInput."""
    path = Path(name)
    if path.exists():
        return path
    for place in (folder, SHIPPED):
        if (found := place / "lifecycles" / f"{name}.yaml").exists():
            return found
    shipped = ", ".join(sorted(one.stem for one in SHIPPED.glob("lifecycles/*.yaml")))
    raise BadInput(f"There is no file {name}.", remedy=f"Name a YAML file, or one of the shipped keys: {shipped}.")


def read_text(path: Path) -> str:
    """The text of a UTF-8 file. Raises BadInput with the place of the first byte that is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadInput("this is not UTF-8 text.", f"{path}:{line}", remedy="Save the file as UTF-8.") from None


def _store_programme(app: App, path: Path) -> None:
    if not path.exists():
        return
    programme = load_programme(read_text(path), str(path))
    with app.database.reading() as connection:
        known = app.rules.adopt(connection, programme)
    if not known:  # only then is a writing transaction worth its wait
        origin = Origin(app.engine.account or "operator", app.engine.via, app.engine.account)
        app.database.attempt(
            lambda connection: app.rules.store_programme(connection, programme, origin, datetime.now(UTC))
        )
