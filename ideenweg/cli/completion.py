"""`ideenweg completion`: the script that lets a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ideenweg.cli.framework import Command
from ideenweg.cli.output import emit
from ideenweg.cli.session import Session, pass_session

SHELLS = ("bash", "zsh", "fish")


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(SHELLS))
@pass_session
@click.pass_context
def completion(ctx: click.Context, session: Session, shell: str) -> None:
    """Print the script that completes commands and options in SHELL.

    \b
    Examples:
      eval "$(ideenweg completion bash)"        in ~/.bashrc
      eval "$(ideenweg completion zsh)"         in ~/.zshrc
      ideenweg completion fish > ~/.config/fish/completions/ideenweg.fish
    """
    found = get_completion_class(shell)
    assert found is not None
    script = found(ctx.find_root().command, {}, "ideenweg", "_IDEENWEG_COMPLETE").source()
    if session.as_json:
        emit({"shell": shell, "script": script})
    else:
        click.echo(script)
