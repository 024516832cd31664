"""Evidence in few words: what the tests of the rules are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.verdicts import DomainFacts, MailHost, Outcome

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DOMAIN = "empresa.com.br"
IPV4, IPV6, PRIVATE = "200.160.2.3", "2001:12ff:0:2::3", "10.1.2.3"


def facts(outcome: Outcome, *, domain: str = DOMAIN, **more: Any) -> DomainFacts:  # noqa: ANN401 (whatever facts have)
    return DomainFacts(domain, outcome, **more)


def mail(*hosts: MailHost | str, domain: str = DOMAIN) -> DomainFacts:
    """Return the facts of a domain with these exchanges, best first; of a mere name nothing was heard."""
    names = [host.name if isinstance(host, MailHost) else host for host in hosts]
    return DomainFacts(
        domain,
        Outcome.MX,
        mx=tuple((10 * at, name) for at, name in enumerate(names, 1)),
        mx_count=len(names),
        hosts=tuple(host for host in hosts if isinstance(host, MailHost)),
        ttl=3_600,
    )


def host(
    *addresses: str, name: str = "mx.empresa.com.br", outcome: Outcome = Outcome.ADDRESS, is_alias: bool = False
) -> MailHost:
    return MailHost(name, outcome, addresses, is_alias=is_alias)


def good(domain: str = DOMAIN) -> DomainFacts:
    """Return the facts of a domain about which there is nothing to say."""
    return mail(host(IPV4, name=f"mx.{domain}"), domain=domain)


def trouble(outcome: Outcome = Outcome.TIMEOUT, domain: str = DOMAIN) -> DomainFacts:
    return facts(outcome, domain=domain)
