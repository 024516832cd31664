"""How an import compares with those that the tenant had before: shares in percent, and what is usual."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: What is a share of the file's records; everything else is one of its contacts.
OF_RECORDS: Final = ("error_rows", "duplicate_rows")
OF_CONTACTS: Final = (
    "contacts_new",
    "invalid",
    "risky",
    "unknown",
    "role_accounts",
    "disposable",
    "typos",
    "known_bounces",
    "opted_out",
    "in_other_audiences",
    "basis_not_stated",
)
#: Shares of which less is better, so that more than usual is worth a word.
TROUBLE: Final = ("error_rows", "duplicate_rows", "invalid", "disposable", "typos", "known_bounces", "opted_out")
#: Earlier imports that make something usual, and how much worse is worth a word: both must be so.
ENOUGH: Final = 3
TIMES: Final = 1.5
POINTS: Final = 1.0


@dataclass(frozen=True)
class Usual:
    """The median of each share over ``imports`` earlier imports."""

    imports: int
    shares: Mapping[str, float]


def share(part: int | None, whole: int | None) -> float | None:
    """Return how many in a hundred, to two decimals; None: nothing was counted, or there is nothing to count."""
    return None if part is None or not whole else round(100 * part / whole, 2)


def shares(counts: Mapping[str, int | None]) -> dict[str, float | None]:
    """Return the shares of an import with these counts (among them ``records`` and ``contacts``)."""
    of = dict.fromkeys(OF_RECORDS, "records") | dict.fromkeys(OF_CONTACTS, "contacts")
    return {name: share(counts.get(name), counts.get(whole)) for name, whole in of.items()}


class History:
    """The imports so far, one after the other; what is usual can be asked at any time."""

    def __init__(self) -> None:
        self._imports = 0
        self._sorted: dict[str, list[float]] = {}

    def add(self, told: Mapping[str, float | None]) -> None:
        """Take in the shares of the next import."""
        self._imports += 1
        for name, value in told.items():
            if value is not None:
                bisect.insort(self._sorted.setdefault(name, []), value)

    def usual(self) -> Usual | None:
        """Return the medians; None: there was no import."""
        if not self._imports:
            return None
        medians = {name: round(_median(values), 2) for name, values in self._sorted.items()}
        return Usual(self._imports, medians)


def _median(values: list[float]) -> float:
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def worse_than_usual(now: Mapping[str, float | None], usual: Usual | None) -> list[str]:
    """Return the shares that are clearly worse than usual; none where too little is known of what is usual."""
    if usual is None or usual.imports < ENOUGH:
        return []
    return [
        name
        for name in TROUBLE
        if (told := now[name]) is not None
        and (before := usual.shares.get(name)) is not None
        and told >= before + POINTS
        and told >= TIMES * before
    ]
