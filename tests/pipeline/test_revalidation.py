"""A whole base judged again by today's rules, from stored answers: first in shadow, then for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import pytest

from config.settings import Settings
from db import overrides
from db.statuses import OverrideDecision
from db.unit import Database
from pipeline import classification, revalidation
from pipeline.revalidation import Matrix, Transition, apply, transitions
from pipeline.verdicts import VALIDATOR_VERSION
from tests.conftest import Tenant
from tests.pipeline.world import World, world
from tests.support.dns import PUBLIC, Host

BROKEN = Host(rcode="SERVFAIL")


@pytest.fixture
def there(settings: Settings, database: Database, tenant: Tenant) -> Iterator[World]:
    """A base that older rules judged, who took an implicit MX for a good one."""
    tag = tenant.slug
    script = {
        f"good-{tag}.com.br": Host(mx=((10, f"mx-{tag}.com.br"),)),
        f"implicit-{tag}.com.br": Host(a=(PUBLIC,)),
        f"broken-{tag}.com.br": BROKEN,
        f"mx-{tag}.com.br": Host(a=(PUBLIC,)),
    }
    with world(settings, database, tenant, script) as made:
        made.take_in([f"{who}{n}@{domain}" for domain in list(script)[:3] for n in range(4) for who in ("ana", "info")])
        with database.unit(tenant.tenant_id) as unit:
            unit.execute("update mkt.domain_checks set validator_version = 'older' where outcome is not null")
            unit.execute(
                "update mkt.domain_checks set status = 'valid', reason_code = 'mx_ok', score = 95 where domain = :domain",
                {"domain": f"implicit-{tag}.com.br"},
            )
            unit.execute(
                "update mkt.email_validations set validator_version = 'older', status = 'valid', reason_code = 'mx_ok'"
                " where reason_code = 'implicit_mx'"
            )
            unit.execute("update mkt.email_validations set validator_version = 'older'")
        yield made


def checksums(there: World) -> list[str]:
    """Return what would be other texts if anything were written."""
    return [
        there.query(f"select md5(string_agg(t::text, ',' order by t::text)) from {table} t")[0][0]
        for table in ("mkt.email_validations", "mkt.email_validation_history", "mkt.domain_checks")
    ]


def test_shadow_says_what_would_change_and_touches_nothing(there: World) -> None:
    before, asked = checksums(there), there.dns.totals()
    with mock.patch.object(revalidation, "PAGE", 7):
        matrix = transitions(there.context(), there.tenant.tenant_id)
    assert checksums(there) == before
    assert there.dns.totals() == asked
    tag = there.tenant.slug
    samples = {
        domain: tuple(sorted(f"{who}{n}@{domain}-{tag}.com.br" for n in range(4) for who in ("ana", "info")))[:5]
        for domain in ("good", "implicit", "broken")
    }
    assert matrix.contacts == 24
    assert matrix.without_evidence == 0
    assert set(matrix.transitions) == {
        Transition(("valid", "mx_ok"), ("valid", "mx_ok"), 8, samples["good"]),
        Transition(("valid", "mx_ok"), ("risky", "implicit_mx"), 8, samples["implicit"]),
        Transition(("unknown", "dns_servfail"), ("unknown", "dns_servfail"), 8, samples["broken"]),
    }


def test_what_was_never_heard_of_is_counted_and_stays(there: World) -> None:
    email = f"ana@unheard-{there.tenant.slug}.com.br"
    for canary in there.settings.dns_canaries:
        there.says(canary, BROKEN)
    there.take_in([email])
    before = there.state(email)
    context = there.context()
    assert transitions(context, there.tenant.tenant_id).without_evidence == 1
    apply(context, there.tenant.tenant_id)
    assert there.state(email) == before


def test_what_the_tenant_decided_is_part_of_the_shadow(there: World) -> None:
    domain = f"good-{there.tenant.slug}.com.br"
    with there.database.unit(there.tenant.tenant_id) as unit:
        overrides.decide(
            unit, domain, OverrideDecision.DENY, note="", user_id=there.tenant.user_id, now=there.clock.now
        )
    found = transitions(there.context(), there.tenant.tenant_id)
    assert counts(found)[("valid", "mx_ok"), ("invalid", "override_deny")] == 8


def test_apply_comes_to_what_shadow_said(there: World) -> None:
    context, tenant_id = there.context(), there.tenant.tenant_id
    foreseen, asked, judgements = transitions(context, tenant_id), there.dns.totals(), there.judgements()
    before = there.states()
    assert apply(context, tenant_id) == 24
    after = there.states()
    assert there.dns.totals() == asked
    assert there.judgements() == judgements + 24  # whose verdict stayed was judged too
    made: dict[object, int] = {}
    for email, state in after.items():
        made[before[email], state] = made.get((before[email], state), 0) + 1
    assert made == counts(foreseen)
    assert apply(context, tenant_id) == 0
    assert {row[0] for row in there.query("select validator_version from mkt.email_validations")} == {VALIDATOR_VERSION}


def test_the_age_of_the_evidence_counts(there: World) -> None:
    heard = there.clock.now
    there.clock.pass_by(days=10)
    apply(there.context(), there.tenant.tenant_id)
    tag = there.tenant.slug
    assert there.state(f"ana0@good-{tag}.com.br").next_validation_at == heard + timedelta(days=60)
    assert there.state(f"ana0@implicit-{tag}.com.br").next_validation_at == there.clock.now  # seven days are over
    assert there.state(f"ana0@broken-{tag}.com.br").next_validation_at == there.clock.now
    assert there.state(f"ana0@good-{tag}.com.br").validated_at == there.clock.now


def test_an_apply_that_was_killed_goes_on(there: World) -> None:
    context, tenant_id = there.context(), there.tenant.tenant_id
    real, pages = classification.classify, iter(range(2))

    def classify_two_pages(*given: object, **named: object) -> object:
        if next(pages, None) is None:
            raise KeyboardInterrupt
        return real(*given, **named)  # type: ignore[arg-type]

    judgements = there.judgements()
    with mock.patch.object(revalidation, "PAGE", 7):
        with mock.patch.object(revalidation, "classify", classify_two_pages), pytest.raises(KeyboardInterrupt):
            apply(context, tenant_id)
        assert there.judgements() == judgements + 14
        assert apply(context, tenant_id) == 10
    assert there.judgements() == judgements + 24


def test_a_verdict_outlives_trouble_here_too(there: World) -> None:
    email = f"ana0@good-{there.tenant.slug}.com.br"
    there.says(f"good-{there.tenant.slug}.com.br", BROKEN)
    there.clock.pass_by(days=1)
    there.take_in([f"late@good-{there.tenant.slug}.com.br"])
    context, tenant_id = there.context(), there.tenant.tenant_id
    before = there.state(email)
    foreseen = counts(transitions(context, tenant_id))
    assert foreseen[("valid", "mx_ok"), ("valid", "mx_ok")] == 8
    apply(context, tenant_id)
    assert there.state(email) == before


def counts(matrix: Matrix) -> dict[object, int]:
    """Return the contacts by state before and after."""
    return {(each.before, each.after): each.contacts for each in matrix.transitions}
