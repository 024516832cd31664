"""What every address is worth, and why: from evidence to a verdict, by the table of rules.

A verdict is a status (valid, invalid, risky, unknown), one stable reason code, and a score that only orders. Without
asking the mail server nobody can say that a mailbox exists, so DNS alone comes to ``mx_ok``, not to "deliverable".
Trouble while asking (a time-out, SERVFAIL, …) is never evidence against an address: it is ``unknown``, and asked again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from pipeline.verdicts import domain_names, lists, mailboxes
from pipeline.verdicts.canonical import WITHOUT_DOTS, canonical, is_own_form
from pipeline.verdicts.clock import is_persistent, retry_delay
from pipeline.verdicts.evidence import DomainFacts, Outcome, Override, OwnFacts, Policy
from pipeline.verdicts.mail_hosts import domain_reason, exchanges, is_ipv6_only, mail_path
from pipeline.verdicts.own_facts import OWN_REASONS, own_details, own_flags, own_reasons, proof_ends_after
from pipeline.verdicts.reasons import PERSISTENT, RULE_OF, Flag, ReasonCode
from pipeline.verdicts.typos import is_doubtful, suggest_domain
from pipeline.verdicts.weighing import Case, Verdict

#: What a tenant wants that has said nothing.
DEFAULT_POLICY: Final = Policy()

_RCODES: Final = {
    **dict.fromkeys((Outcome.MX, Outcome.ADDRESS, Outcome.NO_DATA), "NOERROR"),
    Outcome.NOT_FOUND: "NXDOMAIN",
    Outcome.SERVFAIL: "SERVFAIL",
    Outcome.REFUSED: "REFUSED",
}


def judge(
    address: str,
    facts: DomainFacts | None,
    *,
    attempt: int = 0,
    own: OwnFacts | None = None,
    override: Override | None = None,
    policy: Policy = DEFAULT_POLICY,
    now: datetime,
    checked_at: datetime | None = None,
) -> Verdict:
    """Judge an address in its stored form by everything that is known.

    ``facts``: what DNS said of its domain at ``checked_at``; None: nobody has answered. ``attempt``: how many answers in a
    row have told nothing (`next_attempt`). ``own`` and ``override``: what the platform saw, and what the tenant decided.
    """
    local_part, _, domain = address.rpartition("@")
    case = _domain_case(domain, facts, attempt, checked_at)
    mailbox = mailboxes.read(local_part, domain, policy)
    case.add(mailbox.reasons, mailbox.flags)
    case.details |= {"norm": address, "canonical": canonical(address)}
    if own is not None:
        case.add(own_reasons(own, now=now), own_flags(own))
    if override is Override.DENY:
        case.add([ReasonCode.OVERRIDE_DENY])
    elif override is Override.ALLOW:
        case.allow()
    verdict = case.verdict(suggestion=_suggestion(case, local_part, domain, mailbox.local_part))
    return _with_grounds(verdict, own, override, now)


def judge_domain(facts: DomainFacts, *, attempt: int = 0, checked_at: datetime | None = None) -> Verdict:
    """Judge a domain: what every address in it is worth about which there is nothing else to say (`is_plain`)."""
    return _domain_case(facts.domain, facts, attempt, checked_at).verdict()


def is_plain(address: str, policy: Policy = DEFAULT_POLICY) -> bool:
    """Whether there is nothing to say of an address that is not true of its whole domain; quickly, and no rather than yes.

    Then `judge` without own facts and overrides comes to what `judge_domain` does, and the address is its own canonical
    form. No policy makes another verdict of a plain address.
    """
    del policy
    local_part, _, domain = address.rpartition("@")
    return mailboxes.is_plain(local_part) and (
        _is_plain_domain(domain) or (domain == WITHOUT_DOTS and mailboxes.is_letters_and_figures(local_part))
    )


def not_yet_checked(retry_after: int) -> Verdict:
    """Return the verdict where nobody has answered for a domain, to be judged again after so many seconds."""
    rule = RULE_OF[ReasonCode.NOT_YET_CHECKED]
    return Verdict(rule.status, rule.reason_code, rule.score, retry_after, rule.number)


#: The verdict where nobody has been asked so far.
NOT_YET_CHECKED: Final = not_yet_checked(retry_delay(1))


def _domain_case(domain: str, facts: DomainFacts | None, attempt: int, checked_at: datetime | None) -> Case:
    case = Case(attempt)
    name = domain_names.read(domain)
    case.add(name.reasons, name.flags)
    case.lists |= name.lists
    reason = ReasonCode.NOT_YET_CHECKED if facts is None else domain_reason(facts)
    case.add([PERSISTENT.get(reason, reason) if is_persistent(attempt) else reason])
    if facts is not None:
        _add_mail_servers(case, facts)
        case.details["dns"] = dns = facts.to_json()
        dns["used"] = mail_path(facts, reason)
        dns["rcode"] = _RCODES.get(facts.outcome)
        dns["at"] = checked_at and checked_at.isoformat()
    is_told = RULE_OF[reason].status != "unknown"
    _add_typo(case, domain, usable_mx=reason is ReasonCode.MX_OK if is_told else None)
    return case


def _add_mail_servers(case: Case, facts: DomainFacts) -> None:
    names = exchanges(facts)
    servers = domain_names.read_mail_servers(names)
    if servers.reasons:
        case.add(servers.reasons)
        case.lists |= servers.lists
    if 0 < len(names) < len(facts.mx):  # RFC 7505 section 3 forbids it; senders ignore the null entry
        case.flags.append(Flag.NULL_MX_MIXED)
    if any(host.is_alias for host in facts.hosts):
        case.flags.append(Flag.MX_IS_CNAME)
    if is_ipv6_only(facts):
        case.add([ReasonCode.MX_IPV6_ONLY])


def _add_typo(case: Case, domain: str, *, usable_mx: bool | None) -> None:
    """Add what the domain was meant for: certain, or likely where no mail is served; where some is, only a flag."""
    typo = suggest_domain(domain, usable_mx=usable_mx) if is_doubtful(domain) else None
    if typo is None:
        return
    if typo.certain or usable_mx is False:
        case.add([ReasonCode.POSSIBLE_TYPO])
        case.meant = typo.domain
    elif usable_mx:
        case.flags.append(Flag.POSSIBLE_TYPO_WITH_MX)
    if typo.certain:
        # Catchers of typing errors stand on lists of throw-away domains; who wrote gmial.com had no such thing in mind.
        case.demote(ReasonCode.DISPOSABLE_DOMAIN, ReasonCode.DISPOSABLE_MX)
    case.lists["typos"] = lists.version("typos")


def _suggestion(case: Case, local_part: str, domain: str, mended: str | None) -> str | None:
    """Return the address that was meant: at another domain, or written as its provider must have it; never both at once.

    Where it would have to be both, none: an address that is known not to exist helps nobody.
    """
    if case.meant is not None:
        return f"{local_part}@{case.meant}" if mailboxes.is_unaccented_at(local_part, case.meant) else None
    return None if mended is None else f"{mended}@{domain}"


def _with_grounds(verdict: Verdict, own: OwnFacts | None, override: Override | None, now: datetime) -> Verdict:
    """Put what decided, where it was not DNS, beside the verdict."""
    if own is not None and verdict.reason_code in OWN_REASONS:
        verdict.details["own"] = own_details(own)
        if verdict.reason_code is ReasonCode.DELIVERED_RECENTLY:
            return replace(verdict, retry_after=proof_ends_after(own, now=now))
    elif verdict.reason_code in (ReasonCode.OVERRIDE_ALLOW, ReasonCode.OVERRIDE_DENY):
        verdict.details["override"] = str(override)
    return verdict


@lru_cache(maxsize=65_536)
def _is_plain_domain(domain: str) -> bool:
    # What may have been meant for another domain has a suggestion, which is an address.
    return is_own_form(domain) and not mailboxes.is_picky(domain) and not is_doubtful(domain)
