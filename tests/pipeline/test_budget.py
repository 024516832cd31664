"""The budget of DNS is one for all processes: what is sent, what is in flight, and what a killed one leaves behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from config.settings import Settings
from db import resolvers
from db.resolvers import Bound, Lease
from db.unit import Database
from pipeline.domains.bounds import POLITE, bounds
from pipeline.domains.budget import Budget
from tests.conftest import Tenant
from tests.support.waiting import until

PLENTY = 10_000


def lease(
    database: Database,
    *given: Bound,
    worker: str = "one",
    tenant: str | None = None,
    wanted: int = PLENTY,
    unused: int = 0,
    in_flight: int = 200,
    seconds: float = 60,
) -> Lease:
    with database.unit(None) as unit:
        resolvers.make_rows(unit, [bound.server for bound in given])
        return resolvers.take_budget(
            unit,
            given,
            worker=worker,
            tenant=tenant,
            wanted=wanted,
            unused=unused,
            in_flight=in_flight,
            seconds=seconds,
        )


def grown_full(database: Database, bound: Bound) -> Bound:
    """Have the row's bucket last refilled an hour ago."""
    lease(database, bound, wanted=0)
    with database.unit(None) as unit:
        unit.execute(
            "update mkt.resolvers set refilled_at = refilled_at - interval '1 hour' where server = :server",
            {"server": bound.server},
        )
        resolvers.give_back(unit, [bound.server], worker="one", unused=0)
    return bound


@pytest.fixture
def bound(tenant: Tenant) -> Bound:
    return Bound(f"row-{tenant.slug}", 1_000, 300)


def test_an_hour_of_silence_saves_up_no_more_than_half_a_second(database: Database, bound: Bound) -> None:
    grown_full(database, bound)
    assert lease(database, bound).tokens == 500
    assert lease(database, bound).tokens < 500


def test_what_was_not_used_goes_back(database: Database, bound: Bound) -> None:
    slow = replace(grown_full(database, bound), rate=100)
    assert lease(database, slow).tokens == 50
    assert lease(database, slow, unused=50).tokens == 50


def test_the_scarcest_row_decides(database: Database, bound: Bound, tenant: Tenant) -> None:
    scarce = grown_full(database, Bound(f"scarce-{tenant.slug}", 10, 7))
    assert lease(database, grown_full(database, bound), scarce) == Lease(5, 7)


def test_a_rate_of_nought_is_no_bound(database: Database, bound: Bound) -> None:
    assert lease(database, replace(bound, rate=0)).tokens == PLENTY


def test_workers_share_fairly_and_never_have_more_than_all_may(database: Database, bound: Bound) -> None:
    grown_full(database, bound)
    assert lease(database, bound, worker="one") == Lease(500, 200)
    assert lease(database, bound, worker="two").in_flight == 100  # what the first one left
    assert lease(database, bound, worker="one").in_flight == 150  # with two, each has half
    assert lease(database, bound, worker="two").in_flight == 150
    assert lease(database, bound, worker="three").in_flight == 0
    assert [lease(database, bound, worker=name).in_flight for name in ("one", "two", "three")] == [100, 100, 100]
    with database.unit(None) as unit:
        unit.execute(
            "update mkt.resolvers set refilled_at = refilled_at - interval '1 hour' where server = :server",
            {"server": bound.server},
        )
    assert lease(database, bound, worker="two").tokens == 166


def test_tenants_share_fairly_however_many_workers_ask_for_each(database: Database, bound: Bound) -> None:
    def refilled(worker: str, tenant: str | None) -> Lease:
        with database.unit(None) as unit:
            unit.execute(
                "update mkt.resolvers set refilled_at = refilled_at - interval '1 hour' where server = :server",
                {"server": bound.server},
            )
        return lease(database, bound, worker=worker, tenant=tenant)

    many = [f"large-{n}" for n in range(4)]
    for _ in range(2):  # the first round takes all that there is; at the second, each takes its part
        for worker in many:
            refilled(worker, "large")
    assert refilled("alone", "small").in_flight == 0
    assert [refilled(worker, "large") for worker in many] == [Lease(62, 37)] * 4
    assert refilled("alone", "small") == Lease(250, 150)
    # A worker of the release before says for whom it asks to nobody, and takes the part of one tenant.
    with database.unit(None) as unit:
        unit.execute(
            "update mkt.resolvers set shares = shares || jsonb_build_object('old', jsonb_build_array(0, now() + interval '1 minute')) where server = :server",
            {"server": bound.server},
        )
    assert refilled("alone", "small") == Lease(166, 100)


def test_who_a_tenant_is_cannot_be_read_from_the_budget(database: Database, bound: Bound, tenant: Tenant) -> None:
    """All tenants see that table."""

    async def ask() -> str:
        budget = Budget([bound], worker="one", in_flight=50)
        async with budget.open(database, tenant.tenant_id):
            await asyncio.wait_for(budget.admit(), 30)
            with database.unit(None) as unit:
                shares = unit.execute("select shares from mkt.resolvers where server = :s", {"s": bound.server})
                return str(shares.scalar_one())

    shares = asyncio.run(ask())
    assert "one" in shares
    assert str(tenant.tenant_id) not in shares


