"""The rules in Python and their twins in SQL come to the same, contact by contact; a preview counts what they decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from config.endpoints import database_url
from config.settings import Settings
from db import eligibility, previews
from db.unit import Database, transaction_time
from pipeline.context import Context
from pipeline.eligibility import Facts, decide_all
from pipeline.eligibility.counting import opposites
from pipeline.eligibility.rules import RULES
from pipeline.explanations import explain
from pipeline.previews import preview
from tests.conftest import Tenant, make_tenant
from tests.eligibility.worlds import CHOSEN, Placed, World, place, worlds
from tests.support.workers import tools

QUICKLY = hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
LONG = hypothesis_settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def owner(settings: Settings) -> Iterator[Database]:
    made = Database(database_url(settings), database_url(settings))
    yield made
    made.dispose()


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the planner's estimate back when a test has forced it."""
    monkeypatch.setattr(previews, "_are_few", previews._are_few)


@pytest.fixture(scope="module")
def context(settings: Settings) -> Iterator[Context]:
    with tools(settings) as made:
        yield made


@pytest.fixture(scope="module")
def anybody(settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Tenant:
    return make_tenant(settings, database, tmp_path_factory.mktemp("files"))


def check_judgements(placed: Placed, database: Database) -> dict[int, tuple[str | None, str | None]]:
    """Compare everybody whom the campaign reaches; returns what was decided."""
    with database.reading(placed.tenant_id) as unit:
        facts = placed.facts(transaction_time(unit))
        judged = {each.rid: (each.rule, each.reason) for each in eligibility.judge(unit, placed.cid)}
    assert judged == decided(facts, placed)
    return judged


def decided(facts: list[Facts], placed: Placed) -> dict[int, tuple[str | None, str | None]]:
    return {rid: (each.rule, each.reason) for rid, each in decide_all(facts, placed.world.policy).items()}


def check_preview(placed: Placed, context: Context, *, few: bool) -> None:
    """Compare the counts; ``few``: whether the campaign's contacts are looked up one by one, or all are read in ranges."""
    previews._are_few = lambda *_: few
    found = preview(context, placed.tenant_id, str(placed.cid))
    facts = placed.facts(found.at)
    decisions = decide_all(facts, placed.world.policy)
    counts = found.counts
    assert counts.contacts == len(facts)
    assert counts.contacts == counts.recipients + sum(counts.exclusions.values())
    assert counts.recipients == sum(each.rule is None for each in decisions.values())
    assert counts.exclusions == Counter(each.rule for each in decisions.values() if each.rule)
    assert {(rule, reason): n for rule, found in counts.reasons.items() for reason, n in found.items()} == Counter(
        (each.rule, each.reason) for each in decisions.values() if each.reason
    )
    for reach in found.reaches:
        (name,) = (name for name in CHOSEN if placed.audiences[name] == reach.audience.audience_id)
        members = [each.rid for each in facts if any(link.audience == name for link in each.links)]
        assert (reach.contacts, reach.recipients) == (
            len(members),
            sum(decisions[rid].rule is None for rid in members),
        )
    for outlook in counts.outlooks:
        other = decide_all(facts, opposites(placed.world.policy)[outlook.key])
        assert outlook.recipients == sum(each.rule is None for each in other.values()) - counts.recipients, outlook
    assert counts.unchecked == sum(
        each.verdict is None or each.verdict.reason_code == "not_yet_checked" for each in facts
    )


def check_frozen(placed: Placed, database: Database, owner: Database) -> None:
    """Compare what a send asks, which is about everybody that was frozen, and what the sender asks of each at hand-over."""
    rids = [*placed.rids.values()]
    with owner.unit(placed.tenant_id) as unit:
        unit.execute(
            "insert into mkt.campaign_contacts (tenant_id, cid, rid, import_job_id, chunk_no, outcome, decided_at)"
            " select :t, :c, unnest(cast(:r as bigint[])), uuidv7(), 3, 'recipient', now()",
            {"t": placed.tenant_id, "c": placed.cid, "r": rids},
        )
    with database.reading(placed.tenant_id) as unit:
        facts = placed.facts(transaction_time(unit), frozen=True)
        judged = {each.rid: (each.rule, each.reason) for each in eligibility.judge(unit, placed.cid, [*rids, 0])}
        may = {rid: eligibility.may_receive(unit, placed.cid, rid) for rid in [*rids, 0]}
    assert judged.pop(0) == ("erased", None)
    assert judged == decided(facts, placed)
    assert may == {0: False} | {
        rid: rule in (None, "duplicate_mailbox", "frequency_cap")
        for each in facts
        for rid, (rule, _) in decided([each], placed).items()
    }


def check_explanations(placed: Placed, context: Context, judged: dict[int, tuple[str | None, str | None]]) -> None:
    for person in placed.world.people:
        rid = placed.rids[person.address]
        found = explain(context, placed.tenant_id, str(placed.cid), person.address)
        assert [step.rule for step in found.steps] == [rule.code for rule in RULES]
        assert next((step.rule for step in found.steps if step.matches), None) == found.decision.rule
        if rid in judged:
            assert tuple(found.decision) == judged[rid], person.address
        else:
            assert found.decision.rule is not None


def check(world: World, owner: Database, context: Context, tenant: Tenant) -> None:
    placed = place(world, owner, tenant.tenant_id, tenant.user_id)
    judged = check_judgements(placed, context.database)
    check_preview(placed, context, few=True)
    check_preview(placed, context, few=False)
    check_explanations(placed, context, judged)
    check_frozen(placed, context.database, owner)


@QUICKLY
@given(world=worlds())
def test_sql_and_python_decide_the_same(world: World, owner: Database, context: Context, anybody: Tenant) -> None:
    check(world, owner, context, anybody)


@pytest.mark.slow
@LONG
@given(world=worlds())
def test_sql_and_python_decide_the_same_in_many_worlds(
    world: World, owner: Database, context: Context, anybody: Tenant
) -> None:
    check(world, owner, context, anybody)
