"""What is kept of a domain: what DNS said, what it came to by which rules, and when it is asked again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.settings import Settings
from db import domain_checks, resolvers
from db.unit import Database, Unit, database_clock
from pipeline.domains import DomainDesk, Search, judged_anew, rejudge_all, rejudge_stale
from pipeline.domains.answers import row_of
from pipeline.verdicts import VALIDATOR_VERSION, DomainFacts, MailHost, Outcome
from tests.conftest import Tenant
from tests.support.dns import CANARIES, PUBLIC, WORLD, Host, ScriptedDns

#: No moment of the database: whatever is late or early must be so by the clock of the test.
NOON = datetime(2036, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DEAD = Host(rcode="SERVFAIL")


@dataclass
class World:
    """One domain, a resolver that knows it, a desk that asks, and a clock that the test moves."""

    database: Database
    desk: DomainDesk
    dns: ScriptedDns
    domain: str
    now: datetime = NOON

    def clock(self, _: Unit) -> datetime:
        return self.now

    def says(self, host: Host) -> None:
        self.dns.script[self.domain] = [host]
        self.dns._encoded.clear()

    def ask(self) -> Any:  # noqa: ANN401 (a row)
        """Answer for the domain at this moment, as an import or the clock would; return what is kept of it."""

        def missing() -> list[str]:
            with self.database.unit(None) as unit:
                return domain_checks.without_fresh_check(unit, [self.domain], now=self.now)

        self.desk.answer(self.database, Search(missing, lambda: None, time.monotonic() + 30, self.clock))
        return check(self.database, self.domain)


def check(database: Database, domain: str) -> Any:  # noqa: ANN401 (a row)
    with database.unit(None) as unit:
        return unit.execute("select * from mkt.domain_checks where domain = :domain", {"domain": domain}).one()


def usable(domain: str) -> Host:
    return Host(mx=((10, f"mx.{domain}"),), ttl=4_000)


@pytest.fixture
def world(settings: Settings, database: Database, tenant: Tenant) -> Iterator[World]:
    domain = f"d-{tenant.slug}.com.br"
    dns = ScriptedDns({**WORLD, domain: usable(domain), f"mx.{domain}": Host(a=(PUBLIC,), ttl=4_000)})
    with dns.serving() as address:
        own = settings.model_copy(
            update={
                "dns_nameservers": (address,),
                "dns_timeout": 0.3,
                "dns_tries": 1,
                "dns_query_deadline": 1.0,
                "dns_canaries": CANARIES,
            }
        )
        with closing(DomainDesk(own)) as desk:
            yield World(database, desk, dns, domain)


def test_an_answer_is_kept_with_its_evidence_and_serves_as_long_as_its_records_live(world: World) -> None:
    kept = world.ask()
    assert (kept.status, kept.reason_code, kept.validator_version) == ("valid", "mx_ok", VALIDATOR_VERSION)
    assert DomainFacts.from_json(world.domain, kept.facts).mx == ((10, f"mx.{world.domain}"),)
    assert kept.details["dns"]["mx"] == kept.facts["mx"]
    assert (kept.attempt, kept.retry_at) == (0, None)
    assert (kept.checked_at, kept.changed_at, kept.expires_at) == (NOON, NOON, NOON + timedelta(seconds=4_000))
    asked = world.dns.asked(world.domain, "MX")
    world.now += timedelta(seconds=3_999)
    assert world.ask() == kept
    assert world.dns.asked(world.domain, "MX") == asked
    world.now += timedelta(seconds=1)
    again = world.ask()
    assert world.dns.asked(world.domain, "MX") > asked
    # The same verdict on the same findings: contacts that were judged on it need no new judgement.
    assert (again.checked_at, again.changed_at) == (world.now, NOON)


def test_trouble_is_counted_as_the_clock_counts_and_an_import_that_asks_sooner_is_not(world: World) -> None:
    world.says(DEAD)
    moments = [0 * MINUTE, 5 * MINUTE, 35 * MINUTE, 6 * HOUR + 35 * MINUTE, 30 * HOUR + 35 * MINUTE]
    due = [*moments[1:], moments[-1] + 7 * DAY]
    for attempt, (moment, next_one) in enumerate(zip(moments, due, strict=True), 1):
        world.now = NOON + moment
        kept = world.ask()
        assert (kept.attempt, kept.retry_at - NOON) == (attempt, next_one)
        assert kept.reason_code == ("dns_servfail" if attempt < 5 else "dns_servfail_persistent")
        assert kept.expires_at - world.now == 5 * MINUTE
        if attempt > 1:
            world.now += 6 * MINUTE  # an import needs to know, and asks: the clock goes on as if it had not
            sooner = world.ask()
            assert (sooner.checked_at, sooner.attempt, sooner.retry_at) == (world.now, attempt, kept.retry_at)
    world.says(usable(world.domain))
    world.now += HOUR
    cured = world.ask()
    assert (cured.status, cured.attempt, cured.retry_at, cured.changed_at) == ("valid", 0, None, world.now)


def heard(database: Database, facts: DomainFacts, now: datetime) -> Any:  # noqa: ANN401 (a row)
    with database.unit(None) as unit:
        (claim,) = domain_checks.claim_domains(unit, [facts.domain], worker="test", seconds=9, now=now)
        domain_checks.store_checks(unit, [row_of(facts, claim, now)], version=VALIDATOR_VERSION, now=now)
    return check(database, facts.domain)


def test_trouble_of_our_own_is_kept_without_a_verdict(database: Database, tenant: Tenant) -> None:
    kept = heard(database, DomainFacts(f"u-{tenant.slug}.com.br", Outcome.UNHEARD), NOON)
    assert (kept.status, kept.reason_code, kept.attempt, kept.retry_at) == (
        "unknown",
        "not_yet_checked",
        1,
        NOON + 5 * MINUTE,
    )


def test_a_finding_that_addresses_inherit_changes_what_they_were_judged_on(database: Database, tenant: Tenant) -> None:
    domain = f"f-{tenant.slug}.com.br"
    host = MailHost(f"mx.{domain}", Outcome.ADDRESS, (PUBLIC,))
    real = DomainFacts(domain, Outcome.MX, ((10, host.name),), 1, (host,))
    first = heard(database, real, NOON)
    mixed = DomainFacts(domain, Outcome.MX, ((0, "."), (10, host.name)), 2, (host,))
    second = heard(database, mixed, NOON + DAY)
    assert second.details["flags"] != first.details["flags"]
    assert second.changed_at == NOON + DAY
    assert heard(database, mixed, NOON + 2 * DAY).changed_at == NOON + DAY


def by_older_rules(database: Database, domains: Sequence[str]) -> None:
    with database.unit(None) as unit:
        unit.execute(
            "update mkt.domain_checks set validator_version = 'older', status = 'invalid', reason_code = 'null_mx', score = 0"
            " where domain = any(:domains)",
            {"domains": list(domains)},
        )


def test_a_fresh_answer_that_older_rules_judged_is_judged_anew_and_nobody_is_asked(world: World) -> None:
    kept = world.ask()
    asked = world.dns.asked(world.domain, "MX")
    by_older_rules(world.database, [world.domain])
    world.now += MINUTE
    assert world.ask().validator_version == "older"  # fresh: it is not for DNS to say more
    with world.database.unit(None) as unit:
        assert rejudge_stale(unit, [world.domain, "other.example"], now=world.now) == 1
        assert rejudge_stale(unit, [world.domain], now=world.now) == 0
    again = check(world.database, world.domain)
    assert world.dns.asked(world.domain, "MX") == asked
    assert (again.status, again.validator_version, again.details) == ("valid", VALIDATOR_VERSION, kept.details)
    assert (again.checked_at, again.expires_at, again.changed_at) == (kept.checked_at, kept.expires_at, world.now)


def test_all_stored_answers_can_be_judged_anew_first_without_a_trace(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.domains.rejudging.BATCH", 2)
    domains = [f"{n}-r-{tenant.slug}.com.br" for n in range(5)]
    for domain in domains:
        heard(database, DomainFacts(domain, Outcome.NOT_FOUND), NOON)
    by_older_rules(database, domains)
    before = [check(database, domain) for domain in domains]
    found = [each for batch in judged_anew(database) for each in batch if each.check.domain in domains]
    assert [(each.check.domain, each.check.reason_code, each.verdict.reason_code) for each in found] == [
        (domain, "null_mx", "domain_not_found") for domain in domains
    ]
    assert [check(database, domain) for domain in domains] == before
    assert rejudge_all(database, lambda _: NOON + DAY) >= 5
    assert {check(database, domain).reason_code for domain in domains} == {"domain_not_found"}
    assert rejudge_all(database, lambda _: NOON + DAY) == 0


def test_an_answer_that_came_while_older_ones_were_judged_anew_stays(database: Database, tenant: Tenant) -> None:
    domain = f"race-{tenant.slug}.com.br"
    heard(database, DomainFacts(domain, Outcome.NOT_FOUND), NOON)
    by_older_rules(database, [domain])
    found = [each for batch in judged_anew(database) for each in batch if each.check.domain == domain]
    newer = heard(database, DomainFacts(domain, Outcome.NO_DATA), NOON + DAY)
    with database.unit(None) as unit:
        domain_checks.rejudge_checks(unit, [each.row for each in found], version="yet another", now=NOON + DAY)
    assert check(database, domain) == newer


def test_a_large_search_is_claimed_and_stored_in_parts(
    world: World, monkeypatch: pytest.MonkeyPatch, tenant: Tenant
) -> None:
    monkeypatch.setattr("pipeline.domains.desk.STATEMENT", 7)
    monkeypatch.setattr("pipeline.domains.desk.ROUND", 20)
    domains = [f"{n}-l-{tenant.slug}.com.br" for n in range(50)]

    def missing() -> list[str]:
        with world.database.unit(None) as unit:
            return domain_checks.without_fresh_check(unit, domains, now=database_clock(unit))

    world.desk.answer(world.database, Search(missing, lambda: None, time.monotonic() + 30))
    assert not missing()
    with world.database.unit(None) as unit:
        assert not unit.execute(
            "select 1 from mkt.domain_checks where claimed_by is not null and domain = any(:domains)",
            {"domains": domains},
        ).all()


def test_a_desk_asks_no_faster_than_the_budget_allows(settings: Settings, database: Database, tenant: Tenant) -> None:
    domains = [f"{n}-b-{tenant.slug}.com.br" for n in range(60)]
    rate = 50
    dns = ScriptedDns(WORLD)
    with dns.serving() as address:
        own = settings.model_copy(
            update={
                "dns_nameservers": (address,),
                "dns_server_queries_per_second": rate,
                "dns_query_deadline": 30.0,
                "dns_canaries": CANARIES,
            }
        )
        with closing(DomainDesk(own)) as desk:
            began = time.monotonic()

            def missing() -> list[str]:
                with database.unit(None) as unit:
                    return domain_checks.without_fresh_check(unit, domains, now=database_clock(unit))

            desk.answer(database, Search(missing, lambda: None, began + 60))
            seconds = time.monotonic() - began
    assert not missing()
    asked = [dns.asked(domain, "MX") for domain in domains]
    assert min(asked) >= 2  # a name that is missing is heard twice
    # Bounded by the time that it took, however long that was.
    assert sum(asked) <= rate * (seconds + resolvers.BURST)
