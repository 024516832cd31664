"""Remarks: the short way to a verdict must come to what the long one comes to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.verdicts import DomainFacts, MailHost, Outcome, Policy, judge, judge_domain
from pipeline.verdicts.remarks import remarks

NOW = datetime(2026, 11, 24, tzinfo=UTC)
HOST = MailHost("mx.exemplo.com.br", Outcome.ADDRESS, ("93.184.216.34",), is_alias=True)
LOCAL_PARTS = ("contato", "nfe01", "ana.souza", "ana+tag", "vendas.sp", "joao_2", "a" * 64, "financeiro+boleto")
DOMAINS = ("empresa.com.br", "gmail.com", "googlemail.com", "outlook.com", "duck.com", "xn--caf-dma.com.br", "me.com")


def facts(domain: str, outcome: Outcome) -> DomainFacts:
    if outcome is Outcome.MX:
        return DomainFacts(domain, outcome, mx=((10, HOST.name), (20, ".")), mx_count=2, hosts=(HOST,), ttl=300)
    return DomainFacts(domain, outcome, addresses=("93.184.216.34",) if outcome is Outcome.ADDRESS else ())


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("domain", DOMAINS)
def test_the_short_way_comes_to_what_the_long_one_does(domain: str, outcome: Outcome) -> None:
    heard = facts(domain, outcome)
    shared = judge_domain(heard, attempt=1, checked_at=NOW)
    shortened = 0
    for local_part in LOCAL_PARTS:
        address = f"{local_part}@{domain}"
        found = remarks(address, Policy())
        if found is None:
            continue
        shortened += 1
        judged = judge(address, heard, attempt=1, now=NOW, checked_at=NOW)
        assert (judged.status, judged.reason_code, judged.score, judged.retry_after, judged.rule) == (
            (shared.status, shared.reason_code, shared.score, shared.retry_after, shared.rule)
        )
        own = {"norm": address, "canonical": found.canonical, "flags": [*shared.flags, *found.flags]}
        assert {**judged.details, "flags": sorted(judged.flags)} == {
            **shared.details,
            **own,
            "flags": sorted(own["flags"]),
        }
    assert shortened


@pytest.mark.parametrize(
    ("address", "policy"),
    [
        ("postmaster@empresa.com.br", Policy()),  # a finding of its own
        ("contato@empresa.com.br", Policy(risky_roles=True)),
        ("ana@gmail.com", Policy()),
        ("joão@empresa.com.br", Policy()),
        ("ana@gamil.com", Policy()),  # a suggestion is an address
    ],
)
def test_what_has_a_verdict_of_its_own_takes_the_long_way(address: str, policy: Policy) -> None:
    assert remarks(address, policy) is None
