"""How a report speaks: its language, and numbers, shares, dates and months as its reader writes them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from pipeline import texts

_DATES: Final = {"en": "%Y-%m-%d", "pt-BR": "%d/%m/%Y"}
#: What was not measured.
DASH: Final = "\N{EN DASH}"
#: Between a number and its sign: it must not part from it, and is narrower than a space between words.
THIN: Final = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True)
class Manner:
    """A language of the catalogue, and the IANA time zone of dates."""

    lang: str
    timezone: str = "UTC"

    def say(self, key: str, /, **params: object) -> str:
        """Return the sentence ``report.<key>``; whole numbers among its values are written as people read them."""
        told = {name: self.number(value) if isinstance(value, int) else value for name, value in params.items()}
        return texts.text(f"report.{key}", self.lang, **told)

    def name(self, text: str) -> str:
        """Return a name that somebody gave, with characters that would be obeyed instead of seen made visible."""
        return "".join(
            "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character
            for character in text
        )

    def number(self, value: int | None) -> str:
        """Write a whole number; a dash for what was not measured."""
        return DASH if value is None else texts.number(value, self.lang)

    def percent(self, value: float | None) -> str:
        """Write a share in percent, with as many decimals as it needs to be told from nothing and from everything."""
        if value is None:
            return DASH
        digits = 0 if value in (0, 100) else 1 if 0.05 <= value < 99.95 else 2  # noqa: PLR2004 (what one decimal can show)
        return f"{texts.number(value, self.lang, digits=digits)}{THIN}%"

    def limit(self, value: float) -> str:
        """Write a limit in percent, as it was set."""
        digits = len(f"{value:g}".partition(".")[2])
        return f"{texts.number(value, self.lang, digits=digits)}{THIN}%"

    def share(self, part: int, whole: int) -> str:
        """Write a part of a whole in percent."""
        return self.percent(100 * part / whole if whole else None)

    def date(self, value: datetime) -> str:
        """Write the day of a moment, in the time zone."""
        return value.astimezone(ZoneInfo(self.timezone)).strftime(_DATES[self.lang])

    def moment(self, value: datetime) -> str:
        """Write a moment, with the zone."""
        return texts.moment(value, self.lang, self.timezone)

    def month(self, value: str) -> str:
        """Write a month (``2026-03``): ``Mar 2026``, ``mar. 2026``."""
        year, _, number = value.partition("-")
        return f"{self.say(f'month.{number}')} {year}"

    def reason(self, reason: str) -> str:
        """Return the sentence of a verdict's reason."""
        return texts.text(f"verdicts.{reason}", self.lang)

    def problem(self, code: str) -> str:
        """Return the title of a row's problem."""
        return texts.text(f"problems.{code}.title", self.lang)
