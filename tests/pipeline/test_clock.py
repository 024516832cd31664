"""Time travel: what the clock asks and judges over simulated weeks, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from config.settings import Settings
from db import validations
from db.statuses import JobStatus, OverrideDecision
from db.unit import Database, Unit
from pipeline import classification, overrides, revalidation
from pipeline.context import Context
from pipeline.revalidation import revalidate_due
from tests.conftest import Tenant, make_tenant
from tests.pipeline.world import World, world
from tests.support.dns import MISSING, PUBLIC, Host
from tests.support.waiting import until

BROKEN = Host(rcode="SERVFAIL")
MINUTES, HOURS, DAYS = 60, 3600, 86_400


@pytest.fixture
def domain(tenant: Tenant) -> str:
    return f"clock-{tenant.slug}.com.br"


@pytest.fixture
def good(domain: str) -> Host:
    return Host(mx=((10, f"mx.{domain}"),))


@pytest.fixture
def there(settings: Settings, database: Database, tenant: Tenant, domain: str, good: Host) -> Iterator[World]:
    with world(settings, database, tenant, {domain: good, f"mx.{domain}": Host(a=(PUBLIC,))}) as made:
        yield made


def wait(there: World, email: str) -> float:
    """Return in how many seconds the contact is due."""
    next_at = there.state(email).next_validation_at
    return float((next_at - there.clock.now) / timedelta(seconds=1))


def test_an_address_goes_from_unknown_to_valid_to_invalid_over_weeks(there: World, domain: str, good: Host) -> None:
    email = f"ana@{domain}"
    there.says(domain, BROKEN)
    there.take_in([email])
    assert there.states() == {email: ("unknown", "dns_servfail")}
    assert wait(there, email) == 5 * MINUTES

    there.clock.pass_by(seconds=299)
    assert there.tick() == 0  # not yet
    there.clock.pass_by(seconds=1)
    assert there.tick() == 1
    assert there.states() == {email: ("unknown", "dns_servfail")}
    assert wait(there, email) == 30 * MINUTES

    there.says(domain, good)
    there.clock.pass_by(minutes=30)
    assert there.tick() == 1
    assert there.states() == {email: ("valid", "mx_ok")}
    assert wait(there, email) == 60 * DAYS

    there.says(domain, MISSING)
    there.clock.pass_by(days=59)
    assert there.tick() == 0
    there.clock.pass_by(days=1)
    assert there.tick() == 1
    assert there.states() == {email: ("invalid", "domain_not_found")}
    assert wait(there, email) == 7 * DAYS
    assert there.history(email) == ["dns_servfail", "dns_servfail", "mx_ok", "domain_not_found"]


def test_nothing_is_asked_more_often_than_the_clock_says(there: World, domain: str) -> None:
    email = f"ana@{domain}"
    there.says(domain, BROKEN)
    there.take_in([email])
    waits, asked = [], [there.asked(domain)]
    for _ in range(7):
        waits.append(wait(there, email))
        there.clock.pass_by(seconds=waits[-1] - 1)
        assert there.tick() == 0
        there.clock.pass_by(seconds=1)
        assert there.tick() == 1
        assert there.tick() == 0
        asked.append(there.asked(domain) - sum(asked))
    assert waits == [5 * MINUTES, 30 * MINUTES, 6 * HOURS, 24 * HOURS, 7 * DAYS, 7 * DAYS, 7 * DAYS]
    assert len(set(asked)) == 1  # each time as often as the first
    assert there.history(email) == ["dns_servfail"] * 4 + ["dns_servfail_persistent"] * 4
    assert there.state(email).score == 30


def test_an_import_may_ask_sooner_and_is_not_counted(there: World, domain: str) -> None:
    email = f"ana@{domain}"
    there.says(domain, BROKEN)
    there.take_in([email])
    there.clock.pass_by(minutes=5)
    there.tick()
    due = there.state(email).next_validation_at
    there.clock.pass_by(minutes=10)
    before = there.asked(domain)
    there.take_in([email])
    assert there.asked(domain) > before
    assert there.history(email) == ["dns_servfail"] * 2
    assert there.state(email).next_validation_at == due
    there.clock.pass_by(minutes=20)
    assert there.tick() == 1
    assert wait(there, email) == 6 * HOURS


@pytest.mark.parametrize(
    ("host", "verdict"),
    [
        (Host(mx=((10, "mx.example.net"),)), ("valid", "mx_ok")),
        (Host(a=(PUBLIC,)), ("risky", "implicit_mx")),
        (Host(mx=((0, "."),)), ("invalid", "null_mx")),
    ],
    ids=["valid", "risky", "invalid"],
)
def test_a_verdict_outlives_trouble(there: World, domain: str, host: Host, verdict: tuple[str, str]) -> None:
    email = f"ana@{domain}"
    there.says("mx.example.net", Host(a=(PUBLIC,)))
    there.says(domain, host)
    there.take_in([email])
    before = there.state(email)
    assert there.states() == {email: verdict}

    there.says(domain, BROKEN)
    there.clock.now = before.next_validation_at
    waits = []
    for _ in range(4):
        assert there.tick() == 0  # asked, and no judgement
        waits.append(wait(there, email))
        there.clock.pass_by(seconds=waits[-1])
    assert waits == [5 * MINUTES, 30 * MINUTES, 6 * HOURS, 24 * HOURS]
    after = there.state(email)
    assert (after.status, after.validated_at, after.details_json) == (
        before.status,
        before.validated_at,
        before.details_json,
    )
    assert len(there.history(email)) == 1

    assert there.tick() == 1  # the trouble has become a property of the domain
    assert there.states() == {email: ("unknown", "dns_servfail_persistent")}
    assert len(there.history(email)) == 2


def test_a_decision_that_was_taken_back_does_not_outlive_it(
    there: World, domain: str, good: Host, tenant: Tenant
) -> None:
    email = f"ana@{domain}"
    there.says(domain, good)
    alone = there.context()
    overrides.decide(alone, tenant.tenant_id, tenant.user_id, [email], OverrideDecision.DENY)
    there.take_in([email])
    assert there.states() == {email: ("invalid", "override_deny")}

    overrides.forget(alone, tenant.tenant_id, tenant.user_id, [email])
    there.says(domain, BROKEN)
    there.clock.now = there.state(email).next_validation_at + timedelta(days=2)  # what DNS said is stale by then
    there.tick()

    assert there.states() == {email: ("unknown", "dns_servfail")}


def test_a_verdict_that_is_not_due_is_not_touched_by_trouble(there: World, domain: str) -> None:
    email = f"ana@{domain}"
    there.take_in([email])
    before = there.state(email)
    there.says(domain, BROKEN)
    there.clock.pass_by(days=2)
    there.take_in([email])
    assert there.state(email) == before
    assert len(there.history(email)) == 1


def test_while_the_resolver_is_not_believed_nothing_moves(there: World, domain: str) -> None:
    email = f"ana@{domain}"
    there.take_in([email])
    before = there.state(email)
    there.clock.pass_by(days=60)
    for canary in there.settings.dns_canaries:
        there.says(canary, BROKEN)
    assert there.tick() == 0  # canaries that were good a moment ago may let it ask, and bad ones have the last word
    asked = there.asked(domain)
    assert there.tick() == 0
    assert there.asked(domain) == asked
    assert there.state(email) == before
    assert there.history(email) == ["mx_ok"]


def test_a_contact_that_nobody_could_ask_about_is_judged_by_the_next_tick(
    there: World, domain: str, good: Host
) -> None:
    email = f"ana@{domain}"
    for canary in there.settings.dns_canaries:
        there.says(canary, BROKEN)
    there.take_in([email])
    assert there.states() == {email: ("unknown", "not_yet_checked")}
    assert there.history(email) == []
    assert wait(there, email) == classification.PAUSE

    for canary in there.settings.dns_canaries:
        there.says(canary, good)
    there.clock.pass_by(seconds=classification.PAUSE)
    assert ticks(there, 1)
    assert there.states() == {email: ("valid", "mx_ok")}


@pytest.mark.fault(27)
def test_two_ticks_at_once_judge_once(there: World, domain: str) -> None:
    emails = [f"ana{n}@{domain}" for n in range(50)]
    there.take_in(emails)
    there.clock.pass_by(days=60)
    asked = there.asked(domain)
    contexts = [there.context(), there.context()]
    with ThreadPoolExecutor(2) as pool:
        judged = list(pool.map(revalidate_due, contexts))
    assert sum(judged) == len(emails)
    assert there.judgements() == 2 * len(emails)
    assert there.asked(domain) == asked + 1


def test_a_tick_killed_between_dns_and_its_write_is_made_good_without_asking_again(there: World, domain: str) -> None:
    email = f"ana@{domain}"
    there.take_in([email])
    there.clock.pass_by(days=60)
    asked = there.asked(domain)
    with (
        mock.patch.object(validations, "judge_contacts", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        there.tick()
    assert there.asked(domain) == asked + 1
    assert len(there.history(email)) == 1
    assert there.tick() == 1
    assert there.asked(domain) == asked + 1
    assert len(there.history(email)) == 2


def test_a_huge_backlog_of_one_tenant_does_not_delay_another(
    there: World, domain: str, settings: Settings, database: Database, tmp_path: Path
) -> None:
    there.take_in([f"ana{n}@{domain}" for n in range(40)])
    other = make_tenant(settings, database, tmp_path)
    theirs = World(there.settings, database, other, there.dns, there.clock)
    theirs.take_in([f"bia@{domain}"])
    there.clock.pass_by(days=60)
    batches: list[object] = []

    def one_batch(context: Context, tenant_id: object) -> classification.Tally:
        batches.append(tenant_id)
        return real(context, tenant_id)  # type: ignore[arg-type]

    real = revalidation._revalidate_batch
    there.settings = there.settings.model_copy(update={"revalidation_batch": 5})
    with mock.patch.object(revalidation, "_revalidate_batch", one_batch):
        assert there.tick() == 41
    assert other.tenant_id in batches[:2]  # one batch of the other's, at most, came before
    assert len(batches) == 8 + 1 + 2  # each tenant's last one finds nothing


def test_trouble_with_one_tenant_holds_up_no_other(
    there: World, domain: str, settings: Settings, database: Database, tmp_path: Path
) -> None:
    there.take_in([f"ana@{domain}"])
    other = make_tenant(settings, database, tmp_path)
    World(there.settings, database, other, there.dns, there.clock).take_in([f"bia@{domain}"])
    there.clock.pass_by(days=60)
    real = validations.due

    def due(unit: Unit, *given: Any, **named: Any) -> list[validations.Contact]:  # noqa: ANN401 (handed on)
        if unit.tenant_id == other.tenant_id:
            unit.execute("select 1 / 0")
        return real(unit, *given, **named)

    with mock.patch.object(validations, "due", due):
        assert there.tick() == 1
    assert len(there.history(f"ana@{domain}")) == 2
    assert there.tick() == 1


@pytest.mark.parametrize("domains", [2_000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_a_resolver_that_dies_and_comes_back_brings_none_but_true_verdicts(
    settings: Settings, database: Database, tenant: Tenant, domains: int
) -> None:
    mx = f"mx.{tenant.slug}.com.br"
    kinds = {
        ("valid", "mx_ok"): Host(mx=((10, mx),)),
        ("risky", "implicit_mx"): Host(a=(PUBLIC,)),
        ("invalid", "domain_not_found"): MISSING,
    }
    truth = {f"ana@{n}-{tenant.slug}.com.br": state for n, state in zip(range(domains), cycle(kinds), strict=False)}
    script = {email.partition("@")[2]: kinds[state] for email, state in truth.items()}
    with (
        world(settings, database, tenant, {mx: Host(a=(PUBLIC,)), **script}) as there,
        ThreadPoolExecutor(1) as pool,
    ):
        job = pool.submit(there.take_in, list(truth))
        until(lambda: there.dns.totals()["MX"] > domains / 4, what="some questions", every=0.005)
        there.kill_resolver()
        assert job.result().status is JobStatus.DONE
        states = there.states()
        judged = {email for email, state in states.items() if state != ("unknown", "not_yet_checked")}
        assert {email: states[email] for email in judged} == {email: truth[email] for email in judged}
        assert len(states) == domains > len(judged)
        assert there.tick() == 0

        there.revive_resolver()
        there.clock.pass_by(seconds=classification.PAUSE)
        until(lambda: there.tick() == 0 and there.judgements() == domains, what="all to be caught up", timeout=120)
        assert there.states() == truth


def ticks(there: World, judged: int, most: int = 50) -> bool:
    """Tick until so many were judged: a breaker that was open is tried again only every few seconds."""
    return until(lambda: there.tick() == judged, timeout=most, what="the breaker to close", every=0.2)
