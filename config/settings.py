"""The settings of one process, made once from an environment that is handed in. Nothing is read at import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

SHIPPED = Path(__file__).parent
"""The folder with the shipped programme, lifecycles and calendars."""

DEFAULT_DATABASE = "sqlite:///ideenweg.db"


class WrongSetting(ValueError):
    """A variable with a value that cannot be used: which one, what is wrong with it, what would be right.

    The value itself is not repeated: it may hold a password.
    """

    def __init__(self, variable: str, wrong: str, right: str) -> None:
        self.variable, self.wrong, self.right = variable, wrong, right
        super().__init__(f"{variable} {wrong}. {right}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """A mail server. tls: encrypted from the first byte; starttls: after the greeting, or not at all.

    log: there is none; mails are written to the log. sender: the address that sends; None: the office in charge.
    """

    host: str = ""
    port: int = 25
    tls: bool = False
    starttls: bool = True
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str | None = None
    log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """Where people may sign in (OpenID Connect), and what this installation is called there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What differs between installations. Passed down, never looked up.

    database_url: SQLAlchemy's form, always with the driver (`sqlite:///…`, `postgresql+psycopg://…`).
    owner_database_url: the owner's way into the same PostgreSQL database, for upgrades and retention; else None.
    config_dir: where programme.yaml, lifecycles/ and calendars/ are.
    documents: the folder of uploaded documents; it need not exist yet.
    base_url: where people reach the pages, without a slash at the end; None on the own machine.
    mail: where mails are handed in; None: they stay in the outbox.
    secret_keys: what links and calls are signed with, the present one first; empty: `secret_file` has it.
    provider: where people may sign in besides; None: nowhere.
    trusted_proxies: addresses and networks of the proxies that are believed when they say who asks; empty: nobody is.
    """

    database_url: str = field(default=DEFAULT_DATABASE, repr=False)
    owner_database_url: str | None = field(default=None, repr=False)
    config_dir: Path = SHIPPED
    documents: Path = Path("documents")
    base_url: str | None = None
    mail: MailSettings | None = None
    secret_keys: tuple[bytes, ...] = field(default=(), repr=False)
    provider: ProviderSettings | None = None
    trusted_proxies: tuple[str, ...] = ()

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """The settings that `environ` gives; an empty variable counts as unset. Raises WrongSetting."""
        given = {name: value.strip() for name, value in environ.items() if value.strip()}
        url = database_url(given.get("IDEENWEG_DATABASE_URL", DEFAULT_DATABASE))
        return cls(
            database_url=url,
            owner_database_url=_owner_url(given.get("IDEENWEG_OWNER_DATABASE_URL"), url),
            config_dir=_config_dir(given.get("IDEENWEG_CONFIG_DIR")),
            documents=_documents(given.get("IDEENWEG_DOCUMENTS"), url),
            base_url=_base_url(given.get("IDEENWEG_BASE_URL")),
            mail=_mail(given.get("IDEENWEG_SMTP_URL")),
            secret_keys=_secret_keys(given),
            provider=_provider(given),
            trusted_proxies=_trusted_proxies(given.get("IDEENWEG_TRUSTED_PROXIES")),
        )

    @property
    def secret_file(self) -> Path | None:
        """Where a key is kept if none is set: beside the SQLite file. None with PostgreSQL, where one has to be set."""
        file = make_url(self.database_url).database if self.database_url.startswith("sqlite") else None
        return Path(f"{file}.key") if file else None


def database_url(text: str, variable: str = "IDEENWEG_DATABASE_URL") -> str:
    """The URL of a database with its driver: `postgresql://…` becomes `postgresql+psycopg://…`.

    `variable` is what an error names; `--database` for the command line. Raises WrongSetting.
    """
    right = "Give sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME."
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise WrongSetting(variable, "is no database URL", right) from None
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        if not url.database:
            raise WrongSetting(variable, "names no database", right)
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if url.database in (None, "", ":memory:"):
            raise WrongSetting(variable, "names no file: a database in memory is gone when the command ends", right)
        return url.set(drivername="sqlite").render_as_string(hide_password=False)
    raise WrongSetting(variable, f"is of a kind that is not supported: {url.drivername}", right)


def on_loopback(host: str) -> bool:
    """Whether `host` is this machine alone: `localhost`, 127.0.0.0/8 or ::1."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _owner_url(text: str | None, database: str) -> str | None:
    if text is None:
        return None
    variable = "IDEENWEG_OWNER_DATABASE_URL"
    url = database_url(text, variable)
    if not (url.startswith("postgresql+") and database.startswith("postgresql+")):
        raise WrongSetting(
            variable,
            "is for PostgreSQL alone",
            "Leave it out with SQLite; with PostgreSQL give the owner's URL of the database in IDEENWEG_DATABASE_URL.",
        )
    return url


def _config_dir(text: str | None) -> Path:
    if text is None:
        return SHIPPED
    folder = Path(text).expanduser()
    if not (folder / "programme.yaml").is_file():
        raise WrongSetting(
            "IDEENWEG_CONFIG_DIR",
            f"is no folder with a programme.yaml: {folder}",
            f"Give a copy of {SHIPPED}, or leave it out to use that folder itself.",
        )
    return folder


