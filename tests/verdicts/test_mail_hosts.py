"""What the mail servers of a domain come to: dead, usable and unheard ones side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.verdicts import DomainFacts, MailHost, Outcome, judge_domain
from tests.verdicts.evidence import IPV4, IPV6, PRIVATE, facts, good, host, mail

USABLE = host(IPV4, name="mx.good.example.com")
GONE = host(name="mx.gone.example.com", outcome=Outcome.NOT_FOUND)
EMPTY = host(name="mx.empty.example.com", outcome=Outcome.NO_DATA)
INNER = host(PRIVATE, "127.0.0.1", "fe80::1", name="mx.inner.example.com")
LATE = host(name="mx.late.example.com", outcome=Outcome.TIMEOUT)
OURS = host(name="mx.ours.example.com", outcome=Outcome.UNHEARD)
UNASKED = "mx.unasked.example.com"


@pytest.mark.parametrize(
    ("hosts", "reason"),
    [
        ((USABLE,), "mx_ok"),
        ((GONE, EMPTY, INNER, USABLE), "mx_ok"),
        ((LATE, USABLE), "mx_ok"),
        (("localhost", USABLE), "mx_ok"),
        ((USABLE, UNASKED), "mx_ok"),
        ((GONE,), "mx_unresolvable"),
        ((GONE, EMPTY), "mx_unresolvable"),
        ((INNER,), "mx_unroutable"),
        ((GONE, INNER), "mx_unroutable"),
        (("localhost",), "mx_unroutable"),
        (("localhost.localdomain",), "mx_unroutable"),
        (("0.0.0.0",), "mx_unroutable"),  # noqa: S104 (nobody listens: it is a name in a zone)
        (("10.1.2.3",), "mx_unroutable"),
        (("2001:db8::1",), "mx_unroutable"),
        (("[192.0.2.1]",), "mx_unroutable"),
        ((host(IPV4, name="200.160.2.3"),), "mx_unroutable"),
        ((GONE, "localhost"), "mx_unroutable"),
        *(((name,), "mx_unroutable") for name in ("mx empresa.com.br", '"mx.empresa.com.br"', "mx\0.com.br", "mx/10")),
        ((GONE, "mx empresa.com.br"), "mx_unroutable"),
        (("_mx-1.empresa.com.br", LATE), "mx_lookup_incomplete"),
        ((LATE,), "mx_lookup_incomplete"),
        ((OURS,), "mx_lookup_incomplete"),
        ((GONE, LATE), "mx_lookup_incomplete"),
        (("localhost", LATE), "mx_lookup_incomplete"),
        ((GONE, UNASKED), "mx_lookup_incomplete"),
        ((UNASKED,), "mx_ok"),
        (("localhost", UNASKED), "mx_ok"),
        ((".",), "null_mx"),
        ((".", "."), "null_mx"),
        ((".", USABLE), "mx_ok"),
        ((".", GONE), "mx_unresolvable"),
        ((".", LATE), "mx_lookup_incomplete"),
    ],
    ids=lambda value: (
        "+".join(h.name if isinstance(h, MailHost) else h for h in value) if type(value) is tuple else None
    ),
)
def test_one_usable_server_makes_a_domain_fine_and_one_dead_one_sinks_none(
    hosts: tuple[MailHost | str, ...], reason: str
) -> None:
    assert judge_domain(mail(*hosts)).reason_code == reason


def test_the_null_entry_beside_others_is_said() -> None:
    assert judge_domain(mail(".", USABLE)).flags == ("null_mx_mixed",)
    assert judge_domain(mail(".", USABLE)).score == 90
    assert judge_domain(mail(".")).flags == ()


@pytest.mark.parametrize(
    ("hosts", "ipv6_only"),
    [
        ((host(IPV6),), True),
        ((host(IPV6), GONE, EMPTY), True),
        ((host(IPV6, PRIVATE),), True),
        ((host(IPV6, IPV4),), False),
        ((host(IPV6), USABLE), False),
        ((host(IPV6), LATE), False),
        ((host("fe80::1"), USABLE), False),
        ((UNASKED,), False),
        ((host(IPV6), UNASKED), False),
        ((host(IPV6), OURS), False),
        ((host(IPV6), "localhost"), True),
        ((host(IPV6), "."), True),
    ],
)
def test_only_ipv6_is_only_where_all_were_heard_and_none_has_ipv4(
    hosts: tuple[MailHost | str, ...], *, ipv6_only: bool
) -> None:
    assert (judge_domain(mail(*hosts)).reason_code == "mx_ipv6_only") is ipv6_only


def test_of_servers_that_were_not_kept_nobody_knows_whether_they_have_ipv4() -> None:
    assert judge_domain(replace(mail(host(IPV6)), mx_count=21)).reason_code == "mx_ok"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (("mx.mailinator.com",), "disposable_mx"),
        (("mx.mailinator.com", "mail.yopmail.com"), "disposable_mx"),
        (("mx.mailinator.com", "mx.empresa.com.br"), "mx_ok"),
        (("mx.mailinator.com.example.org",), "mx_ok"),
        (("notmailinator.com",), "mx_ok"),
        (("mx1.forwardemail.net", "mx2.forwardemail.net"), "mx_ok"),
        (("park-mx.above.com",), "parked_mx"),
        (("mx.above.com",), "mx_ok"),
    ],
)
def test_mail_servers_are_compared_by_whole_labels_and_all_of_them(names: tuple[str, ...], reason: str) -> None:
    verdict = judge_domain(mail(*(host(IPV4, name=name) for name in names)))

    assert verdict.reason_code == reason
    assert set(verdict.details["lists"]) == ({"mail_servers"} if reason != "mx_ok" else set())


def test_a_host_without_addresses_of_its_own_domain() -> None:
    everything_private = facts(Outcome.ADDRESS, addresses=("10.0.0.1", "100.64.0.1", "192.0.2.1", "224.0.0.1", "::1"))

    assert judge_domain(everything_private).reason_code == "unroutable_mail_host"


def test_facts_come_back_from_json_as_they_were() -> None:
    for said in (good(), mail(".", USABLE, GONE, host(IPV6, is_alias=True))):
        assert DomainFacts.from_json(said.domain, said.to_json()) == said
