"""Verdicts through the whole pipeline, from a DNS server on loopback that says what the test wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

import pytest

from config.settings import Settings
from db import deliveries, overrides, validations
from db.deliveries import Event
from db.jobs import Job
from db.overrides import Choices
from db.statuses import DeliveryKind, JobStatus, OverrideDecision
from db.unit import Database
from pipeline.verdicts import RULES, ReasonCode
from tests.conftest import Tenant
from tests.pipeline.world import World, world
from tests.support.dns import (
    MISSING,
    PUBLIC,
    Host,
    ScriptedDns,
    address_to_everything,
    closed_port,
    nxdomain_to_everything,
    silent,
)

PUBLIC_V6 = "2606:2800:220:1::1"
MX = "mx.servidor-exemplo.com.br"
GOOD = Host(mx=((10, MX),))
#: Names that many cases share.
HOSTS: Mapping[str, Host] = {
    MX: Host(a=(PUBLIC,)),
    "mx2.servidor-exemplo.com.br": Host(a=(PUBLIC,)),
    "intern.servidor-exemplo.com.br": Host(a=("192.168.0.9",)),
    "ipv6.servidor-exemplo.com.br": Host(aaaa=(PUBLIC_V6,)),
    "empty.servidor-exemplo.com.br": Host(),
    "broken.servidor-exemplo.com.br": Host(rcode="SERVFAIL"),
    "alias.servidor-exemplo.com.br": Host(cname=MX),
    "gone.servidor-exemplo.com.br": MISSING,
    "loop.servidor-exemplo.com.br": Host(cname="back.servidor-exemplo.com.br"),
    "back.servidor-exemplo.com.br": Host(cname="loop.servidor-exemplo.com.br"),
    "itself.servidor-exemplo.com.br": Host(mx=((10, "itself.servidor-exemplo.com.br"),)),
    "no-tcp.servidor-exemplo.com.br": Host(mx=((10, MX),), truncated=True, tcp_closed=True),
    "mx.mailinator.com": Host(a=(PUBLIC,)),
    "mail.h-email.net": Host(a=(PUBLIC,)),
}


class Case(NamedTuple):
    """What DNS says of a domain, and what an address in it gets."""

    host: Host
    status: str
    reason: str
    rule: str
    score: int


#: Every rule of the table that DNS alone decides, each at a domain of its own.
DNS_CASES: Mapping[str, Case] = {
    "missing": Case(MISSING, "invalid", "domain_not_found", "11", 0),
    "alias-to-nothing": Case(Host(cname="gone.servidor-exemplo.com.br"), "invalid", "domain_not_found", "11", 0),
    "null": Case(Host(mx=((0, "."),)), "invalid", "null_mx", "12", 0),
    "null-10": Case(Host(mx=((10, "."),)), "invalid", "null_mx", "12", 0),
    "null-mixed": Case(Host(mx=((0, "."), (10, MX))), "valid", "mx_ok", "32", 90),
    "nothing": Case(Host(), "invalid", "no_mail_host", "13", 2),
    "private": Case(Host(a=("10.1.2.3",)), "invalid", "unroutable_mail_host", "13", 3),
    "loopback": Case(Host(a=("127.0.0.1",)), "invalid", "unroutable_mail_host", "13", 3),
    "loopback-v6": Case(Host(aaaa=("::1",)), "invalid", "unroutable_mail_host", "13", 3),
    "link-local": Case(Host(a=("169.254.1.1",)), "invalid", "unroutable_mail_host", "13", 3),
    "cgnat": Case(Host(a=("100.64.0.1",)), "invalid", "unroutable_mail_host", "13", 3),
    "this-net": Case(Host(a=("0.0.0.0",)), "invalid", "unroutable_mail_host", "13", 3),  # noqa: S104 (an answer)
    "test-net": Case(Host(a=("192.0.2.1",)), "invalid", "unroutable_mail_host", "13", 3),
    "multicast": Case(Host(a=("224.0.0.5",)), "invalid", "unroutable_mail_host", "13", 3),
    "no-mail-spf": Case(Host(a=(PUBLIC,), txt=("v=spf1 -all",)), "risky", "implicit_mx_no_mail_spf", "14", 20),
    "implicit": Case(Host(a=(PUBLIC,)), "risky", "implicit_mx", "15", 55),
    "implicit-v6": Case(Host(aaaa=(PUBLIC_V6,)), "risky", "implicit_mx", "15", 55),
    "implicit-spf": Case(Host(a=(PUBLIC,), txt=("v=spf1 mx -all",)), "risky", "implicit_mx", "15", 55),
    "alias-to-address": Case(Host(cname=MX), "risky", "implicit_mx", "15", 55),
    "dead-exchanges": Case(
        Host(mx=((10, "gone.servidor-exemplo.com.br"), (20, "empty.servidor-exemplo.com.br"))),
        "invalid",
        "mx_unresolvable",
        "16",
        3,
    ),
    "one-dead-exchange": Case(Host(mx=((0, "gone.servidor-exemplo.com.br"), (10, MX))), "valid", "mx_ok", "32", 95),
    "intern": Case(Host(mx=((10, "intern.servidor-exemplo.com.br"),)), "invalid", "mx_unroutable", "17", 3),
    "localhost": Case(Host(mx=((10, "localhost"),)), "invalid", "mx_unroutable", "17", 3),
    "literal": Case(Host(mx=((10, "10.0.0.7"),)), "invalid", "mx_unroutable", "17", 3),
    "broken-exchange": Case(
        Host(mx=((10, "broken.servidor-exemplo.com.br"),)), "unknown", "mx_lookup_incomplete", "18", 40
    ),
    "servfail": Case(Host(rcode="SERVFAIL"), "unknown", "dns_servfail", "19", 40),
    "silent": Case(Host(silent=True), "unknown", "dns_timeout", "19", 40),
    "refused": Case(Host(rcode="REFUSED"), "unknown", "dns_refused", "19", 40),
    "notimp": Case(Host(rcode="NOTIMP"), "unknown", "dns_error", "19", 40),
    "formerr": Case(Host(rcode="FORMERR"), "unknown", "dns_error", "19", 40),
    "disposable-mx": Case(Host(mx=((10, "mx.mailinator.com"),)), "risky", "disposable_mx", "23", 15),
    "parked": Case(Host(mx=((10, "mail.h-email.net"),)), "risky", "parked_mx", "25", 25),
    "ipv6-only": Case(Host(mx=((10, "ipv6.servidor-exemplo.com.br"),)), "risky", "mx_ipv6_only", "31", 60),
    "cname-exchange": Case(Host(mx=((10, "alias.servidor-exemplo.com.br"),)), "valid", "mx_ok", "32", 90),
    "good": Case(GOOD, "valid", "mx_ok", "32", 95),
    # What no zone should say, and some do
    "thousands": Case(  # as many as a message of 64 kB has room for
        Host(mx=((1, MX), *((n, f"mx{n}.servidor-exemplo.com.br") for n in range(3, 2503)))),
        "valid",
        "mx_ok",
        "32",
        95,
    ),
    "long-text": Case(Host(a=(PUBLIC,), txt=("x" * 60_000,)), "risky", "implicit_mx", "15", 55),
    "wrong-id": Case(Host(mx=((10, MX),), wrong_id=True), "unknown", "dns_timeout", "19", 40),
    "loop": Case(Host(cname="loop.servidor-exemplo.com.br"), "unknown", "dns_error", "19", 40),
    "itself": Case(Host(mx=((10, "itself.servidor-exemplo.com.br"),)), "invalid", "mx_unresolvable", "16", 3),
    "truncated": Case(Host(mx=((10, MX),), truncated=True), "valid", "mx_ok", "32", 95),
}

#: What is no fault of the domain: nothing is said of it, and the queries that share its connection suffer too.
NO_TCP = "no-tcp.servidor-exemplo.com.br"

#: Addresses that say something themselves, or whose domain's name does: address, status, reason, rule.
NAME_CASES = [
    ("nobody@mailinator.com", "risky", "disposable_domain", "22"),
    ("nobody@sub.mailinator.com", "risky", "disposable_domain", "22"),
    ("ana@duck.com", "valid", "mx_ok", "32"),
    ("ana@gamil.com", "risky", "possible_typo", "24"),
    ("postmaster@{good}", "risky", "system_mailbox", "26"),
    ("naoresponda@{good}", "risky", "system_mailbox", "26"),
    ("contato@{good}", "valid", "mx_ok", "32"),
    ("nfe@{good}", "valid", "mx_ok", "32"),
    ("joão@{good}", "risky", "smtputf8_required", "28"),
    ("ana@xn--pple-43d.com", "risky", "confusable_domain", "29"),
    ("ana@ab.cd.xn--4dbc.com", "valid", "mx_ok", "32"),
    ("ana@gmail.com", "risky", "provider_rule", "30"),
    ("ana.silva@gmail.com", "valid", "mx_ok", "32"),
    ("a" * 70 + "@{good}", "risky", "local_part_too_long", "8"),
    ("a@" + ".".join(["b" * 61] * 4) + ".br", "valid", "mx_ok", "32"),
]
#: Reasons that come from the tenant.
OWN_CASES = {
    "bounced_hard", "delivered_recently", "bounced_soft_repeated", "override_deny", "override_allow", "role_account"
}  # fmt: skip
#: Addresses that no DNS is asked about.
ROW_ERRORS = [
    "ana@xn--a.com.br",
    "ana@xn--zzzzzzzz99.com",
    "ana@a1\u05d0.com",
    "a@" + ".".join(["b" * 61] * 4) + ".br.xy",  # a domain of 253 octets leaves no room for a local part
    "ana@empresa.test",
    "ana@localhost",
    "ana@[10.0.0.1]",
]


@pytest.fixture
def names(tenant: Tenant) -> dict[str, str]:
    """Return the domain of each case."""
    return {name: f"{name}-{tenant.slug}.com.br" for name in DNS_CASES}


@pytest.fixture
def there(settings: Settings, database: Database, tenant: Tenant, names: dict[str, str]) -> Iterator[World]:
    script = {names[name]: case.host for name, case in DNS_CASES.items()}
    fixed = {address.rpartition("@")[2]: GOOD for address, *_ in NAME_CASES if "{" not in address}
    with world(settings, database, tenant, {**HOSTS, **fixed, **script}) as made:
        yield made


def test_each_answer_of_dns_gives_its_verdict(there: World, names: dict[str, str]) -> None:
    job = there.take_in([f"{who}@{domain}" for domain in names.values() for who in ("ana", "bia")])
    assert (job.status, job.total_rows) == (JobStatus.DONE, 2 * len(names))
    assert there.states() == {
        f"{who}@{names[name]}": (case.status, case.reason) for name, case in DNS_CASES.items() for who in ("ana", "bia")
    }
    told = {name: there.state(f"ana@{names[name]}") for name in DNS_CASES}
    assert {name: (row.score, row.details_json["rule"]) for name, row in told.items()} == {
        name: (case.score, case.rule) for name, case in DNS_CASES.items()
    }
    assert there.judgements() == 2 * len(names)


@pytest.mark.fault(25)
def test_an_answer_that_cannot_be_had_is_no_verdict_and_the_domain_waits_for_its_retry(there: World) -> None:
    job = there.take_in([f"ana@{NO_TCP}"])
    assert_done(there, job, 1)
    state = there.state(f"ana@{NO_TCP}")
    assert (state.status, state.reason_code, state.score) == ("unknown", "not_yet_checked", 40)
    assert state.next_validation_at - there.clock.now == timedelta(minutes=5)
    assert there.judgements() == 0


def test_the_evidence_goes_with_the_verdict(there: World, names: dict[str, str]) -> None:
    plain, special = f"ana@{names['good']}", f"postmaster@{names['good']}"
    there.take_in([plain, special])
    for email in (plain, special):
        details = there.state(email).details_json
        assert (details["norm"], details["canonical"]) == (email, email)
        assert details["dns"]["mx"] == [[10, MX]]
        assert details["dns"]["used"] == "mx"
        assert details["dns"]["at"] == there.clock.now.isoformat()
    assert there.state(special).details_json["rule"] == "26"


def test_names_and_mailboxes_say_something_too(there: World, names: dict[str, str]) -> None:
    cases = [(address.format(good=names["good"]), *rest) for address, *rest in NAME_CASES]
    job = there.take_in([*(address for address, *_ in cases), *ROW_ERRORS])
    assert there.states() == {address: (status, reason) for address, status, reason, _ in cases}
    assert {email: there.state(email).details_json["rule"] for email, *_ in cases} == {c[0]: c[3] for c in cases}
    flags = there.state(f"contato@{names['good']}").details_json["flags"]
    assert flags == ["role_account"]
    assert there.state("ana.silva@gmail.com").details_json["canonical"] == "anasilva@gmail.com"
    assert there.state("ana@gamil.com").details_json["suggestion"] == "ana@gmail.com"
    assert (job.status, there.report(job).error_rows) == (JobStatus.DONE, len(ROW_ERRORS))


def test_what_the_tenant_knows_and_wants_comes_first(there: World, names: dict[str, str]) -> None:
    good, missing, risky = names["good"], names["missing"], names["implicit"]
    hour = timedelta(hours=1)
    now = there.clock.now
    heard = [
        Event("1", f"bounced@{good}", DeliveryKind.BOUNCE_HARD, now - hour),
        Event("2", f"read@{risky}", DeliveryKind.DELIVERED, now - hour),
        *(Event(f"s{n}", f"full@{good}", DeliveryKind.BOUNCE_SOFT, now - n * hour) for n in range(1, 6)),
    ]
    decisions = {
        f"denied@{good}": OverrideDecision.DENY,
        risky: OverrideDecision.ALLOW,
        missing: OverrideDecision.ALLOW,
        f"not-me@{risky}": OverrideDecision.DENY,
    }
    with there.database.unit(there.tenant.tenant_id) as unit:
        deliveries.record(unit, heard, repeated=5, now=now)
        for entry, decision in decisions.items():
            overrides.decide(unit, entry, decision, note="", user_id=there.tenant.user_id, now=now)
        overrides.choose(unit, Choices(risky_roles=True, smtputf8=True), now=now)
    verdicts = {
        f"bounced@{good}": ("invalid", "bounced_hard", "10a"),
        f"read@{risky}": ("valid", "delivered_recently", "10b"),
        f"full@{good}": ("risky", "bounced_soft_repeated", "10c"),
        f"denied@{good}": ("invalid", "override_deny", "10"),
        f"ana@{risky}": ("valid", "override_allow", "10"),
        f"not-me@{risky}": ("invalid", "override_deny", "10"),
        f"ana@{missing}": ("invalid", "domain_not_found", "11"),  # an allowance lifts nothing that is invalid
        f"contato@{good}": ("risky", "role_account", "27"),
        f"joão@{good}": ("valid", "mx_ok", "32"),
    }
    there.take_in(list(verdicts))
    states = there.states()
    assert {email: (*states[email], there.state(email).details_json["rule"]) for email in verdicts} == verdicts


def test_own_facts_decide_where_dns_says_nothing(there: World) -> None:
    event = Event("1", f"bounced@{NO_TCP}", DeliveryKind.BOUNCE_HARD, there.clock.now)
    with there.database.unit(there.tenant.tenant_id) as unit:
        deliveries.record(unit, [event], repeated=5, now=there.clock.now)
    there.take_in([f"bounced@{NO_TCP}", f"ana@{NO_TCP}"])
    assert there.states() == {
        f"bounced@{NO_TCP}": ("invalid", "bounced_hard"),
        f"ana@{NO_TCP}": ("unknown", "not_yet_checked"),
    }
    assert there.judgements() == 1
    there.take_in([f"bounced@{NO_TCP}"])
    assert there.judgements() == 1


def test_a_domain_whose_mail_bounces_is_flagged(there: World, names: dict[str, str]) -> None:
    events = [
        Event(str(n), f"old{n}@{names['good']}", kind, there.clock.now)
        for n in range(20)
        for kind in [DeliveryKind.BOUNCE_HARD if n < 2 else DeliveryKind.DELIVERED]
    ]
    with there.database.unit(there.tenant.tenant_id) as unit:
        deliveries.record(unit, events, repeated=5, now=there.clock.now)
    there.take_in([f"new@{names['good']}"])
    state = there.state(f"new@{names['good']}")
    assert (state.status, state.reason_code) == ("valid", "mx_ok")
    assert state.details_json["flags"] == ["domain_bounces"]


def test_a_name_that_is_missing_only_once_is_not_missing(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domain = f"flaky-{tenant.slug}.com.br"
    with world(settings, database, tenant, {domain: [MISSING, GOOD], **HOSTS}) as there:
        there.take_in([f"ana@{domain}"])
        assert there.states() == {f"ana@{domain}": ("valid", "mx_ok")}


def test_an_answer_that_ran_out_while_the_import_waited_still_counts(there: World, names: dict[str, str]) -> None:
    email = f"ana@{names['good']}"
    there.take_in([email])
    (ttl,) = there.query(
        "select extract(epoch from expires_at - checked_at) from mkt.domain_checks where domain = :d", d=names["good"]
    )[0]
    late = f"bia@{names['good']}"
    moments = iter([timedelta(0), timedelta(0), timedelta(0)])
    start = there.clock.now + timedelta(seconds=float(ttl) - 1)
    clock = there.clock

    def running_out(_: object) -> object:
        return start + next(moments, timedelta(seconds=2))

    there.clock = running_out  # type: ignore[assignment]
    there.take_in([late])
    there.clock = clock
    assert there.states()[late] == ("valid", "mx_ok")


@pytest.mark.fault(25)
@pytest.mark.parametrize(
    "resolver", [nxdomain_to_everything, address_to_everything, silent], ids=lambda resolver: str(resolver.__name__)
)
def test_a_resolver_that_lies_or_is_dead_brings_no_verdict(there: World, resolver: type[ScriptedDns]) -> None:
    domains = [f"{n}-{there.tenant.slug}.com.br" for n in range(3)]
    with resolver().serving() as address:  # type: ignore[call-arg]
        assert_nothing_judged(there, address, domains)


def test_no_resolver_at_all_brings_no_verdict(there: World) -> None:
    assert_nothing_judged(there, closed_port(), [f"{n}-{there.tenant.slug}.com.br" for n in range(3)])


def assert_nothing_judged(there: World, nameserver: str, domains: list[str]) -> None:
    there.settings = there.settings.model_copy(update={"dns_nameservers": (nameserver,)})
    emails = [f"{who}@{domain}" for domain in domains for who in ("ana", "bia")]
    job = there.take_in(emails, chunk_rows=2)
    assert_done(there, job, len(emails))
    assert there.states() == dict.fromkeys(emails, ("unknown", "not_yet_checked"))
    assert there.judgements() == 0
    answered = there.query(
        "select from mkt.domain_checks where outcome is not null and domain = any(:domains)", domains=domains
    )
    assert answered == []


def assert_done(there: World, job: Job, rows: int) -> None:
    """The job is done, and each of its contacts has exactly one state."""
    assert (job.status, job.total_rows) == (JobStatus.DONE, rows)
    with there.database.reading(there.tenant.tenant_id) as unit:
        verdicts = validations.verdicts_of_job(unit, job.import_job_id)
    assert sum(verdicts.values()) == there.report(job).ok_rows


def test_each_domain_is_asked_for_once_over_all_workers_and_a_fresh_state_is_not_judged_again(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domains = [f"{n}-{tenant.slug}.com.br" for n in range(20)]
    with world(settings, database, tenant, {**dict.fromkeys(domains, GOOD), **HOSTS}) as there:
        emails = [f"{who}@{domain}" for who in ("ana", "bia", "caio") for domain in domains]
        there.take_in(emails, workers=4, chunk_rows=3)
        asked = {domain: there.asked(domain) for domain in domains}
        assert set(asked.values()) == {1}
        assert there.judgements() == 60
        there.take_in(emails)
        assert {domain: there.asked(domain) for domain in domains} == asked
        assert there.judgements() == 60


def test_other_rules_judge_again_from_the_same_answer(there: World, names: dict[str, str]) -> None:
    emails = [f"ana@{names['good']}", f"postmaster@{names['good']}", f"ana@{names['implicit']}"]
    there.take_in(emails)
    asked = {name: there.asked(names[name]) for name in ("good", "implicit")}
    before = there.states()
    age(there, "older")
    there.take_in(emails)
    assert {name: there.asked(names[name]) for name in ("good", "implicit")} == asked
    assert there.states() == before
    assert there.judgements() == 6


def age(there: World, version: str) -> None:
    """Make everything of the tenant, and what it was drawn from, the work of another version."""
    with there.database.unit(there.tenant.tenant_id) as unit:
        unit.execute("update mkt.domain_checks set validator_version = :v where outcome is not null", {"v": version})
        unit.execute("update mkt.email_validations set validator_version = :v", {"v": version})


def test_every_rule_is_played() -> None:
    played = {case.reason for case in DNS_CASES.values()} | {reason for _, _, reason, _ in NAME_CASES} | OWN_CASES
    elsewhere = {rule.reason_code for rule in RULES if rule.number == "20"} | {ReasonCode.NOT_YET_CHECKED}
    assert {rule.reason_code for rule in RULES} - elsewhere == played
