"""What the DNS facts of a domain say about its mail servers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from pipeline.verdicts.evidence import NULL_EXCHANGE, TROUBLE, DomainFacts, MailHost, Outcome, Spf, is_public
from pipeline.verdicts.reasons import ReasonCode

_OUTCOMES: Final = {
    Outcome.NO_DATA: ReasonCode.NO_MAIL_HOST,
    Outcome.NOT_FOUND: ReasonCode.DOMAIN_NOT_FOUND,
    Outcome.SERVFAIL: ReasonCode.DNS_SERVFAIL,
    Outcome.TIMEOUT: ReasonCode.DNS_TIMEOUT,
    Outcome.REFUSED: ReasonCode.DNS_REFUSED,
    Outcome.ERROR: ReasonCode.DNS_ERROR,
    Outcome.UNHEARD: ReasonCode.NOT_YET_CHECKED,
}

#: What hosts are called, with the underscore that some have against RFC 1123.
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")

#: What is known of one exchange. Unroutable: not a host's name, or no address on the public Internet. Unresolvable: no such
#: name, or no address.
_Exchange = Literal["usable", "unroutable", "unresolvable", "troubled", "not asked"]


def domain_reason(facts: DomainFacts) -> ReasonCode:
    """Return what the facts alone say of a domain: MX_OK, an implicit MX, or why no mail can be sent or nothing is known."""
    if facts.outcome is Outcome.MX:
        return _mx_reason(facts)
    if facts.outcome is not Outcome.ADDRESS:
        return _OUTCOMES[facts.outcome]
    if not facts.has_public_address:
        return ReasonCode.UNROUTABLE_MAIL_HOST
    return ReasonCode.IMPLICIT_MX_NO_MAIL_SPF if facts.spf is Spf.NO_MAIL else ReasonCode.IMPLICIT_MX


def is_trouble(facts: DomainFacts) -> bool:
    """Whether the facts tell nothing: trouble with the domain itself, or with the mail servers that it names."""
    return facts.outcome in TROUBLE or domain_reason(facts) is ReasonCode.MX_LOOKUP_INCOMPLETE


def exchanges(facts: DomainFacts) -> tuple[str, ...]:
    """Return the mail servers that the domain names, best first; a null entry is none."""
    return tuple([host for _, host in facts.mx if host != NULL_EXCHANGE])


def is_ipv6_only(facts: DomainFacts) -> bool:
    """Whether mail can reach the domain's servers over IPv6 alone. What was not heard may well have IPv4."""
    heard = {host.name for host in facts.hosts}
    if len(facts.mx) < facts.mx_count or not heard.issuperset(filter(_is_host_name, exchanges(facts))):
        return False
    found = False
    for host in facts.hosts:
        if host.outcome in TROUBLE:
            return False
        for address in host.addresses:
            if is_public(address):
                if ":" not in address:
                    return False
                found = True
    return found


def mail_path(facts: DomainFacts, reason: ReasonCode) -> str | None:
    """Return which records mail goes by to a domain of this `domain_reason`: ``mx``, ``implicit_a``, ``implicit_aaaa``; or None."""
    if reason is ReasonCode.MX_OK:
        return "mx"
    if reason in (ReasonCode.IMPLICIT_MX, ReasonCode.IMPLICIT_MX_NO_MAIL_SPF):
        return "implicit_a" if any(":" not in a and is_public(a) for a in facts.addresses) else "implicit_aaaa"
    return None


def _mx_reason(facts: DomainFacts) -> ReasonCode:
    heard = {host.name: host for host in facts.hosts}
    known: set[_Exchange] = set()
    for name in exchanges(facts):
        exchange = _exchange(name, heard)
        if exchange == "usable":  # one dead server does not sink a domain
            return ReasonCode.MX_OK
        known.add(exchange)
    if not known:
        return ReasonCode.NULL_MX
    # Nothing is held against a server that nobody asked about: evidence of an older version has none of them.
    if "not asked" in known and not heard:
        return ReasonCode.MX_OK
    if "troubled" in known or "not asked" in known:
        return ReasonCode.MX_LOOKUP_INCOMPLETE
    return ReasonCode.MX_UNROUTABLE if "unroutable" in known else ReasonCode.MX_UNRESOLVABLE


def _exchange(name: str, heard: dict[str, MailHost]) -> _Exchange:
    if not _is_host_name(name):
        return "unroutable"
    host = heard.get(name)
    if host is None:
        return "not asked"
    if host.has_public_address:
        return "usable"
    if host.outcome in TROUBLE:
        return "troubled"
    return "unroutable" if host.addresses else "unresolvable"


@lru_cache(maxsize=65_536)
def _is_host_name(name: str) -> bool:
    # RFC 5321 section 5.1: an MX names a host. "0.0.0.0" and "localhost" are ways to say "no mail here".
    last = name.rstrip(".").rpartition(".")[2]
    return last not in ("localhost", "localdomain") and not last.isdigit() and _HOST_NAME.fullmatch(name) is not None
