"""The frame around all commands: help, options that stand anywhere, languages, one document, a fast start."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from ideenweg.cli import root
from ideenweg.cli.output import clean

if TYPE_CHECKING:
    from conftest import Cli

COMMAND = [str(Path(sys.executable).parent / "ideenweg")]


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


EVERY = list(commands(root))
LEAVES = [(path, command) for path, command in EVERY if not isinstance(command, click.Group)]


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[" ".join(path) for path, _ in LEAVES])
def test_every_command_explains_itself_with_an_example(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help
    assert f"ideenweg {' '.join(path)}" in command.help


@pytest.mark.parametrize(("path", "command"), EVERY, ids=[" ".join(path) for path, _ in EVERY])
def test_every_command_takes_json_and_a_database(path: tuple[str, ...], command: click.Command) -> None:
    taken = {name for option in command.params for name in option.opts}
    assert {"--json", "--database", "--locale"} <= taken


def test_help_imports_none_of_the_rooms() -> None:
    look = "import sys; from ideenweg.cli import run; run(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert "Commands:" in done.stdout
    for heavy in ("sqlalchemy", "alembic", "jsonschema", "rich", "states", "workflow"):
        assert f"'{heavy}'" not in done.stderr


def test_options_stand_before_and_after_the_subcommand(sqlite_cli: Cli) -> None:
    number = sqlite_cli.create()
    other = sqlite_cli.url
    sqlite_cli.url = "sqlite:////nowhere/at-all.db"
    assert sqlite_cli("--json", "--database", other, "item", "show", number).json["item"]["number"] == number
    assert sqlite_cli("item", "--json", "show", number, "--database", other).json["item"]["number"] == number


@pytest.mark.parametrize(
    ("environment", "arguments", "expected"),
    [
        ({"LC_ALL": "de_DE.UTF-8"}, (), "Keine Vorgänge."),
        ({"LC_ALL": "en_GB.UTF-8"}, (), "No items."),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "de_AT.UTF-8"}, (), "Keine Vorgänge."),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, (), "No items."),
        ({"LC_ALL": "de_DE.UTF-8"}, ("--locale", "en"), "No items."),
        ({"LC_ALL": "C"}, ("--locale", "de"), "Keine Vorgänge."),
    ],
)
def test_messages_are_german_or_english(
    sqlite_cli: Cli, environment: dict[str, str], arguments: tuple[str, ...], expected: str
) -> None:
    assert sqlite_cli("item", "list", *arguments, **environment).out.strip() == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("itm", "list"), "Did you mean 'item'?"),
        (("item", "lst"), "Did you mean 'list'?"),
        (("item", "list", "--stat", "draft"), "--state"),
        (("item", "list", "--limit", "many"), "--limit"),
        (("item", "show"), "NUMBER"),
        (("item", "create", "--data", "x.json"), "--as"),
        (("person", "deputy", "a@b.example", "c@d.example", "--from", "morgen", "--to", "2026-07-01"), "2026-06-09"),
        (("audit", "list", "--kind", "advnced"), "Did you mean advanced"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_what_would_be_right(
    sqlite_cli: Cli, arguments: tuple[str, ...], said: str
) -> None:
    plain = sqlite_cli(*arguments)
    assert (plain.code, plain.out) == (2, "")
    assert said in plain.err
    document = sqlite_cli(*arguments, "--json")
    assert document.code == 2
    assert document.error["code"] == "usage"
    assert said in document.error["message"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_a_shell_is_a_script_for_this_command(sqlite_cli: Cli, shell: str) -> None:
    assert "_IDEENWEG_COMPLETE" in sqlite_cli("completion", shell).out
    assert sqlite_cli.document("completion", shell)["shell"] == shell


def test_a_shell_is_told_how_a_word_goes_on() -> None:
    asked = {"_IDEENWEG_COMPLETE": "bash_complete", "COMP_WORDS": "ideenweg audit list --via c", "COMP_CWORD": "4"}
    done = subprocess.run(COMMAND, env=asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["plain,cli", "plain,clock"]


def test_no_colour_reaches_a_pipe_and_json_is_utf_8_whatever_the_terminal_speaks(sqlite_cli: Cli) -> None:
    sqlite_cli.create("Ärger mit Bäumen – überall")
    assert "\x1b" not in sqlite_cli("item", "list").out
    environment = {"IDEENWEG_DATABASE_URL": sqlite_cli.url, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*COMMAND, "item", "list", "--json"], env=environment, capture_output=True, check=True)
    assert json.loads(done.stdout.decode("utf-8"))["items"][0]["title"] == "Ärger mit Bäumen – überall"
    plain = subprocess.run([*COMMAND, "item", "list"], env=environment, capture_output=True, check=True)
    assert b"-0001" in plain.stdout


def test_a_title_cannot_steer_the_terminal(sqlite_cli: Cli) -> None:
    sqlite_cli.create("harmless [red]not markup[/red] title")
    assert "[red]not markup[/red]" in sqlite_cli("item", "list").out
    assert clean("a\x1b]0;evil\x07b\u202ec") == "a\ufffd]0;evil\ufffdb\ufffdc"


def test_a_fault_of_the_program_is_one_line_and_a_traceback_only_when_asked_for(
    sqlite_cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ideenweg.cli.item.list_items", lambda *_: 1 / 0)
    told = sqlite_cli("item", "list")
    assert told.code == 70
    assert "Traceback" not in told.err
    assert "division by zero" in told.err
    assert "Traceback" in sqlite_cli("item", "list", IDEENWEG_DEBUG="1").err
