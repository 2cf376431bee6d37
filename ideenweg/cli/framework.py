"""Commands and groups as this command line has them: imported on demand, and each with the options all have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Any, cast

import click

from ideenweg.cli.session import Session


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value is not None and value is not False:
            setattr(ctx.find_object(Session), name, value)

    return keep


def _everywhere() -> list[click.Parameter]:
    """The options that stand before and after every subcommand."""
    return [
        click.Option(
            ["--json"], is_flag=True, is_eager=True, expose_value=False, callback=_keep("as_json"),
            help="One JSON document on stdout.",
        ),
        click.Option(
            ["--database"], metavar="URL", expose_value=False, callback=_keep("database"),
            help="sqlite:///FILE or postgresql://…; else IDEENWEG_DATABASE_URL, else sqlite:///ideenweg.db.",
        ),
        click.Option(
            ["--locale"], type=click.Choice(["de", "en"]), is_eager=True, expose_value=False,
            callback=_keep("locale"), help="The language of messages; else LC_ALL, LC_MESSAGES or LANG.",
        ),
    ]  # fmt: skip


class Command(click.Command):
    """A command with the options that all have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _everywhere()


class Group(click.Group):
    """A group whose commands and groups have the options that all have."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _everywhere()


class LazyGroup(Group):
    """A group that imports the module of a command when it is called."""

    def __init__(self, *args: Any, subjects: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = {name: module for name, (module, _) in subjects.items()}
        self.commands.update({name: click.Command(name, short_help=text) for name, (_, text) in subjects.items()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = self._modules.get(cmd_name)
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        return cast(click.Command, getattr(import_module(f"ideenweg.cli.{module}"), name)) if module else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.commands[name].get_short_help_str(limit=90)) for name in self.commands])