def test_a_killed_worker_gives_up_its_share_by_itself(database: Database, bound: Bound) -> None:
    assert lease(database, bound, worker="killed", in_flight=300, seconds=0.5).in_flight == 300
    assert lease(database, bound, worker="alive").in_flight == 0
    until(lambda: lease(database, bound, worker="alive").in_flight == 200, timeout=10)


def admitted(database: Database, budgets: Sequence[Budget], seconds: float) -> list[int]:
    """How many queries each of the processes may send in so many seconds, when it sends as many as it may."""

    async def send(budget: Budget, ends: float) -> int:
        sent = 0
        async with budget.open(database):
            while time.monotonic() < ends:
                try:
                    await asyncio.wait_for(budget.admit(), ends - time.monotonic())
                except TimeoutError:
                    break
                sent += 1
        return sent

    async def all_of_them() -> list[int]:
        ends = time.monotonic() + seconds
        return list(await asyncio.gather(*(send(budget, ends) for budget in budgets)))

    return asyncio.run(all_of_them())


def test_processes_together_send_no_more_than_the_budget(database: Database, bound: Bound) -> None:
    budgets = [Budget([bound], worker=name, in_flight=50) for name in ("one", "two", "three")]
    began = time.monotonic()
    sent = admitted(database, budgets, 2.0)
    # What is sent is bounded by the time that it took, however long that was: the rate, and one burst.
    assert sum(sent) <= bound.rate * (time.monotonic() - began + resolvers.BURST)
    assert min(sent) > 0
    with database.unit(None) as unit:
        shares = unit.execute(
            "select shares from mkt.resolvers where server = :server", {"server": bound.server}
        ).scalar_one()
    assert shares == {}


def test_a_process_asks_the_database_some_times_a_second_and_not_for_every_query(
    database: Database, bound: Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = []
    real = resolvers.take_budget

    def counted(*args: object, **given: object) -> Lease:
        leases.append(given["wanted"])
        return real(*args, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(resolvers, "take_budget", counted)
    began = time.monotonic()
    (sent,) = admitted(database, [Budget([bound], worker="one", in_flight=50)], 2.0)
    assert sent > 2 * len(leases)
    assert len(leases) <= 5 * (time.monotonic() - began) + 3


def test_a_database_that_fails_ends_the_search(
    database: Database, bound: Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Lease:
        raise ConnectionError

    monkeypatch.setattr(resolvers, "take_budget", fail)
    budget = Budget([bound], worker="one", in_flight=50)

    async def ask() -> None:
        async with budget.open(database):
            # Whoever asks hears of it at once, and does not wait for leases that never come.
            with pytest.raises(ConnectionError):
                await asyncio.wait_for(budget.admit(), 30)

    with pytest.raises(ConnectionError):
        asyncio.run(ask())


def test_a_budget_that_is_not_open_holds_nothing_up(bound: Bound) -> None:
    budget = Budget([replace(bound, rate=1)], worker="one", in_flight=50)
    assert budget.in_flight == 50
    asyncio.run(asyncio.wait_for(_many(budget), 30))


async def _many(budget: Budget) -> None:
    for _ in range(1_000):
        await budget.admit()


def test_canaries_do_not_wait_for_a_budget_that_is_short_and_what_they_take_goes_missing_to_others(
    database: Database, bound: Bound
) -> None:
    budget = Budget([replace(bound, rate=1)], worker="one", in_flight=50)

    async def ask() -> int:
        async with budget.open(database):
            for _ in range(10):
                await asyncio.wait_for(budget.unwaiting.admit(), 30)
            return budget._tokens

    assert asyncio.run(ask()) < -5


def test_what_canaries_owe_is_not_given_back(database: Database, bound: Bound) -> None:
    slow = replace(grown_full(database, bound), rate=100)

    async def ask() -> None:
        budget = Budget([slow], worker="one", in_flight=50)
        async with budget.open(database):
            for _ in range(1_000):
                await budget.unwaiting.admit()

    asyncio.run(ask())
    with database.unit(None) as unit:
        tokens = unit.execute(
            "select tokens from mkt.resolvers where server = :server", {"server": bound.server}
        ).scalar_one()
    assert 0 <= tokens <= 100 * resolvers.BURST


def test_nameservers_of_our_own_are_asked_as_fast_as_they_answer(settings: Settings) -> None:
    def rate(*servers: str, given: int | None = None) -> float:
        changed = settings.model_copy(update={"dns_nameservers": servers, "dns_queries_per_second": given})
        return bounds(changed, "host")[0].rate

    assert rate("127.0.0.1:5353", "::1") == 0
    assert rate("127.0.0.1", "10.0.0.1") == rate() == 5_000
    assert (rate("127.0.0.1", given=7), rate("10.0.0.1", given=0)) == (7, 0)


def test_nameservers_are_treated_politely_and_those_on_loopback_are_our_own(settings: Settings) -> None:
    def made(**changes: object) -> list[Bound]:
        return bounds(settings.model_copy(update=changes), "host")

    servers = ("10.0.0.1", "127.0.0.1:5353")
    assert made(dns_nameservers=servers) == [
        Bound("*", 5_000, 1_000),
        Bound("10.0.0.1", POLITE, 500),
        Bound("127.0.0.1:5353@host", 0, 500),
    ]
    assert [b.rate for b in made(dns_nameservers=servers, dns_server_queries_per_second=7)] == [5_000, 7, 7]
    assert made(dns_nameservers=())[1:] == [Bound("system@host", POLITE, 500)]
