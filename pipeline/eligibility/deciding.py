"""From facts to who receives a campaign: for one contact, for all of them, and every rule in order for whoever asks why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from pipeline.eligibility.facts import Facts
from pipeline.eligibility.policy import Policy
from pipeline.eligibility.rules import FIRST_AMONG_RECIPIENTS, RULES, Evidence, RuleCode

_SPLIT: Final = next(place for place, rule in enumerate(RULES) if rule.code is FIRST_AMONG_RECIPIENTS)


class Decision(NamedTuple):
    """The exclusion: the first rule that matched, and which of several things it found. ``rule`` None: a recipient."""

    rule: RuleCode | None = None
    reason: str | None = None


class Step(NamedTuple):
    """One rule on the way. ``decides``: it is the first that matched."""

    rule: RuleCode
    matches: bool
    decides: bool
    reason: str | None
    evidence: tuple[Evidence, ...]
    source: str


def decide(facts: Facts, policy: Policy, first: int | None = None) -> Decision:
    """Decide about one contact; ``first``: who stands for its mailbox, where several contacts of the campaign share it."""
    for rule in RULES:
        look = rule.look(facts, policy, first)
        if look.matches:
            return Decision(rule.code, look.reason)
    return Decision()


def passes_alone(facts: Facts, policy: Policy) -> bool:
    """Whether nothing is against the contact that is not about who else is written to."""
    return not any(rule.look(facts, policy, None).matches for rule in RULES[:_SPLIT])


def firsts(everybody: Iterable[Facts], policy: Policy) -> dict[str, int]:
    """Return who stands for each mailbox: of those who pass alone the one with the smallest ``rid``."""
    found: dict[str, int] = {}
    for facts in everybody:
        if passes_alone(facts, policy):
            found[facts.mailbox] = min(facts.rid, found.get(facts.mailbox, facts.rid))
    return found


def decide_all(everybody: Iterable[Facts], policy: Policy) -> Mapping[int, Decision]:
    """Decide about all contacts of a campaign, by ``rid``."""
    listed = list(everybody)
    first = firsts(listed, policy)
    return {facts.rid: decide(facts, policy, first.get(facts.mailbox)) for facts in listed}


def trace(facts: Facts, policy: Policy, first: int | None = None) -> tuple[Step, ...]:
    """Return every rule in order, matching or not, with what it looked at."""
    looks = [(rule, rule.look(facts, policy, first)) for rule in RULES]
    decisive = next((rule for rule, look in looks if look.matches), None)
    return tuple(
        Step(rule.code, look.matches, rule is decisive, look.reason, look.evidence, rule.source) for rule, look in looks
    )
