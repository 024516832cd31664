"""The gate: whether what came in by an import is good enough for campaigns to write to it unseen.

A bad address is kept out by its own verdict. The gate is about the others of the same source: where one address in twenty
does not exist, those that seem to are not to be trusted either, and a campaign to them costs the sender's good name. What is
not yet known when the job ends counts as a contact and as nothing else; a second look judges it (docs/quality.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self


class GateRule(StrEnum):
    """Why an import is in quarantine."""

    INVALID = "invalid"  # contacts whose verdict is invalid
    TYPOS = "typos"  # contacts whose domain seems mistyped
    KNOWN_BOUNCES = "known_bounces"  # contacts to whom a message bounced for good before
    INHERITED = "inherited"  # the job mends or corrects one that is in quarantine


@dataclass(frozen=True)
class Limits:
    """The most that is let through, in percent of the job's contacts; below ``floor`` contacts nothing is judged."""

    invalid: float
    typos: float
    known_bounces: float
    floor: int


@dataclass(frozen=True)
class Broken:
    """A rule that was broken: by how many of how many contacts, and the limit in percent."""

    rule: GateRule
    contacts: int
    of: int
    limit: float

    @property
    def share(self) -> float:
        """How many in a hundred, rounded to two decimals and never down to the limit."""
        exact = Fraction(100 * self.contacts, self.of)
        rounded = round(float(exact), 2)
        return rounded if rounded > self.limit else float(exact)

    def to_json(self) -> dict[str, Any]:
        """Return what is stored, and shown to programs."""
        return {
            "rule": str(self.rule),
            "contacts": self.contacts,
            "of": self.of,
            "share": self.share,
            "limit": self.limit,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(GateRule(stored["rule"]), stored["contacts"], stored["of"], stored["limit"])


def broken(contacts: int, verdicts: Mapping[str, int], findings: Mapping[str, int], limits: Limits) -> list[Broken]:
    """Return the rules that a job's contacts break; exactly the limit is no breach, and a small list breaks none."""
    if contacts < limits.floor:
        return []
    found = {
        GateRule.INVALID: (verdicts.get("invalid", 0), limits.invalid),
        GateRule.TYPOS: (findings.get("typos", 0), limits.typos),
        GateRule.KNOWN_BOUNCES: (findings.get("known_bounces", 0), limits.known_bounces),
    }
    return [
        Broken(rule, count, contacts, limit)
        for rule, (count, limit) in found.items()
        # By fractions: 7 of 140 is exactly 5 %, whatever floating point makes of it.
        if Fraction(100 * count) > Fraction(str(limit)) * contacts
    ]
