"""How many people the rules keep out, and what another choice would make of it: counted from crowds instead of contacts.

A crowd are contacts of whom the rules know the same; of a million contacts there are some hundred. The rules decide about one
member of each, once as the policy is, and once for every choice that could have come out otherwise.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from pipeline.eligibility.deciding import Decision, decide, passes_alone
from pipeline.eligibility.facts import Facts, Link, OptOut, VerdictFacts
from pipeline.eligibility.policy import AGES, CONSENT_SOURCES, FINDINGS, LEGAL_BASES, NOT_STATED, Policy

#: Kinds of opt-outs by strength; a crowd has the number of the strongest, from one.
STRENGTHS: Final = ("unsubscribe", "bounce", "complaint", "manual", "erasure")
#: Bits of a crowd's links. The first eight: whether there is a link that is so, by what it says, which is itself three bits.
STATED, CHOSEN, ALLOWED = 1, 2, 4
#: A link that no quarantine holds back; a membership of an audience that the campaign excludes; then one bit for each audience.
FREE_BIT, KEPT_OUT_BIT, FIRST_AUDIENCE_BIT = 8, 9, 10


#: A contact that is not among those of a crowd, whose own id is of no account.
_SOMEBODY: Final = -1


class Crowd(NamedTuple):
    """Contacts of whom the rules know the same. ``age``: how many of the cutoffs the verdict is younger than."""

    links: int
    status: str | None
    reason_code: str | None
    flags: tuple[str, ...]
    age: int | None
    said: int
    is_capped: bool


@dataclass(frozen=True)
class Crowds:
    """All contacts of a campaign: ``sizes`` of crowds, and of those who share a mailbox, for each mailbox, their crowds by ``rid``."""

    sizes: Mapping[Crowd, int]
    sharing: Mapping[tuple[Crowd, ...], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Outlook:
    """What another choice would make: ``recipients`` more than now, or fewer."""

    key: str
    value: Any
    instead: Any
    recipients: int


@dataclass(frozen=True)
class Counts:
    """What the rules come to. ``by_audience``: contacts and recipients by the audience's number; a contact may be in several."""

    contacts: int
    recipients: int
    exclusions: Mapping[str, int]
    reasons: Mapping[str, Mapping[str, int]]
    by_audience: Mapping[int, tuple[int, int]]
    outlooks: tuple[Outlook, ...]
    unchecked: int


def cutoffs(policy: Policy, now: datetime) -> list[datetime]:
    """Return the moments before which a verdict of some reason is stale, the earliest first."""
    keeps = {policy.keeps(reason) for reason in (*AGES, "")}
    return sorted(now - timedelta(seconds=each) for each in keeps if each is not None)


def opposites(policy: Policy) -> dict[str, Policy]:
    """Return the policies that differ in one choice, by its name; where there is none to be had otherwise, there is no entry."""
    found = {
        name: dataclasses.replace(policy, findings={**policy.findings, name: _other(choice)})
        for name, choice in policy.findings.items()
        if name in FINDINGS
    }
    for name in ("not_yet_checked", "unknown", "duplicate_mailbox"):
        found[name] = dataclasses.replace(policy, **{name: _other(getattr(policy, name))})
    found["consent_required"] = dataclasses.replace(policy, consent_required=not policy.consent_required)
    if policy.legal_bases is not None:
        found["legal_bases"] = dataclasses.replace(policy, legal_bases=None)
    if policy.excluded_sources:
        found["excluded_sources"] = dataclasses.replace(policy, excluded_sources=())
    if policy.frequency_cap is not None:
        found["frequency_cap"] = dataclasses.replace(policy, frequency_cap=None)
    return found


def count(crowds: Crowds, policy: Policy, now: datetime) -> Counts:
    """Count recipients and exclusions, by rule, reason and audience, and what each other choice would make of them."""
    return _Count(policy, now).count(crowds)


