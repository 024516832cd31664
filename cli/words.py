"""What the command line says to people: sentences of the catalogue, with numbers and times in the reader's manner."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline import texts
from pipeline.problems import RowProblem
from pipeline.reading import Notice

ENGLISH: Final = "en"
PORTUGUESE: Final = "pt-BR"


def language_of(locale: str) -> str:
    """Return the catalogue's language for a locale tag (BCP 47 or POSIX): Portuguese for ``pt…``, else English."""
    return PORTUGUESE if locale.lower().startswith("pt") else ENGLISH


def machine_language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of whoever sits here, by POSIX locale, for when no tenant can be asked."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return language_of(environment[name])
    return ENGLISH


def chosen_language() -> str:
    """Return the language that the environment alone chooses: ``MKT_LANG``, else the machine's."""
    chosen = os.environ.get("MKT_LANG", "")
    return chosen if chosen in texts.LANGUAGES else machine_language()


def visible(text: str) -> str:
    """Return a text whose control and direction characters are seen instead of obeyed: it may come from any file."""
    if text.isprintable():
        return text
    return "".join(
        ("⏎" if character == "\n" else "\ufffd") if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character
        for character in text
    )


@dataclass(frozen=True)
class Words:
    """Sentences in one language; times in one IANA time zone."""

    lang: str
    timezone: str = "UTC"

    def say(self, key: str, /, **params: object) -> str:
        """Return the sentence ``cli.<key>``; whole numbers and times among its values are written as people read them."""
        return texts.text(f"cli.{key}", self.lang, **{name: self.value(value) for name, value in params.items()})

    def value(self, value: object) -> object:
        """Write a number or an aware time as people read it; anything else stays as it is."""
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        if isinstance(value, int):
            return texts.number(value, self.lang)
        if isinstance(value, datetime):
            return texts.moment(value, self.lang, self.timezone)
        return visible(value) if isinstance(value, str) else value

    def count(self, noun: str, number: int) -> str:
        """Write a number with its noun: ``1 contact``, ``2,000 contacts``."""
        return self.say(f"count.{noun}.{'one' if number == 1 else 'other'}", n=number)

    def problem(self, problem: RowProblem) -> str:
        """Return the title of a row's problem."""
        return texts.text(f"problems.{problem}.title", self.lang)

    def notice(self, notice: Notice) -> str:
        """Return what is said about how a file is read, and what to do."""
        params = {name: self.value(value) for name, value in notice.params.items()}
        return " ".join(
            texts.text(f"file_notices.{notice.code}.{part}", self.lang, **params) for part in ("template", "remedy")
        )

    def problem_sentence(self, problem: str) -> str:
        """Return what is wrong with an address, and what to do."""
        return f"{texts.text(f'problems.{problem}.title', self.lang)}. {self.remedy(problem)}"

    def remedy(self, problem: str) -> str:
        """Return what to do about a row's problem."""
        return texts.text(f"problems.{problem}.remedy", self.lang)

    def reason(self, reason_code: str) -> str:
        """Return the sentence of a verdict's reason."""
        return texts.text(f"verdicts.{reason_code}", self.lang)

    def flag(self, flag: str) -> str:
        """Return the sentence of a verdict's flag, or of a reason that did not decide."""
        flags = texts.keys(self.lang)
        return texts.text(
            f"verdicts.flags.{flag}" if f"verdicts.flags.{flag}" in flags else f"verdicts.{flag}", self.lang
        )

    def seconds(self, seconds: float) -> str:
        """Write a length of time: ``42 s``, ``3 min 5 s``, ``2 h 7 min``."""
        whole = round(seconds)
        if whole < 60:  # noqa: PLR2004 (seconds in a minute)
            return f"{whole} s"
        minutes, rest = divmod(whole, 60)
        if minutes < 60:  # noqa: PLR2004 (minutes in an hour)
            return f"{minutes} min {rest} s"
        hours, minutes = divmod(minutes, 60)
        return f"{hours} h {minutes} min"


def help_text(key: str) -> str:
    """Return a sentence of the help; it is read before any option is, so ``MKT_LANG`` alone can choose its language."""
    return texts.text(f"cli.help.{key}", chosen_language())
