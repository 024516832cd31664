"""From a domain to its mail hosts: which questions are asked, and what the answers come to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from pipeline.lookups import MailLookups
from pipeline.verdicts import DomainFacts, MailHost, Outcome, Spf, judge_domain
from tests.support.dns import MISSING, PUBLIC, Host, Script, ScriptedDns

X = "empresa.com.br"
SIX = "2a00:1450::1"
PRIVATE = "10.0.0.1"


def check(script: Script, *, timeout: float = 2.0) -> tuple[DomainFacts, dict[str, int]]:
    """Return the facts of the domain, and how many questions were asked for them, by type."""
    server = ScriptedDns(script)
    with server.serving() as address:
        finder = MailLookups([address], timeout=timeout, tries=3, query_deadline=6 * timeout, concurrency=50)
        return asyncio.run(finder.check(X)), dict(server.totals())


def mx(*names: str) -> Host:
    return Host(mx=tuple((10 * number, name) for number, name in enumerate(names)))


def test_the_best_mail_server_is_asked_for_its_address_and_no_other() -> None:
    facts, asked = check({X: mx("a.com", "b.com"), "a.com": Host(a=(PUBLIC,), ttl=60)})

    assert facts.hosts == (MailHost("a.com", Outcome.ADDRESS, (PUBLIC,)),)
    assert facts.ttl == 60
    assert asked == {"MX": 1, "A": 1}


def test_a_dead_mail_server_is_passed_over() -> None:
    facts, asked = check({X: mx("a.com", "b.com", "c.com"), "a.com": MISSING})

    assert [(host.name, host.outcome) for host in facts.hosts] == [
        ("a.com", Outcome.NOT_FOUND),
        ("b.com", Outcome.ADDRESS),
    ]
    assert (facts.tries, asked) == (1, {"MX": 1, "A": 2})


def test_after_a_silent_mail_server_the_others_are_asked_for_together() -> None:
    silent = dict.fromkeys(("a.com", "b.com"), Host(silent=True))
    facts, _ = check({X: mx("a.com", "b.com", "c.com", "d.com"), **silent}, timeout=0.3)

    assert [host.outcome for host in facts.hosts] == [Outcome.TIMEOUT] * 2 + [Outcome.ADDRESS] * 2
    assert facts.tries == 1


def test_where_no_mail_server_is_of_use_all_are_heard_twice() -> None:
    script = {"a.com": MISSING, "b.com": Host(), "c.com": Host(a=(PRIVATE,))}
    facts, asked = check({X: mx("a.com", "b.com", "c.com"), **script})

    assert facts.hosts == (
        MailHost("a.com", Outcome.NOT_FOUND),
        MailHost("b.com", Outcome.NO_DATA),
        MailHost("c.com", Outcome.ADDRESS, (PRIVATE,)),
    )
    assert (facts.tries, asked) == (2, {"MX": 2, "A": 6, "AAAA": 4})


def test_ipv6_is_of_use_but_ipv4_is_looked_for_further_on() -> None:
    six = Host(aaaa=(SIX,))
    alone, _ = check({X: mx("a.com"), "a.com": six})
    beside, _ = check({X: mx("a.com", "b.com"), "a.com": six})

    assert alone.hosts == (MailHost("a.com", Outcome.ADDRESS, (SIX,)),)
    assert alone.tries == beside.tries == 1
    assert [host.addresses for host in beside.hosts] == [(SIX,), (PUBLIC,)]


def test_an_alias_as_mail_server_is_noted() -> None:
    facts, _ = check({X: mx("a.com"), "a.com": Host(cname="b.com"), "b.com": Host(a=(PUBLIC,))})

    assert facts.hosts == (MailHost("a.com", Outcome.ADDRESS, (PUBLIC,), is_alias=True),)


def test_a_domain_may_be_its_own_mail_server() -> None:
    facts, _ = check({X: Host(mx=((0, X),), a=(PUBLIC,))})

    assert facts.hosts == (MailHost(X, Outcome.ADDRESS, (PUBLIC,)),)


def test_what_is_no_host_is_not_asked_for() -> None:
    facts, asked = check({X: mx("localhost", "0.0.0.0", "10.1.2.3", "localhost.localdomain")})  # noqa: S104

    assert (facts.outcome, facts.mx_count, facts.hosts) == (Outcome.MX, 4, ())
    assert asked == {"MX": 2}


def test_a_null_mx_beside_others_is_kept_and_not_asked_for() -> None:
    facts, asked = check({X: mx(".", "b.com")})

    assert facts.mx == ((0, "."), (10, "b.com"))
    assert asked == {"MX": 1, "A": 1}


def test_trouble_with_a_denied_aaaa_is_none() -> None:
    facts, _ = check({X: mx("a.com"), ("a.com", "A"): Host(), ("a.com", "AAAA"): MISSING})

    assert facts.hosts == (MailHost("a.com", Outcome.NO_DATA),)


def test_trouble_with_the_aaaa_is_not_taken_for_its_absence() -> None:
    facts, _ = check({X: mx("a.com"), ("a.com", "A"): Host(), ("a.com", "AAAA"): Host(rcode="SERVFAIL")})

    assert facts.hosts == (MailHost("a.com", Outcome.SERVFAIL),)


def test_of_thousands_of_mail_servers_the_best_are_kept() -> None:
    many = tuple((number, f"m{number}.x") for number in range(4000))
    facts, asked = check({X: Host(mx=many)})

    assert facts.mx[:19] == many[:19]
    assert len(facts.mx) == 20
    assert facts.mx_count > 3000  # no more fit into a message
    assert asked == {"MX": 2, "A": 1}  # once more over TCP


def test_too_many_dead_mail_servers_are_no_proof_against_the_others() -> None:
    many = tuple((number, f"m{number}.x") for number in range(100))
    facts, _ = check({X: Host(mx=many), **{name: MISSING for _, name in many}})

    assert [host.outcome for host in facts.hosts] == [Outcome.NOT_FOUND] * 19 + [Outcome.UNHEARD]
    assert {host.name for host in facts.hosts} == {name for _, name in facts.mx}


def test_a_mail_server_that_is_named_very_often_is_one() -> None:
    often = tuple((number, "a.com") for number in range(50))
    facts, _ = check({X: Host(mx=(*often, (99, "b.com"))), "a.com": MISSING})

    assert facts.mx == ((0, "a.com"), (99, "b.com"))
    assert [(host.name, host.outcome) for host in facts.hosts] == [
        ("a.com", Outcome.NOT_FOUND),
        ("b.com", Outcome.ADDRESS),
    ]


def test_the_only_host_among_many_names_is_asked_for() -> None:
    literals = tuple((number, f"10.0.0.{number}") for number in range(50))
    facts, _ = check({X: Host(mx=(*literals, (99, "a.com")))})

    assert facts.hosts == (MailHost("a.com", Outcome.ADDRESS, (PUBLIC,)),)
    assert len(facts.mx) == 20


@pytest.mark.parametrize("name", ["a b.com", '"a".com', "'a'.com", "a\0b.com", "a\tb.com"])
def test_what_cannot_be_the_name_of_a_host_is_not_asked_for_and_unroutable(name: str) -> None:
    facts, asked = check({X: mx(name)})

    assert asked == {"MX": 2}
    assert judge_domain(facts, checked_at=datetime.now(UTC)).reason_code == "mx_unroutable"


@pytest.mark.parametrize(
    "script",
    [
        {X: Host(cname=X)},
        {X: Host(cname="b.com"), "b.com": Host(cname=X)},
        {X: Host(cname="b.com"), "b.com": Host(cname="c.com"), "c.com": Host(cname="b.com")},
    ],
)
def test_an_alias_that_goes_in_circles_is_an_error(script: Script) -> None:
    assert check(script)[0].outcome is Outcome.ERROR


def test_a_mail_server_that_goes_in_circles_is_an_error() -> None:
    facts, _ = check({X: mx("a.com"), "a.com": Host(cname="a.com")})

    assert facts.hosts == (MailHost("a.com", Outcome.ERROR),)


NO_MAIL = "v=spf1 -all"


@pytest.mark.parametrize(
    ("texts", "spf"),
    [
        ((), Spf.OTHER),
        ((NO_MAIL,), Spf.NO_MAIL),
        (("V=SPF1   -ALL ",), Spf.NO_MAIL),
        ((("v=sp", "f1 -", "all"),), Spf.NO_MAIL),
        (("google-site-verification=x", NO_MAIL), Spf.NO_MAIL),
        ((b"\xff\xfe\x00", NO_MAIL), Spf.NO_MAIL),
        (("x" * 60_000, NO_MAIL), Spf.NO_MAIL),
        ((NO_MAIL, NO_MAIL), Spf.OTHER),
        (("v=spf1 mx -all",), Spf.OTHER),
        (("v=spf1 ~all",), Spf.OTHER),
        (("v=spf10 -all",), Spf.OTHER),
    ],
)
def test_a_domain_with_an_address_is_asked_whether_it_sends_mail(texts: tuple[str | bytes, ...], spf: Spf) -> None:
    facts, _ = check({X: Host(a=(PUBLIC,), txt=texts)})

    assert (facts.outcome, facts.spf, facts.tries) == (Outcome.ADDRESS, spf, 2)


@pytest.mark.parametrize("trouble", [Host(rcode="SERVFAIL"), Host(silent=True)])
def test_trouble_with_spf_does_not_matter(trouble: Host) -> None:
    facts, _ = check({(X, "MX"): Host(), (X, "A"): Host(a=(PUBLIC,)), (X, "TXT"): trouble}, timeout=0.3)

    assert (facts.outcome, facts.spf, facts.tries) == (Outcome.ADDRESS, Spf.UNKNOWN, 2)


def test_spf_is_asked_for_only_where_mail_could_go() -> None:
    assert "TXT" not in check({X: Host(a=(PRIVATE,), txt=(NO_MAIL,))})[1]
    assert "TXT" not in check({X: mx("a.com")})[1]