class _Count:
    """One counting: the policy, its opposites, and what is decided by each of them about members of a crowd."""

    def __init__(self, policy: Policy, now: datetime) -> None:
        self._policy, self._now = policy, now
        self._opposites = opposites(policy)
        self._cutoffs = cutoffs(policy, now)
        # Of a million contacts there are thousands of crowds, but hundreds apart from the audiences that they are in.
        self._facts = cache(self._facts_of)
        self._concerned = cache(self._concerned_by)
        self._decision = cache(self._decision_by)
        self._passes = cache(self._passes_by)
        self._together = cache(self._together_by)

    def count(self, crowds: Crowds) -> Counts:
        decided: Counter[tuple[Crowd, Decision]] = Counter()
        differences: Counter[str] = Counter()
        for crowd, size in crowds.sizes.items():
            anybody = _anywhere(crowd)
            decision = self._decision(anybody, None, is_second=False)
            decided[crowd, decision] += size
            for key in self._concerned(anybody):
                differences[key] += size * (_is_in(self._decision(anybody, key, is_second=False)) - _is_in(decision))
        for sharers, mailboxes in crowds.sharing.items():
            now, others = self._together(tuple(map(_anywhere, sharers)))
            for crowd, decision in zip(sharers, now, strict=True):
                decided[crowd, decision] += mailboxes
            for key, difference in others.items():
                differences[key] += mailboxes * difference
        return self._counts(decided, differences)

    def _together_by(self, sharers: tuple[Crowd, ...]) -> tuple[list[Decision], dict[str, int]]:
        """Decide about contacts who share a mailbox; returns also how many more of them would receive by each other choice."""
        now = self._decisions(sharers, None)
        keys = {"duplicate_mailbox"}.union(*map(self._concerned, sharers))
        return now, {key: _recipients(self._decisions(sharers, key)) - _recipients(now) for key in keys}

    def _decisions(self, sharers: tuple[Crowd, ...], key: str | None) -> list[Decision]:
        """Decide about contacts who share a mailbox, the one with the smallest id first; ``key``: by which opposite."""
        first = next((place for place, crowd in enumerate(sharers) if self._passes(crowd, key)), None)
        return [
            self._decision(crowd, key, is_second=first is not None and place != first)
            for place, crowd in enumerate(sharers)
        ]

    def _decision_by(self, crowd: Crowd, key: str | None, *, is_second: bool) -> Decision:
        return decide(self._facts(crowd), self._by(key), first=_SOMEBODY if is_second else None)

    def _passes_by(self, crowd: Crowd, key: str | None) -> bool:
        return passes_alone(self._facts(crowd), self._by(key))

    def _by(self, key: str | None) -> Policy:
        return self._policy if key is None else self._opposites[key]

    def _counts(self, decided: Mapping[tuple[Crowd, Decision], int], differences: Mapping[str, int]) -> Counts:
        exclusions: Counter[str] = Counter()
        reasons: dict[str, Counter[str]] = {}
        audiences: dict[int, list[int]] = {}
        recipients = unchecked = 0
        for (crowd, decision), size in decided.items():
            if decision.rule is None:
                recipients += size
            else:
                exclusions[decision.rule] += size
                if decision.reason is not None:
                    reasons.setdefault(decision.rule, Counter())[decision.reason] += size
            if crowd.reason_code in (None, "not_yet_checked"):
                unchecked += size
            for number in _audiences(crowd):
                counted = audiences.setdefault(number, [0, 0])
                counted[0] += size
                counted[1] += size if decision.rule is None else 0
        outlooks = tuple(
            Outlook(key, _value(self._policy, key), _value(other, key), differences.get(key, 0))
            for key, other in self._opposites.items()
        )
        return Counts(
            recipients + sum(exclusions.values()),
            recipients,
            exclusions,
            reasons,
            {number: (contacts, received) for number, (contacts, received) in audiences.items()},
            outlooks,
            unchecked,
        )

    def _concerned_by(self, crowd: Crowd) -> list[str]:
        """Return the choices that could come out otherwise for these contacts."""
        verdict = self._facts(crowd).verdict
        found = [] if verdict is None else [name for name in verdict.findings() if name in FINDINGS]
        if verdict is None or verdict.reason_code == "not_yet_checked":
            found.append("not_yet_checked")
        elif verdict.status == "unknown":
            found.append("unknown")
        if crowd.links & 0xFF != 1 << (STATED | CHOSEN | ALLOWED):
            found += [key for key in ("consent_required", "legal_bases", "excluded_sources") if key in self._opposites]
        if crowd.is_capped:
            found.append("frequency_cap")
        return found

    def _facts_of(self, crowd: Crowd) -> Facts:
        """Return a member of the crowd, as far as the rules can tell."""
        is_free = bool(crowd.links & 1 << FREE_BIT)
        cap = self._policy.frequency_cap
        return Facts(
            rid=0,
            mailbox="",
            now=self._now,
            opt_outs=(OptOut(STRENGTHS[crowd.said - 1]),) if crowd.said else (),
            excluded_by=("",) if crowd.links & 1 << KEPT_OUT_BIT else (),
            links=tuple(
                dataclasses.replace(self._link(says), is_quarantined=not is_free)
                for says in range(8)
                if crowd.links & 1 << says
            ),
            verdict=self._verdict(crowd),
            messages=(self._now,) * cap.messages if cap is not None and crowd.is_capped else (),
        )

    def _link(self, says: int) -> Link:
        """Return a link that says so of its basis and its source."""
        wanted = self._policy.legal_bases
        bases = [NOT_STATED] if not says & STATED else [*(each for each in LEGAL_BASES if each != NOT_STATED), "other"]
        is_chosen = bool(says & CHOSEN)
        basis = next(each for each in bases if (wanted is None or each in wanted) is is_chosen)
        sources = [None, *CONSENT_SOURCES]
        is_allowed = bool(says & ALLOWED)
        source = next(each for each in sources if (each not in self._policy.excluded_sources) is is_allowed)
        return Link("", basis, source)

    def _verdict(self, crowd: Crowd) -> VerdictFacts | None:
        if crowd.status is None or crowd.reason_code is None or crowd.age is None:
            return None
        at = self._now
        if crowd.age < len(self._cutoffs):  # older than that one, and as old as nothing before it
            at = self._cutoffs[crowd.age] - timedelta(microseconds=1)
        return VerdictFacts(crowd.status, crowd.reason_code, at, crowd.flags)


