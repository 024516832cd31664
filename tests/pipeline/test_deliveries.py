"""What the platform heard of its messages: told once, in any order, by anybody at the same time, it comes to the same."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings import Settings
from db import overrides
from db.deliveries import Event, Recorded
from db.statuses import DeliveryKind
from db.unit import Database, ResultRow
from pipeline.context import Context
from pipeline.deliveries import UnknownContactError, record, record_all, record_of_contact
from tests.conftest import Tenant
from tests.support.waiting import until
from tests.support.workers import tools

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=60)
DELIVERED, HARD, SOFT, COMPLAINT = DeliveryKind
Summary = tuple[datetime | None, datetime | None, int]


@pytest.fixture(scope="module")
def context(settings: Settings) -> Iterator[Context]:
    with tools(settings) as made:
        yield replace(made, clock=lambda _: NOW)


def heard(email: str, kind: DeliveryKind, day: int = 1, event_id: str | None = None) -> Event:
    return Event(event_id or uuid.uuid4().hex, email, kind, datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day))


def query(database: Database, tenant: Tenant, sql: str, **parameters: object) -> list[ResultRow]:
    with database.reading(tenant.tenant_id) as unit:
        return list(unit.execute(sql, parameters))


def contact(database: Database, tenant: Tenant, email: str, status: str = "valid", due: datetime = LATER) -> int:
    """Make a contact with a verdict."""
    with database.unit(tenant.tenant_id) as unit:
        rid = unit.execute(
            "insert into mtrk.contatos (tenant_id, email) values (:t, :e) returning rid",
            {"t": tenant.tenant_id, "e": email},
        ).scalar_one()
        unit.execute(
            "insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validator_version, next_validation_at)"
            " values (:r, :t, :s, 'mx_ok', 95, 'v', :due)",
            {"r": rid, "t": tenant.tenant_id, "s": status, "due": due},
        )
    return int(rid)


def due(database: Database, tenant: Tenant) -> list[str]:
    """Return whose judgement is due."""
    found = query(
        database,
        tenant,
        "select c.email from mkt.email_validations v join mtrk.contatos c using (rid) where v.next_validation_at <= :now order by 1",
        now=NOW,
    )
    return [row[0] for row in found]


def mailboxes(database: Database, tenant: Tenant) -> dict[str, Summary]:
    found = query(database, tenant, "select email, delivered_at, bounced_hard_at, soft_bounces from ops.mailboxes")
    return {row.email: (row.delivered_at, row.bounced_hard_at, row.soft_bounces) for row in found}


def opted_out(database: Database, tenant: Tenant) -> list[tuple[str, str]]:
    found = query(database, tenant, "select email, kind from ops.suppressions where source = 'delivery' order by 1, 2")
    return [(row[0], row[1]) for row in found]


def expected(events: Sequence[Event]) -> dict[str, Summary]:
    """Work out the summaries event by event, from the first moment to the last."""
    boxes: dict[str, Summary] = {}
    # At one moment a delivery comes last: that very message got through.
    for event in sorted(events, key=lambda e: (e.occurred_at, e.kind is DELIVERED)):
        delivered, bounced, softs = boxes.get(event.email, (None, None, 0))
        if event.kind is DELIVERED:
            delivered, softs = event.occurred_at, 0
        elif event.kind is HARD:
            bounced = event.occurred_at
        elif event.kind is SOFT:
            softs += 1
        boxes[event.email] = (delivered, bounced, softs)
    return boxes


said = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(DeliveryKind), st.integers(0, 6)),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=said, seed=st.integers(0, 1_000))
def test_any_order_and_repetition_comes_to_the_same(
    context: Context, database: Database, tenant: Tenant, said: list[tuple[str, DeliveryKind, int]], seed: int
) -> None:
    chance, example = random.Random(seed), uuid.uuid4().hex
    events = [heard(f"{name}@{example}.com", kind, day) for name, kind, day in said]
    told = [*events, *chance.choices(events, k=len(events) // 2)]
    chance.shuffle(told)
    total = Recorded()
    while told:
        size = chance.randint(1, 10)
        total += record(context, tenant.tenant_id, told[:size])
        told = told[size:]
    mine = {email: box for email, box in mailboxes(database, tenant).items() if example in email}
    assert mine == expected(events)
    assert (total.new, total.repeated) == (len(events), len(events) // 2)
    kinds = {HARD: "bounce", COMPLAINT: "complaint"}
    out = {(event.email, kinds[event.kind]) for event in events if event.kind in kinds}
    found = [pair for pair in opted_out(database, tenant) if example in pair[0]]
    assert found == sorted(out)
    assert total.suppressions_added == len(out)
    assert total.unknown_contacts == len(events)


def test_workers_that_tell_the_same_at_the_same_time_tell_it_once(
    context: Context, database: Database, tenant: Tenant, settings: Settings
) -> None:
    kinds = (HARD, SOFT, SOFT, COMPLAINT, DELIVERED)
    events = [heard(f"p{n % 60}@empresa.com.br", kinds[n % 7 % 5], n % 11) for n in range(1_500)]
    emails = sorted({event.email for event in events})
    for email in emails[:20]:
        contact(database, tenant, email)
    totals: list[Recorded] = []
    errors: list[BaseException] = []
    together = threading.Barrier(4)

    def tell(seed: int) -> None:
        mine = list(events)
        random.Random(seed).shuffle(mine)
        total = Recorded()
        try:
            with tools(settings) as own:
                together.wait()
                for at in range(0, len(mine), 100):
                    total += record(replace(own, clock=context.clock), tenant.tenant_id, mine[at : at + 100])
        except BaseException as error:  # noqa: BLE001 (shown below)
            errors.append(error)
        totals.append(total)

    threads = [threading.Thread(target=tell, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sum(total.new for total in totals) == len(events)
    assert sum(total.repeated for total in totals) == 3 * len(events)
    assert mailboxes(database, tenant) == expected(events)
    out = opted_out(database, tenant)
    assert len(out) == len(set(out)) == sum(total.suppressions_added for total in totals) > 0


def test_two_events_with_one_id_are_the_first(context: Context, database: Database, tenant: Tenant) -> None:
    first, second = heard("ana@empresa.com.br", SOFT, event_id="7"), heard("bia@empresa.com.br", HARD, event_id="7")
    assert record(context, tenant.tenant_id, [first, second]) == Recorded(new=1, repeated=1, unknown_contacts=1)
    assert record(context, tenant.tenant_id, [second]) == Recorded(repeated=1)
    assert list(mailboxes(database, tenant)) == ["ana@empresa.com.br"]
    assert opted_out(database, tenant) == []


def test_a_delivery_lifts_no_opt_out_and_soft_bounces_are_none(
    context: Context, database: Database, tenant: Tenant
) -> None:
    email = "ana@empresa.com.br"
    record(context, tenant.tenant_id, [heard(email, SOFT, day) for day in range(9)])
    assert opted_out(database, tenant) == []
    record(context, tenant.tenant_id, [heard(email, HARD, 10, "h1"), heard(email, HARD, 11, "h2")])
    record(context, tenant.tenant_id, [heard(email, DELIVERED, 20), heard(email, HARD, 21, "h3")])
    assert opted_out(database, tenant) == [(email, "bounce")]
    ((evidence,),) = query(database, tenant, "select evidence from ops.suppressions")
    assert evidence["event_id"] == "h1"
    assert datetime.fromisoformat(evidence["at"]) == datetime(2026, 3, 11, tzinfo=UTC)


def test_an_opt_out_that_others_have_said_is_counted_no_more_but_is_evidence_of_its_own(
    context: Context, database: Database, tenant: Tenant
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source) values (:t, 'ana@empresa.com.br', 'bounce', 'import')",
            {"t": tenant.tenant_id},
        )
    events = [heard("ana@empresa.com.br", HARD), heard("ana@empresa.com.br", COMPLAINT)]
    assert record(context, tenant.tenant_id, events).suppressions_added == 1
    assert opted_out(database, tenant) == [("ana@empresa.com.br", "bounce"), ("ana@empresa.com.br", "complaint")]
    later = [heard("ana@empresa.com.br", HARD, 2), heard("ana@empresa.com.br", COMPLAINT, 2)]
    assert record(context, tenant.tenant_id, later).suppressions_added == 0
    assert len(opted_out(database, tenant)) == 2


@pytest.mark.parametrize(
    ("status", "events", "is_due"),
    [
        ("valid", [(HARD, 1)], True),
        ("valid", [(SOFT, day) for day in range(4)], False),
        ("valid", [(SOFT, day) for day in range(5)], True),
        ("valid", [(SOFT, 0), (SOFT, 1), (DELIVERED, 2), (SOFT, 3), (SOFT, 4), (SOFT, 5)], False),
        ("valid", [(DELIVERED, 1)], False),
        ("risky", [(DELIVERED, 1)], True),
        ("invalid", [(DELIVERED, 1)], True),
        ("unknown", [(DELIVERED, 1)], True),
        ("valid", [(COMPLAINT, 1)], False),
    ],
)
def test_who_is_judged_again(
    context: Context,
    database: Database,
    tenant: Tenant,
    status: str,
    events: list[tuple[DeliveryKind, int]],
    is_due: bool,  # noqa: FBT001 (a table of cases)
) -> None:
    contact(database, tenant, "ana@empresa.com.br", status)
    contact(database, tenant, "bia@empresa.com.br", status)
    told = [heard("ana@empresa.com.br", kind, day) for kind, day in events]
    record(context, tenant.tenant_id, told)
    assert due(database, tenant) == (["ana@empresa.com.br"] if is_due else [])


def test_what_is_known_already_makes_nobody_due_again(context: Context, database: Database, tenant: Tenant) -> None:
    email = "ana@empresa.com.br"
    contact(database, tenant, email)
    told = [heard(email, SOFT, day) for day in range(5)] + [heard(email, HARD, 9)]
    record(context, tenant.tenant_id, told)
    with database.unit(tenant.tenant_id) as unit:
        unit.execute("update mkt.email_validations set next_validation_at = :later", {"later": LATER})
    # Told again; an older hard bounce; a sixth soft one.
    record(context, tenant.tenant_id, [*told, heard(email, HARD, 3), heard(email, SOFT, 12)])
    assert due(database, tenant) == []
    # A late delivery between the soft ones: they are no five in a row any more.
    record(context, tenant.tenant_id, [heard(email, DELIVERED, 3)])
    assert due(database, tenant) == [email]


def test_who_is_due_anyway_is_not_put_off(context: Context, database: Database, tenant: Tenant) -> None:
    before = NOW - timedelta(days=2)
    contact(database, tenant, "ana@empresa.com.br", due=before)
    record(context, tenant.tenant_id, [heard("ana@empresa.com.br", HARD)])
    assert query(database, tenant, "select next_validation_at from mkt.email_validations")[0][0] == before


def test_a_verdict_that_is_being_drawn_is_waited_for(context: Context, database: Database, tenant: Tenant) -> None:
    """Else the one from before the bounce would be written after it, and stand for weeks."""
    contact(database, tenant, "ana@empresa.com.br")
    told = threading.Thread(
        target=record, args=(context, tenant.tenant_id, [heard("ana@empresa.com.br", HARD)]), daemon=True
    )
    with database.unit(tenant.tenant_id) as unit:
        overrides.overrides_of(unit)
        told.start()
        until(
            lambda: unit.execute(
                "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            ).scalar_one(),
            what="the recorder to wait",
        )
        unit.execute("update mkt.email_validations set next_validation_at = :later", {"later": LATER})
    told.join(timeout=30)
    assert due(database, tenant) == ["ana@empresa.com.br"]


def test_another_tenant_is_not_touched(
    context: Context, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    email = "ana@empresa.com.br"
    contact(database, tenant, email)
    theirs = contact(database, other_tenant, email)
    assert record(context, tenant.tenant_id, [heard(email, HARD, event_id="1")]).new == 1
    assert (due(database, tenant), due(database, other_tenant)) == ([email], [])
    assert (mailboxes(database, other_tenant), opted_out(database, other_tenant)) == ({}, [])
    assert record(context, other_tenant.tenant_id, [heard(email, DELIVERED, event_id="1")]).new == 1
    for rid in (theirs, 2**62):
        with pytest.raises(UnknownContactError):
            record_of_contact(context, tenant.tenant_id, rid, event_id="2", kind=HARD, occurred_at=NOW, detail=None)
    assert len(query(database, tenant, "select from ops.deliveries")) == 1


def test_any_number_of_events_is_recorded_in_batches(context: Context, tenant: Tenant) -> None:
    events = [heard(f"p{n}@empresa.com.br", SOFT) for n in range(12_000)]
    assert record_all(context, tenant.tenant_id, iter(events)) == Recorded(new=12_000, unknown_contacts=12_000)
    assert record_all(context, tenant.tenant_id, iter(events)) == Recorded(repeated=12_000)
    assert record_all(context, tenant.tenant_id, iter([])) == Recorded()
