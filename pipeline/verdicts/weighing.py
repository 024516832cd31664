"""From everything that was found about an address to the one verdict: which reason wins, and what the others cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pipeline.verdicts.clock import retry_delay
from pipeline.verdicts.reasons import RULE_OF, RULES, WEEK, Flag, ReasonCode, Rule, Status

#: What each further finding, and each small flaw of a valid address, takes from the score; and how low that can bring it.
_STEP: Final = 5
_RISKY_FLOOR, _VALID_FLOOR = 11, 80
_FLAWS: Final = frozenset({Flag.MX_IS_CNAME, Flag.NULL_MX_MIXED, Flag.FORWARDING_ALIAS})

_PLACES: Final = {rule.reason_code: place for place, rule in enumerate(RULES)}
#: Reasons that are not worth a flag where they did not decide.
_UNSAID: Final = frozenset({ReasonCode.MX_OK, ReasonCode.OVERRIDE_ALLOW})


@dataclass(frozen=True)
class Verdict:
    """What an address is worth.

    ``score``: 0 to 100, in the band of the status: invalid 0-10, unknown 30-40, risky 11-79, valid 80-100.
    ``retry_after``: seconds until a contact with this verdict is judged again (not how long the facts may be reused:
    that is `facts_ttl`). ``rule``: its number in the table. ``flags``: everything else that there is to say.
    ``suggestion``: the address that was probably meant. ``details``: all of it, with the evidence, ready for JSON.
    """

    status: Status
    reason_code: ReasonCode
    score: int
    retry_after: int
    rule: str
    flags: tuple[str, ...] = ()
    suggestion: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def apart_from_dns(self) -> dict[str, Any]:
        """The details that are the address's own; the others are the same for its whole domain."""
        return {key: value for key, value in self.details.items() if key not in ("dns", "lists")}


@dataclass
class Case:
    """What has been found so far: everything that matches, before it is decided what wins.

    ``attempt``: how many answers of DNS in a row have told nothing. ``lists``: those that have the domain, or a mail server of
    it, with their versions. ``meant``: the domain that was probably meant. ``details``: what goes into the verdict's as it is.
    """

    attempt: int
    reasons: set[ReasonCode] = field(default_factory=set)
    flags: list[str] = field(default_factory=list)
    lists: dict[str, str] = field(default_factory=dict)
    meant: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def add(self, reasons: Iterable[ReasonCode], flags: Iterable[str] = ()) -> None:
        """Add what was found."""
        self.reasons.update(reasons)
        self.flags.extend(flags)

    def demote(self, *reasons: ReasonCode) -> None:
        """Make flags of reasons that another one explains: they decide nothing and cost nothing."""
        self.flags += [str(reason) for reason in reasons if reason in self.reasons]
        self.reasons.difference_update(reasons)

    def allow(self) -> None:
        """Set the findings aside, if there are any, as the tenant wants it: they still are said."""
        if any(RULE_OF[reason].is_finding for reason in self.reasons):
            self.reasons.add(ReasonCode.OVERRIDE_ALLOW)

    def verdict(self, *, suggestion: str | None = None) -> Verdict:
        """Decide."""
        rule, score, retry_after, flags = _weighed(frozenset(self.reasons), tuple(self.flags), self.attempt)
        details = {
            "rule": rule.number,
            "flags": list(flags),
            "suggestion": suggestion,
            "attempt": self.attempt,
            "lists": self.lists,
            **self.details,
        }
        return Verdict(rule.status, rule.reason_code, score, retry_after, rule.number, flags, suggestion, details)


class _Weighed(NamedTuple):
    """The rule that decides, and what it comes to beside the others."""

    rule: Rule
    score: int
    retry_after: int
    flags: tuple[str, ...]


@lru_cache(maxsize=4_096)  # a whole list of people has a few dozen combinations
def _weighed(reasons: frozenset[ReasonCode], said: tuple[str, ...], attempt: int) -> _Weighed:
    matching = sorted((RULE_OF[reason] for reason in reasons), key=_place)
    rule = _decisive(matching)
    return _Weighed(
        rule, _score(rule, matching, said), _retry_after(rule, matching, attempt), _flags(rule, matching, said)
    )


def _decisive(matching: list[Rule]) -> Rule:
    is_allowed = any(rule.reason_code is ReasonCode.OVERRIDE_ALLOW for rule in matching)
    first = next(rule for rule in matching if not (is_allowed and rule.is_finding))
    return min((rule for rule in matching if rule.is_finding), key=_score_of) if first.is_finding else first


def _score(rule: Rule, matching: list[Rule], said: tuple[str, ...]) -> int:
    if rule.status == "risky":
        scores = [other.score for other in matching if other.status == "risky"]
        return max(min(scores) - _STEP * (len(scores) - 1), _RISKY_FLOOR)
    if rule.reason_code is ReasonCode.MX_OK:
        return max(rule.score - _STEP * len(_FLAWS.intersection(said)), _VALID_FLOOR)
    return rule.score


def _retry_after(rule: Rule, matching: list[Rule], attempt: int) -> int:
    """Return the age of the verdict: that of the shortest-lived thing that it hangs on."""
    if rule.age is None:
        return retry_delay(attempt)
    if rule.status == "risky" or rule.reason_code is ReasonCode.OVERRIDE_ALLOW:
        ages = [WEEK if other.age is None else other.age for other in matching if _is_part(other)]
        return min([rule.age, *ages])
    return rule.age


def _flags(rule: Rule, matching: list[Rule], said: tuple[str, ...]) -> tuple[str, ...]:
    flags = [str(flag) for flag in dict.fromkeys(said) if flag != rule.reason_code]
    if rule.is_finding and any(other.status == "unknown" for other in matching):
        flags.append(str(Flag.DNS_UNCONFIRMED))
    undecisive = [other.reason_code for other in matching if other is not rule]
    return (*flags, *(str(reason) for reason in undecisive if reason not in _UNSAID and reason not in flags))


def _place(rule: Rule) -> int:
    return _PLACES[rule.reason_code]


def _score_of(rule: Rule) -> int:
    return rule.score


def _is_part(rule: Rule) -> bool:
    return rule.is_finding or rule.status == "unknown"