@lru_cache(maxsize=65_536)
def _anywhere(crowd: Crowd) -> Crowd:
    """Return the crowd without the audiences that it is in: the rules do not ask which they are."""
    return crowd._replace(links=crowd.links & (1 << FIRST_AUDIENCE_BIT) - 1)


def _audiences(crowd: Crowd) -> Iterable[int]:
    bits = crowd.links >> FIRST_AUDIENCE_BIT
    return (number for number in range(bits.bit_length()) if bits & 1 << number)


def _other(choice: Any) -> Any:  # noqa: ANN401 (in for out, and out for in)
    return "out" if choice == "in" else "in"


def _is_in(decision: Decision) -> int:
    return int(decision.rule is None)


def _recipients(decisions: Iterable[Decision]) -> int:
    return sum(map(_is_in, decisions))


def _value(policy: Policy, key: str) -> Any:  # noqa: ANN401 (whatever can be chosen)
    document = policy.document()
    return document["findings"][key] if key in policy.findings else document[key]


def crowds_of(rows: Sequence[tuple[Crowd, int, Sequence[tuple[int, int]]]]) -> Crowds:
    """Return the crowds of rows of (crowd, contacts, those of them who share a mailbox: its number and their ``rid``).

    A mailbox that only one of them has to do with the campaign for is not shared.
    """
    sizes: Counter[Crowd] = Counter()
    mailboxes: dict[int, list[tuple[int, int]]] = {}
    for place, (crowd, contacts, sharers) in enumerate(rows):
        if len(sharers) < contacts:
            sizes[crowd] += contacts - len(sharers)
        for number, rid in sharers:
            mailboxes.setdefault(number, []).append((rid, place))
    # By place: comparing crowds of ten thousand mailboxes takes longer than all the rest.
    together = Counter(tuple(place for _, place in sorted(each)) for each in mailboxes.values())
    sharing: Counter[tuple[Crowd, ...]] = Counter()
    for places, number in together.items():
        crowds = tuple(rows[place][0] for place in places)
        if len(crowds) == 1:
            sizes[crowds[0]] += number
        else:
            sharing[crowds] += number
    return Crowds(sizes, sharing)
