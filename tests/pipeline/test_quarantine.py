"""Imports that are worse than the gate lets through: put into quarantine by settle, whatever the order; released by people."""

from __future__ import annotations

import dataclasses
import io
import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from config.settings import Settings
from db import endings, quality, quarantines
from db.jobs import Job
from db.quarantines import Quarantine
from db.statuses import FIRST_ROWS_CHUNK, MARK_CHUNK, SETTLE_CHUNK, SPLIT_CHUNK, ChunkStage, JobStatus
from db.unit import Database
from pipeline import stages
from pipeline.control import retry
from pipeline.corrections import accept
from pipeline.intake import ImportRequest, intake
from pipeline.quarantine import NotQuarantinedError, look_again, release
from tests.conftest import Tenant
from tests.pipeline.steps import due
from tests.pipeline.world import World, world
from tests.support.dns import MISSING, Host, Script
from tests.support.examples import few
from tests.support.waiting import until
from tests.support.workers import Threads

GOOD = "boa-{tag}.com.br"
GONE = "sumiu-{tag}.com.br"
SLOW = "lenta-{tag}.com.br"
#: A typing error that somebody has registered.
TYPO = "gmail.con"


@pytest.fixture
def there(settings: Settings, database: Database, tenant: Tenant) -> Iterator[World]:
    """A world with a good domain, one that does not exist and one that does not answer yet."""
    script: Script = {
        GOOD.format(tag=tenant.slug): Host(mx=((10, "mx.boa.com.br"),)),
        GONE.format(tag=tenant.slug): MISSING,
        SLOW.format(tag=tenant.slug): Host(rcode="SERVFAIL"),
    }
    with world(settings, database, tenant, script) as made:
        yield made


def addresses(tenant: Tenant, good: int, gone: int = 0, *, slow: int = 0, start: int = 0) -> list[str]:
    counts = {GOOD: good, GONE: gone, SLOW: slow}
    return [
        f"pessoa{start + n}@{domain.format(tag=tenant.slug)}" for domain, count in counts.items() for n in range(count)
    ]


def quarantine(there: World, job: UUID) -> Quarantine | None:
    with there.database.reading(there.tenant.tenant_id) as unit:
        return quarantines.of_job(unit, job)


def rules(there: World, job: Job) -> list[str]:
    found = quarantine(there, job.import_job_id)
    return [] if found is None else [rule["rule"] for rule in found.rules]


def trail(there: World, action: str) -> list[tuple[str, Any, Any]]:
    found = there.query(
        "select subject, user_id, details from audit.events where action = :action order by event_id", action=action
    )
    return [(row.subject, row.user_id, row.details) for row in found]


def do(there: World, sql: str, **parameters: object) -> None:
    with there.database.unit(there.tenant.tenant_id) as unit:
        unit.execute(sql, {"tenant": there.tenant.tenant_id, **parameters})


def test_exactly_one_in_twenty_is_let_through_and_one_more_is_not(there: World) -> None:
    let_through = there.take_in(addresses(there.tenant, 57, 3), chunk_rows=7)
    held = there.take_in(addresses(there.tenant, 56, 4), chunk_rows=7)

    assert quarantine(there, let_through.import_job_id) is None
    assert rules(there, held) == ["invalid"]
    found = quarantine(there, held.import_job_id)
    assert found is not None
    assert found.is_in_force
    assert found.rules == [{"rule": "invalid", "contacts": 4, "of": 60, "share": 6.67, "limit": 5.0}]
    assert trail(there, "import_quarantined") == [(str(held.import_job_id), None, {"rules": found.rules})]


def test_a_small_list_is_never_held(there: World) -> None:
    assert rules(there, there.take_in(addresses(there.tenant, 0, 49))) == []
    assert rules(there, there.take_in(addresses(there.tenant, 0, 50))) == ["invalid"]