def _documents(text: str | None, database: str) -> Path:
    if text is None:
        return documents_beside(database)
    folder = Path(text).expanduser()
    if folder.exists() and not folder.is_dir():
        raise WrongSetting("IDEENWEG_DOCUMENTS", f"is a file: {folder}", "Give a folder; it is made when needed.")
    return folder


def documents_beside(database: str) -> Path:
    """The folder of documents where none is set: beside the SQLite file, else in the working folder."""
    file = make_url(database).database if database.startswith("sqlite") else None
    return Path(file).parent / "documents" if file else Path("documents")


def _base_url(text: str | None) -> str | None:
    if text is None:
        return None
    variable, right = "IDEENWEG_BASE_URL", "Give the address people type, such as https://ideen.example.org."
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise WrongSetting(variable, "is no address", right) from None
    if url.scheme not in ("http", "https") or not host:
        raise WrongSetting(variable, "does not begin with https:// and a host", right)
    if url.username or url.query or url.fragment:
        raise WrongSetting(variable, "holds more than scheme, host, port and path", right)
    if url.scheme == "http" and not on_loopback(host):
        raise WrongSetting(variable, "is not encrypted", right)
    return text.rstrip("/")


def _trusted_proxies(text: str | None) -> tuple[str, ...]:
    variable = "IDEENWEG_TRUSTED_PROXIES"
    right = "Give the addresses of your proxies, or their networks, with commas between: 10.0.0.5, 10.1.0.0/24."
    found = []
    for one in text.split(",") if text else ():
        try:
            network = ip_network(one.strip())
        except ValueError:
            raise WrongSetting(variable, "holds what is no address and no network", right) from None
        if network.prefixlen == 0:
            raise WrongSetting(variable, "would believe everybody", right)
        found.append(one.strip())
    return tuple(found)


def _mail(text: str | None) -> MailSettings | None:
    if text is None:
        return None
    variable = "IDEENWEG_SMTP_URL"
    right = "Give smtp://USER:PASSWORD@HOST:PORT, smtps://… or log:, with ?from=ADDRESS for the one that sends."
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
        asked = parse_qs(url.query, strict_parsing=True) if url.query else {}
    except ValueError:
        raise WrongSetting(variable, "is no address", right) from None
    sender = asked.pop("from", [None])[-1]
    if asked:
        raise WrongSetting(variable, f"asks for what there is not: {', '.join(sorted(asked))}", right)
    if sender is not None and not ("@" in sender and sender.isascii() and " " not in sender):
        raise WrongSetting(variable, "has no e-mail address after from=", right)
    if url.scheme == "log":
        return MailSettings(log=True)
    if url.scheme not in ("smtp", "smtps") or not host or url.path.strip("/") or url.fragment:
        raise WrongSetting(variable, "does not begin with smtp:// or smtps:// and a host", right)
    if (url.username is None) != (url.password is None):
        raise WrongSetting(variable, "has a user without a password, or a password without a user", right)
    tls = url.scheme == "smtps"
    return MailSettings(
        host=host,
        port=port or (465 if tls else 587 if url.username else 25),
        tls=tls,
        starttls=not tls and not on_loopback(host),
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        sender=sender,
    )


def _provider(given: Mapping[str, str]) -> ProviderSettings | None:
    names = [f"IDEENWEG_OIDC_{part}" for part in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")]
    missing = [name for name in names if name not in given]
    if len(missing) == len(names):
        return None
    if missing:
        raise WrongSetting(missing[0], "is not set, and the others of OpenID Connect are", f"Set {', '.join(names)}.")
    issuer, right = (
        given[names[0]],
        "Give the issuer as the provider tells it, such as https://login.example.org/realms/city.",
    )
    try:
        url = urlsplit(issuer)
        host = url.hostname
    except ValueError:
        raise WrongSetting(names[0], "is no address", right) from None
    if url.scheme not in ("http", "https") or not host or url.query or url.fragment:
        raise WrongSetting(names[0], "does not begin with https:// and a host", right)
    if url.scheme == "http" and not on_loopback(host):
        raise WrongSetting(names[0], "is not encrypted", right)
    return ProviderSettings(issuer=issuer, client_id=given[names[1]], client_secret=given[names[2]])


LEAST_KEY = 32
"""Characters of a key."""


def _secret_keys(given: Mapping[str, str]) -> tuple[bytes, ...]:
    present, previous = given.get("IDEENWEG_SECRET_KEY"), given.get("IDEENWEG_SECRET_KEY_PREVIOUS")
    for variable, key in (("IDEENWEG_SECRET_KEY", present), ("IDEENWEG_SECRET_KEY_PREVIOUS", previous)):
        if key is not None and len(key) < LEAST_KEY:
            right = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
            raise WrongSetting(variable, f"has fewer than {LEAST_KEY} characters", right)
    if previous and not present:
        raise WrongSetting("IDEENWEG_SECRET_KEY_PREVIOUS", "stands without IDEENWEG_SECRET_KEY", "Set both.")
    return tuple(key.encode() for key in (present, previous) if key)
