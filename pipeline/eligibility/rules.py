"""The rules of eligibility as one table, in their order: the first that matches keeps the contact from receiving the campaign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from pipeline.eligibility.facts import Facts, Link, OptOut
from pipeline.eligibility.policy import NOT_STATED, Policy


class RuleCode(StrEnum):
    """The name of a rule; the sentence for people is ``eligibility.rules.<code>``."""

    ERASED = "erased"
    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    EXCLUDED_AUDIENCE = "excluded_audience"
    LEFT_AUDIENCE = "left_audience"
    INVALID = "invalid"
    RISKY = "risky"
    NOT_YET_CHECKED = "not_yet_checked"
    UNKNOWN = "unknown"
    STALE_VERDICT = "stale_verdict"
    CONSENT_MISSING = "consent_missing"
    QUARANTINED = "quarantined"
    DUPLICATE_MAILBOX = "duplicate_mailbox"
    FREQUENCY_CAP = "frequency_cap"


#: What each link can lack of the consent that a policy asks for; of several the last is the reason, being the nearest to enough.
LACKS: Final = ("basis_not_stated", "basis_not_chosen", "source_excluded")
#: Opt-outs that make the rule ``suppressed``; of several the last is the reason.
SUPPRESSING: Final = ("bounce", "complaint", "manual")


class Evidence(NamedTuple):
    """One thing that a rule looked at; the sentence is ``eligibility.evidence.<code>``, with the parameters filled in."""

    code: str
    params: Mapping[str, Any]


class Look(NamedTuple):
    """What a rule found: whether it matches, which of several things it was, and what it looked at."""

    matches: bool
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One line of the table. ``look`` gets the facts, the policy, and the contact that stands for a mailbox of several."""

    code: RuleCode
    look: Callable[[Facts, Policy, int | None], Look]
    source: str


def _said(opt_outs: list[OptOut]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            "opt_out_of_audience" if each.audience else "opt_out",
            {"kind": each.kind, "audience": each.audience, **each.details},
        )
        for each in opt_outs
    )


def _erased(facts: Facts, _: Policy, __: int | None) -> Look:
    if facts.is_gone:
        return Look(matches=True, evidence=(Evidence("contact_gone", {}),))
    said = [each for each in facts.opt_outs if each.kind == "erasure"]
    return Look(bool(said), evidence=_said(said))


def _suppressed(facts: Facts, _: Policy, __: int | None) -> Look:
    said = [each for each in facts.opt_outs if each.kind in SUPPRESSING]
    reason = max((each.kind for each in said), key=SUPPRESSING.index, default=None)
    return Look(bool(said), reason, _said(said))


def _unsubscribed(facts: Facts, _: Policy, __: int | None) -> Look:
    said = [each for each in facts.opt_outs if each.kind == "unsubscribe"]
    return Look(bool(said), "unsubscribe" if said else None, _said(said))


def _excluded_audience(facts: Facts, _: Policy, __: int | None) -> Look:
    found = tuple(Evidence("excluded_by", {"audience": name}) for name in facts.excluded_by)
    return Look(bool(found), evidence=found)


def _left_audience(facts: Facts, _: Policy, __: int | None) -> Look:
    found = tuple(Evidence("member_of", {"audience": link.audience, **link.details}) for link in facts.links)
    return Look(not found, evidence=found or (Evidence("member_of_none", {}),))


def _verdict(facts: Facts) -> tuple[Evidence, ...]:
    verdict = facts.verdict
    if verdict is None:
        return (Evidence("no_verdict", {}),)
    params = {"status": verdict.status, "reason_code": verdict.reason_code, "validated_at": verdict.validated_at}
    return (Evidence("verdict", params),)


def _invalid(facts: Facts, _: Policy, __: int | None) -> Look:
    verdict = facts.verdict
    matches = verdict is not None and verdict.status == "invalid"
    return Look(matches, verdict.reason_code if verdict and matches else None, _verdict(facts))


def _risky(facts: Facts, policy: Policy, _: int | None) -> Look:
    found = [] if facts.verdict is None else facts.verdict.findings()
    out = [name for name in found if policy.findings.get(name, "out") == "out"]
    seen = tuple(Evidence(f"finding_{policy.findings.get(name, 'out')}", {"finding": name}) for name in found)
    return Look(bool(out), out[0] if out else None, seen)


def _is_unchecked(facts: Facts) -> bool:
    return facts.verdict is None or facts.verdict.reason_code == "not_yet_checked"


def _not_yet_checked(facts: Facts, policy: Policy, _: int | None) -> Look:
    return Look(_is_unchecked(facts) and policy.not_yet_checked == "out", evidence=_verdict(facts))


def _unknown(facts: Facts, policy: Policy, _: int | None) -> Look:
    verdict = facts.verdict
    matches = (
        verdict is not None and verdict.status == "unknown" and not _is_unchecked(facts) and policy.unknown == "out"
    )
    return Look(matches, verdict.reason_code if verdict and matches else None, _verdict(facts))