def test_known_bounces_count_however_they_are_known(there: World) -> None:
    listed = addresses(there.tenant, 100)
    do(
        there,
        "insert into ops.suppressions (tenant_id, email, kind, source)"
        " select :tenant, unnest(cast(:emails as text[])), 'bounce', 'test'",
        emails=listed[:2],
    )
    # An unsubscription is no bounce, one that was lifted is none any more, and another audience's concerns nobody here.
    do(
        there,
        "insert into ops.suppressions (tenant_id, email, kind, source, audience_id) values"
        " (:tenant, :a, 'unsubscribe', 'test', null), (:tenant, :b, 'bounce', 'test', null), (:tenant, :c, 'bounce', 'test', uuidv7())",
        a=listed[2],
        b=listed[3],
        c=listed[4],
    )
    do(
        there,
        "select mkt.lift_opt_outs(:b, null, '{\"form\": 1}', :user)",
        b=listed[3],
        user=there.tenant.user_id,
    )
    job = there.take_in(listed)
    with there.database.reading(there.tenant.tenant_id) as unit:
        found = quality.measured(unit, job.import_job_id)
    assert (found.findings["known_bounces"], found.findings["opted_out"]) == (2, 3)
    assert rules(there, job) == []

    do(
        there,
        "insert into ops.mailboxes (tenant_id, email, domain, bounced_hard_at) values (:tenant, :email, :domain, now())",
        email=listed[5],
        domain=listed[5].partition("@")[2],
    )
    do(there, "update mkt.email_validations set next_validation_at = '2020-01-01' where tenant_id = :tenant")
    assert rules(there, there.take_in(listed)) == ["known_bounces"]


def test_mistyped_domains_are_counted_though_another_reason_decides(there: World) -> None:
    listed = [*addresses(there.tenant, 47), *(f"ana{n}@{TYPO}" for n in range(3))]
    job = there.take_in(listed)
    assert {state[1] for email, state in there.states().items() if email.endswith(TYPO)} != {"possible_typo"}
    assert rules(there, job) == ["invalid", "typos"]


@pytest.mark.parametrize("seed", few(range(2), 1))
def test_the_decision_does_not_hang_on_chunks_order_or_messages(there: World, seed: int) -> None:
    chance = random.Random(seed)
    gone = chance.choice([3, 4])
    listed = addresses(there.tenant, 60 - gone, gone)
    chance.shuffle(listed)
    settings = there.settings.model_copy(update={"chunk_rows": chance.choice([1, 5, 60])})
    with Threads(settings, 3, seed=seed, lose=0.2, double=0.5, desk=True, clock=there.clock) as threads:
        request = ImportRequest(there.tenant.tenant_id, there.tenant.user_id, there.tenant.audience, "f.csv")
        job_id = intake(threads.context, request, io.BytesIO("\n".join(["email", *listed]).encode())).import_job_id
        (job,) = threads.finish(there.tenant.tenant_id, job_id, timeout=90)

    assert job.status is JobStatus.DONE
    assert rules(there, job) == (["invalid"] if gone == 4 else [])
    assert len(trail(there, "import_quarantined")) == (gone == 4)
    (measured,) = there.query("select measured, invalid from mkt.v_import_quality")
    assert tuple(measured) == (60, gone)


def test_a_job_that_failed_is_judged_by_what_it_linked_and_anew_when_it_is_taken_up_again(there: World) -> None:
    tenant_id = there.tenant.tenant_id
    bad, good = addresses(there.tenant, 40, 10), addresses(there.tenant, 300, start=1000)
    context = dataclasses.replace(
        there.context(), settings=there.settings.model_copy(update={"chunk_rows": 50, "hint_delay": 100})
    )
    request = ImportRequest(tenant_id, there.tenant.user_id, there.tenant.audience, "f.csv")
    job_id = intake(context, request, io.BytesIO("\n".join(["email", *bad, *good]).encode())).import_job_id

    def step(stage: ChunkStage, *numbers: int) -> None:
        for chunk_no in numbers:
            assert stages.run(context, due(there.database, there.tenant, job_id, chunk_no, stage))

    chunk_nos = range(FIRST_ROWS_CHUNK, FIRST_ROWS_CHUNK + 7)
    step(ChunkStage.SPLIT, SPLIT_CHUNK)
    step(ChunkStage.PARSE, *chunk_nos)
    step(ChunkStage.MARK, MARK_CHUNK)
    for stage in (ChunkStage.UPSERT, ChunkStage.LINK, ChunkStage.VALIDATE):
        step(stage, FIRST_ROWS_CHUNK)
    with there.database.unit(tenant_id) as unit:
        endings.fail(unit, job_id, code="test", detail="test", hints=context.hints)
    step(ChunkStage.SETTLE, SETTLE_CHUNK)
    found = quarantine(there, job_id)
    assert found is not None
    assert found.rules == [{"rule": "invalid", "contacts": 10, "of": 50, "share": 20.0, "limit": 5.0}]

    with Threads(there.settings, 2, desk=True, clock=there.clock) as threads:
        retry(threads.context, tenant_id, job_id)
        (job,) = threads.finish(tenant_id, job_id, timeout=90)
    assert job.status is JobStatus.DONE
    assert quarantine(there, job_id) is None, "10 of 350 are fewer than one in twenty"
    assert len(trail(there, "quarantine_lifted")) == 1


