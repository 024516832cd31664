"""A resolver that cannot be believed: nobody is asked, nothing is written, and when it is back all of it is caught up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from config.settings import Settings
from db import domain_checks, resolvers
from db.unit import Database, database_clock
from pipeline.domains import DomainDesk, Search
from pipeline.domains.breaker import PROBE, Breaker
from pipeline.lookups import CanaryReport
from tests.conftest import Tenant
from tests.support.dns import CANARIES, MISSING, WORLD, Host, ScriptedDns, nxdomain_to_everything
from tests.support.waiting import until

GOOD = CanaryReport(ok=True, reason="ok", detail="")
BAD = CanaryReport(ok=False, reason="dead", detail="Nobody answers.")


class Canaries:
    """Canaries that say what the test wants, and count how often they were asked."""

    def __init__(self, report: CanaryReport) -> None:
        self.report, self.asked = report, 0

    async def ask(self) -> CanaryReport:
        self.asked += 1
        return self.report


def closed(breaker: Breaker, database: Database) -> bool:
    return asyncio.run(breaker.is_closed(database))


def vouch(breaker: Breaker, database: Database) -> bool:
    return asyncio.run(breaker.vouch(database))


@pytest.fixture
def told() -> Iterator[list[dict[str, object]]]:
    with capture_logs() as logs:
        yield logs  # type: ignore[misc]


def test_what_one_process_knows_the_others_need_not_ask(database: Database, tenant: Tenant) -> None:
    first, second = Canaries(GOOD), Canaries(BAD)
    assert closed(Breaker(tenant.slug, first.ask), database)
    assert closed(Breaker(tenant.slug, second.ask), database)
    assert (first.asked, second.asked) == (1, 0)


def test_while_it_is_open_one_process_tries_and_the_others_ask_nothing(
    database: Database, tenant: Tenant, told: list[dict[str, object]]
) -> None:
    canaries = Canaries(BAD)
    breakers = [Breaker(tenant.slug, canaries.ask) for _ in range(3)]
    assert not vouch(breakers[0], database)
    assert [closed(breaker, database) for breaker in breakers] == [False] * 3
    assert canaries.asked == 1
    canaries.report = GOOD
    until(lambda: any(closed(breaker, database) for breaker in breakers), timeout=3 * PROBE, what="a probe")
    assert canaries.asked == 2
    assert all(closed(breaker, database) for breaker in breakers)
    assert canaries.asked == 2
    assert [event["event"] for event in told] == ["resolver_not_believed", "resolver_believed_again"]
    assert (told[0]["reason"], told[0]["detail"]) == ("dead", "Nobody answers.")


def test_a_change_is_told_once_however_many_see_it(
    database: Database, tenant: Tenant, told: list[dict[str, object]]
) -> None:
    canaries = Canaries(BAD)
    for _ in range(4):
        vouch(Breaker(tenant.slug, canaries.ask), database)
    with database.unit(None) as unit:
        before = resolvers.belief(unit, tenant.slug)
    vouch(Breaker(tenant.slug, canaries.ask), database)
    with database.unit(None) as unit:
        after = resolvers.belief(unit, tenant.slug)
    assert before is not None
    assert after is not None
    assert before.since == after.since
    assert len(told) == 1


QUICK = {
    "dns_timeout": 0.3,
    "dns_tries": 2,
    "dns_query_deadline": 1.0,
    "dns_canaries": CANARIES,
}


def search(database: Database, domains: Sequence[str], alive: Callable[[], None] = lambda: None) -> Search:
    def missing() -> list[str]:
        with database.unit(None) as unit:
            return domain_checks.without_fresh_check(unit, domains, now=database_clock(unit))

    return Search(missing, alive, time.monotonic() + 60)


def outcomes(database: Database, domains: Sequence[str]) -> dict[str, str | None]:
    with database.unit(None) as unit:
        found = unit.execute(
            "select domain, outcome, claimed_by from mkt.domain_checks where domain = any(:domains)",
            {"domains": list(domains)},
        ).all()
    assert all(row.claimed_by is None for row in found)
    return {row.domain: row.outcome for row in found}


@pytest.mark.fault(25)
def test_of_a_resolver_that_dies_nothing_is_stored_and_when_it_is_back_all_is_caught_up(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domains = [f"{n}-{tenant.slug}.com.br" for n in range(300)]
    hosts = {domain: Host(mx=((10, f"mx.{domain}"),), delay=0.2) for domain in domains}
    dns = ScriptedDns({**WORLD, **hosts, **{f"mx.{d}": Host(a=("93.184.216.34",)) for d in domains}})
    serving = dns.serving()
    address = serving.__enter__()
    own = settings.model_copy(update={**QUICK, "dns_nameservers": (address,), "dns_concurrency": 20})
    dead = False

    def die() -> None:
        nonlocal dead
        if not dead:
            dead = True
            serving.__exit__(None, None, None)

    with closing(DomainDesk(own)) as desk:
        desk.answer(database, search(database, domains, die))
        said = outcomes(database, domains)
        assert dead
        assert set(said.values()) <= {"mx", None}
        assert None in said.values()
        began = time.monotonic()
        with dns.serving(port=int(address.rpartition(":")[2])):

            def caught_up() -> bool:
                desk.answer(database, search(database, domains))
                return set(outcomes(database, domains).values()) == {"mx"}

            until(caught_up, timeout=60, what="all to be caught up")
        assert time.monotonic() > began


def test_a_resolver_that_begins_to_lie_has_not_the_last_word(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domains = [f"{n}-{tenant.slug}.com.br" for n in range(5)]
    dns = nxdomain_to_everything()
    with dns.serving() as address, capture_logs() as logs:
        own = settings.model_copy(update={**QUICK, "dns_nameservers": (address,)})
        with closing(DomainDesk(own)) as desk:
            # Young knowledge says that it can be believed: the canaries after the answers find out.
            desk._breaker._good_at = time.monotonic()
            desk.answer(database, search(database, domains))
    assert set(outcomes(database, domains).values()) == {None}
    assert {dns.asked(domain, "MX") for domain in domains} == {1}
    assert [event["reason"] for event in logs if event["event"] == "resolver_not_believed"] == ["lying_nxdomain"]


def test_a_nameserver_that_lies_is_asked_nothing_while_another_one_is_good(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domain = f"two-{tenant.slug}.com.br"
    true, liar = ScriptedDns({**WORLD, domain: Host(rcode="SERVFAIL")}), nxdomain_to_everything()
    with true.serving() as first, liar.serving() as second, capture_logs() as logs:
        own = settings.model_copy(update={**QUICK, "dns_nameservers": (first, second)})
        with closing(DomainDesk(own)) as desk:
            desk.answer(database, search(database, [domain]))
    assert outcomes(database, [domain]) == {domain: "servfail"}
    assert liar.asked(domain, "MX") == 0
    assert [log["server"] for log in logs if log["event"] == "nameserver_not_believed"] == [second]


def test_what_was_heard_before_a_nameserver_began_to_lie_is_not_stored(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domains = [f"{n}-{tenant.slug}.com.br" for n in range(3)]
    world = {**WORLD, **{domain: Host(mx=((10, "mx.gmail.com"),)) for domain in domains}}
    liar = ScriptedDns({**world, **{name: [WORLD[name], MISSING] for name in CANARIES}})
    with ScriptedDns(world).serving() as first, liar.serving() as second:
        own = settings.model_copy(update={**QUICK, "dns_nameservers": (first, second)})
        with closing(DomainDesk(own)) as desk:
            desk.answer(database, search(database, domains))
            assert set(outcomes(database, domains).values()) == {None}
            desk.answer(database, search(database, domains))
    assert set(outcomes(database, domains).values()) == {"mx"}


def test_while_the_breaker_is_open_a_search_ends_at_once_and_asks_nothing(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domain = f"one-{tenant.slug}.com.br"
    dns = ScriptedDns({**WORLD, domain: Host(mx=((10, f"mx.{domain}"),))})
    with dns.serving() as address:
        own = settings.model_copy(update={**QUICK, "dns_nameservers": (address,)})
        with closing(DomainDesk(own)) as desk:
            with database.unit(None) as unit:
                resolvers.note_belief(unit, desk._breaker._resolver, believed=False, reason="dead", detail="")
            desk.answer(database, search(database, [domain]))
        assert dns.asked(domain, "MX") == 0
        assert dns.asked(CANARIES[0], "MX") == 0
    assert outcomes(database, [domain]) == {}


def test_work_that_was_taken_from_us_stops_and_gives_its_claims_back(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domains = [f"{n}-{tenant.slug}.com.br" for n in range(3)]
    dns = ScriptedDns({**WORLD, **dict.fromkeys(domains, Host(silent=True))})

    def taken() -> None:
        raise LookupError

    with dns.serving() as address:
        own = settings.model_copy(
            update={**QUICK, "dns_query_deadline": 30.0, "dns_timeout": 20.0, "dns_nameservers": (address,)}
        )
        with closing(DomainDesk(own)) as desk, pytest.raises(LookupError):
            desk.answer(database, search(database, domains, taken))
    assert set(outcomes(database, domains).values()) == {None}