def _stale_verdict(facts: Facts, policy: Policy, _: int | None) -> Look:
    verdict = facts.verdict
    keeps = None if verdict is None or _is_unchecked(facts) else policy.keeps(verdict.reason_code)
    if verdict is None or keeps is None:
        return Look(matches=False)
    until = verdict.validated_at + timedelta(seconds=keeps)
    matches = until < facts.now
    seen = Evidence(
        "verdict_stale" if matches else "verdict_fresh", {"validated_at": verdict.validated_at, "until": until}
    )
    return Look(matches, verdict.reason_code if matches else None, (seen,))


def lacking(link: Link, policy: Policy) -> str | None:
    """Return what a link lacks of the consent that the policy asks for: one of `LACKS`; None: nothing."""
    basis = link.legal_basis or NOT_STATED
    if policy.consent_required and basis == NOT_STATED:
        return "basis_not_stated"
    if policy.legal_bases is not None and basis not in policy.legal_bases:
        return "basis_not_chosen"
    return "source_excluded" if link.consent_source in policy.excluded_sources else None


def _consent_missing(facts: Facts, policy: Policy, _: int | None) -> Look:
    lacks = [lacking(link, policy) for link in facts.links]
    seen = tuple(
        Evidence(
            lack or "consent",
            {
                "audience": link.audience,
                "legal_basis": link.legal_basis or NOT_STATED,
                "consent_source": link.consent_source,
            },
        )
        for link, lack in zip(facts.links, lacks, strict=True)
    )
    missing = [lack for lack in lacks if lack is not None]
    matches = bool(lacks) and len(missing) == len(lacks)
    return Look(matches, max(missing, key=LACKS.index) if matches else None, seen)


def _quarantined(facts: Facts, _: Policy, __: int | None) -> Look:
    held = [link for link in facts.links if link.is_quarantined]
    seen = tuple(Evidence("link_quarantined", {"audience": link.audience, **link.details}) for link in held)
    return Look(bool(held) and len(held) == len(facts.links), evidence=seen)


def _duplicate_mailbox(facts: Facts, policy: Policy, first: int | None) -> Look:
    if first is None or first == facts.rid:
        return Look(matches=False)
    return Look(
        policy.duplicate_mailbox == "out",
        evidence=(Evidence("same_mailbox", {"rid": first, "mailbox": facts.mailbox}),),
    )


def _frequency_cap(facts: Facts, policy: Policy, _: int | None) -> Look:
    cap = policy.frequency_cap
    if cap is None:
        return Look(matches=False)
    since = facts.now - timedelta(days=cap.days)
    sent = sum(moment > since for moment in facts.messages)
    seen = Evidence("messages", {"sent": sent, "messages": cap.messages, "days": cap.days})
    return Look(sent >= cap.messages, evidence=(seen,))


_TENANT: Final = "the tenant's decision"
#: In the order in which they are tried.
RULES: Final = (
    Rule(RuleCode.ERASED, _erased, "LGPD art. 18, VI"),
    Rule(RuleCode.SUPPRESSED, _suppressed, "RFC 5321 4.2.1 (5yz: do not repeat); RFC 5965; the tenant's decision"),
    Rule(RuleCode.UNSUBSCRIBED, _unsubscribed, "LGPD art. 18, IX and § 2; RFC 8058"),
    Rule(RuleCode.EXCLUDED_AUDIENCE, _excluded_audience, "the campaign's own choice"),
    Rule(RuleCode.LEFT_AUDIENCE, _left_audience, "LGPD art. 15, I; the tenant's decision"),
    Rule(RuleCode.INVALID, _invalid, "RFC 5321 5.1; docs/verdicts.md"),
    Rule(RuleCode.RISKY, _risky, "docs/verdicts.md; the policy says which findings"),
    Rule(
        RuleCode.NOT_YET_CHECKED,
        _not_yet_checked,
        "our own trouble is no evidence, for an address as little as against it",
    ),
    Rule(RuleCode.UNKNOWN, _unknown, "RFC 5321 4.5.4.1: asked again before anything is decided"),
    Rule(RuleCode.STALE_VERDICT, _stale_verdict, "docs/verdicts.md: what an owner may change is looked at again"),
    Rule(RuleCode.CONSENT_MISSING, _consent_missing, "LGPD art. 7 and art. 8, § 2: whoever writes has to prove it"),
    Rule(RuleCode.QUARANTINED, _quarantined, "the quality of the import that brought the contact in"),
    Rule(RuleCode.DUPLICATE_MAILBOX, _duplicate_mailbox, "what the providers say of their own mailboxes"),
    Rule(RuleCode.FREQUENCY_CAP, _frequency_cap, _TENANT),
)
#: Those that look at the contact alone come before this one; it and what follows are about who else is written to.
FIRST_AMONG_RECIPIENTS: Final = RuleCode.DUPLICATE_MAILBOX