def test_people_release_it_and_it_stays_released(there: World) -> None:
    tenant = there.tenant
    job = there.take_in(addresses(tenant, 40, 20))
    context = there.context()

    assert release(context, tenant.tenant_id, tenant.user_id, job.import_job_id, "asked the shop") == [
        job.import_job_id
    ]
    found = quarantine(there, job.import_job_id)
    assert found is not None
    assert (found.is_in_force, found.released_by, found.release_note) == (False, "system", "asked the shop")
    assert trail(there, "quarantine_released") == [
        (str(job.import_job_id), tenant.user_id, {"asked_for": str(job.import_job_id)})
    ]
    with pytest.raises(NotQuarantinedError):
        release(context, tenant.tenant_id, tenant.user_id, job.import_job_id, "again")
    with there.database.unit(tenant.tenant_id) as unit:
        assert not quarantines.put(unit, job.import_job_id, [{"rule": "invalid"}])
    assert not (quarantine(there, job.import_job_id) or found).is_in_force


def test_nobody_releases_what_is_another_tenants(there: World, other_tenant: Tenant) -> None:
    job = there.take_in(addresses(there.tenant, 40, 20))
    with pytest.raises(NotQuarantinedError):
        release(there.context(), other_tenant.tenant_id, other_tenant.user_id, job.import_job_id, "mine")
    with there.database.reading(other_tenant.tenant_id) as unit:
        assert quarantines.everything(unit) == []
        assert unit.execute("select count(*) from mkt.v_import_quality").scalar_one() == 0
        assert unit.execute("select count(*) from mkt.audience_members").scalar_one() == 0


def test_a_correction_shares_the_quarantine_of_its_parent_and_its_release(there: World) -> None:
    tenant = there.tenant
    parent = there.take_in([*addresses(tenant, 57), *(f"ana{n}@gamil.com" for n in range(3))])
    assert "typos" in rules(there, parent)
    with Threads(there.settings, 2, desk=True, clock=there.clock) as threads:
        receipt = accept(threads.context, tenant.tenant_id, tenant.user_id, parent.import_job_id, ["all"])
        (child,) = threads.finish(tenant.tenant_id, receipt.import_job_id, timeout=90)
    found = quarantine(there, child.import_job_id)
    assert found is not None
    assert found.rules == [{"rule": "inherited", "import_job_id": str(parent.import_job_id)}]

    released = release(there.context(), tenant.tenant_id, tenant.user_id, parent.import_job_id, "mended")
    assert released == [parent.import_job_id, child.import_job_id]
    assert len(trail(there, "quarantine_released")) == 2


def test_verdicts_that_come_late_are_judged_by_a_second_look(there: World) -> None:
    tenant = there.tenant
    slow = SLOW.format(tag=tenant.slug)
    there.kill_resolver()
    job = there.take_in(addresses(tenant, 56, slow=4))
    assert {reason for _, reason in there.states().values()} == {"not_yet_checked"}
    assert rules(there, job) == []

    there.says(slow, MISSING)
    there.revive_resolver()
    there.clock.pass_by(minutes=9)

    def all_judged() -> bool:
        there.tick()
        return "not_yet_checked" not in {reason for _, reason in there.states().values()}

    until(all_judged, what="the clock to judge those who waited")
    assert rules(there, job) == [], "it is too early to look again"
    there.clock.pass_by(minutes=2)
    assert look_again(there.contexts[0], tenant.tenant_id) == 1
    assert rules(there, job) == ["invalid"]
    assert look_again(there.contexts[0], tenant.tenant_id) == 0, "nobody waits any more"
    (row,) = there.query("select measured, invalid, not_yet_checked from mkt.v_import_quality")
    assert tuple(row) == (60, 4, 0)
