"""What was typed and is no command, option or value: one sentence, where click would print a block of usage, in English."""

from __future__ import annotations

from typer._click.exceptions import NoArgsIsHelpError, UsageError  # they have no public name

from cli.refusals import Refusal
from cli.show import error_console
from cli.words import Words
from pipeline import texts
from pipeline.exports.sentences import as_pattern

__all__ = ["UsageError", "tell"]


def tell(error: UsageError, words: Words) -> None:
    """Say it; of a group that was asked for nothing, show the help."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return
    command = "mkt" if error.ctx is None else error.ctx.command_path
    said = _retold(" ".join(error.format_message().split()).rstrip("."), words.lang)
    sentence = words.say(f"refused.{Refusal.MISUSE}", said=said, command=command)
    error_console().print(sentence, soft_wrap=True, markup=False, style="red")


def _retold(said: str, lang: str) -> str:
    """Say in a language of ours what the parser says in English; as it is where it is none of its sentences that we know."""
    known = {key: texts.template(key, "en") for key in texts.keys("en") if key.startswith("cli.misuse.")}
    # Of several that fit, the one that says the most.
    for key in sorted(known, key=lambda key: len(known[key]), reverse=True):
        if found := as_pattern(known[key]).fullmatch(said):
            return texts.text(key, lang, **found.groupdict())
    return said
