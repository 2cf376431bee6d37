"""What one call of the command line knows: its options, its language, its operator, and the workflow it opens."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ideenweg.cli.inputs import DataFile
    from ideenweg.wiring import App, Settings
    from workflow.streams import Origin


class Progress(Enum):
    """How far a call has come: what Ctrl-C may say."""

    NOTHING = "nothing was changed"
    STEPS = "some steps are done, the one under way was taken back"
    DONE = "everything is done, only the answer is missing"


@dataclass(slots=True)
class Session:
    """One call. `as_json`, `database` and `locale` are what the options of the same names say.

    data: the file that `--data` named, for the places of what is wrong in it.
    """

    environ: Mapping[str, str]
    as_json: bool = False
    database: str | None = None
    locale: str = "en"
    progress: Progress = Progress.NOTHING
    data: DataFile | None = None

    @classmethod
    def of(cls, arguments: Sequence[str], environ: Mapping[str, str]) -> Session:
        """The call with these arguments; `--json` counts already here, for errors in the arguments themselves."""
        own = list(arguments[: arguments.index("--")]) if "--" in arguments else list(arguments)
        return cls(environ, as_json="--json" in own, locale=_locale(environ))

    def say(self, de: str, en: str) -> str:
        """The sentence in the language of this call."""
        return de if self.locale == "de" else en

    @property
    def now(self) -> datetime:
        """The aware moment of the call."""
        return datetime.now(UTC)

    @property
    def account(self) -> str:
        """The operating system's account: whose doing this call is, whoever `--as` names. Not taken from LOGNAME or
        USER, which anybody may set."""
        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return f"uid-{os.getuid()}"

    @property
    def origin(self) -> Origin:
        """Who writes the events of what the operator does in their own name."""
        from workflow.streams import Origin

        return Origin(self.account, "cli", self.account)

    def settings(self) -> Settings:
        """The settings of this installation with the database that `--database` names. Raises BadInput."""
        from ideenweg.wiring import settings

        return settings(self.environ, self.database)

    @contextmanager
    def app(self) -> Iterator[App]:
        """The workflow on the database of this call, which has to be there and up to date. Raises StorageError."""
        from ideenweg.wiring import open_workflow, outgoing

        settings = self.settings()
        with open_workflow(
            settings.database_url, config_dir=settings.config_dir, create=False, via="cli", account=self.account,
            outgoing=outgoing(settings), documents_in=settings.documents,
        ) as app:  # fmt: skip
            yield app


pass_session = click.make_pass_decorator(Session)


def _locale(environ: Mapping[str, str]) -> str:
    """The language that the environment asks for, by the precedence of POSIX (XBD 8.2)."""
    chosen = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "de" if chosen.lower().startswith("de") else "en"
