"""One question to DNS: what each kind of answer comes to, through the real library over real sockets."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.lookups import MailLookups, NameserverError
from pipeline.verdicts import DomainFacts, Outcome
from tests.support.dns import MISSING, PUBLIC, Host, ScriptedDns, closed_port

X = "empresa.com.br"


def lookups(*nameservers: str, timeout: float = 2.0, query_deadline: float = 12.0) -> MailLookups:
    return MailLookups(nameservers, timeout=timeout, tries=5, query_deadline=query_deadline, concurrency=50)


def check(server: ScriptedDns, domain: str = X, **settings: float) -> DomainFacts:
    with server.serving() as address:
        facts = asyncio.run(lookups(address, **settings).check(domain))
    assert facts is not None
    return facts


def test_mail_servers_are_listed_by_preference_in_lower_case() -> None:
    facts = check(ScriptedDns({X: Host(mx=((20, "B.Empresa.com.br"), (10, "A.empresa.com.br")), ttl=1234)}))

    assert facts.outcome is Outcome.MX
    assert facts.mx == ((10, "a.empresa.com.br"), (20, "b.empresa.com.br"))
    assert (facts.ttl, facts.tries) == (1234, 1)


def test_a_null_mx_is_kept_as_a_dot() -> None:
    assert check(ScriptedDns({X: Host(mx=((0, "."),))})).mx == ((0, "."),)


def test_without_mx_the_domains_own_address_is_found() -> None:
    facts = check(ScriptedDns({X: Host(a=(PUBLIC,), ttl=600)}))

    assert (facts.outcome, facts.addresses, facts.ttl) == (Outcome.ADDRESS, (PUBLIC,), 600)


def test_without_a_public_ipv4_address_ipv6_is_asked_for_too() -> None:
    facts = check(ScriptedDns({X: Host(a=("10.0.0.1",), aaaa=("2a00:1450::1",))}))

    assert facts.addresses == ("10.0.0.1", "2a00:1450::1")


def test_an_alias_to_a_name_without_mail_servers_is_no_data() -> None:
    assert check(ScriptedDns({X: Host(cname="alvo.com.br"), "alvo.com.br": Host()})).outcome is Outcome.NO_DATA


def test_an_alias_to_a_name_with_mail_servers_has_them() -> None:
    assert (
        check(ScriptedDns({X: Host(cname="alvo.com.br"), "alvo.com.br": Host(mx=((1, "mx.alvo.com.br"),))})).outcome
        is Outcome.MX
    )


def test_an_alias_to_a_missing_name_is_missing() -> None:
    assert check(ScriptedDns({X: Host(cname="alvo.com.br")})).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("rcode", "outcome"),
    [
        ("NXDOMAIN", Outcome.NOT_FOUND),
        ("SERVFAIL", Outcome.SERVFAIL),
        ("REFUSED", Outcome.REFUSED),
        ("NOTIMP", Outcome.ERROR),
        ("FORMERR", Outcome.ERROR),
    ],
)
def test_each_error_of_the_server_has_its_outcome(rcode: str, outcome: Outcome) -> None:
    assert check(ScriptedDns({X: Host(rcode=rcode)})).outcome is outcome


def test_trouble_with_the_address_is_not_taken_for_its_absence() -> None:
    server = ScriptedDns({(X, "MX"): Host(), (X, "A"): Host(rcode="SERVFAIL"), (X, "AAAA"): Host()})

    assert check(server).outcome is Outcome.SERVFAIL


def test_a_silent_server_is_a_time_out() -> None:
    facts = check(ScriptedDns({X: Host(silent=True)}), timeout=0.2, query_deadline=0.4)

    assert (facts.outcome, facts.tries) == (Outcome.TIMEOUT, 2)


def test_an_answer_too_long_for_udp_is_fetched_over_tcp() -> None:
    many = tuple((10, f"mx{number}.empresa.com.br") for number in range(40))

    assert check(ScriptedDns({X: Host(mx=many, truncated=True)})).mx == tuple(sorted(many))


def test_a_port_where_nobody_listens_brings_no_facts() -> None:
    assert asyncio.run(lookups(closed_port()).check(X)) is None


def test_a_dead_nameserver_is_made_good_by_the_next_one() -> None:
    with ScriptedDns({X: Host(mx=((10, "mx"),))}).serving() as address:
        facts = asyncio.run(lookups(closed_port(), address).check(X))

    assert facts is not None
    assert facts.outcome is Outcome.MX


def test_the_second_opinion_comes_from_the_other_nameserver() -> None:
    wrong, right = ScriptedDns({X: MISSING}), ScriptedDns({X: Host(mx=((10, "mx"),))})
    with wrong.serving() as first, right.serving() as second:
        facts = asyncio.run(lookups(first, second).check(X))

    assert facts is not None
    assert facts.outcome is Outcome.MX
    assert (wrong.asked(X, "MX"), right.asked(X, "MX")) == (1, 1)


@pytest.mark.parametrize(
    "server", ["dns.google", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "8.8.8", "", "user@127.0.0.1:53"]
)
def test_what_is_no_nameserver_is_refused_with_a_sentence(server: str) -> None:
    with pytest.raises(NameserverError, match="is not a nameserver: write an address"):
        lookups(server)


@pytest.mark.parametrize("server", ["127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:5353"])
def test_a_nameserver_may_have_a_port(server: str) -> None:
    lookups(server)
