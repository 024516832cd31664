"""What was typed and is no command, option or value: one sentence, where click would print a block of usage, in English."""

from __future__ import annotations

from typer._click.exceptions import NoArgsIsHelpError, UsageError  # they have no public name

from cli.refusals import Refusal
from cli.show import error_console
from cli.words import Words

__all__ = ["UsageError", "tell"]


def tell(error: UsageError, words: Words) -> None:
    """Say it; of a group that was asked for nothing, show the help."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return
    command = "mkt" if error.ctx is None else error.ctx.command_path
    said = " ".join(error.format_message().split()).rstrip(".")
    sentence = words.say(f"refused.{Refusal.MISUSE}", said=said, command=command)
    error_console().print(sentence, soft_wrap=True, markup=False, style="red")
