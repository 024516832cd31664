"""The figures of reports and views are what counting row by row in memory comes to."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from config.endpoints import database_url
from config.settings import Settings
from db import audiences, quality
from db.statuses import OptOutKind, VerdictStatus
from db.tenants import this
from db.unit import Database
from pipeline import quality as gathering
from pipeline.reporting import AudienceReport
from pipeline.reporting.figures import FINDINGS, LEFT_OUT
from pipeline.verdicts import ReasonCode
from pipeline.verdicts.canonical import canonical
from pipeline.verdicts.reasons import RULES
from tests.conftest import Tenant, make_tenant
from tests.pipeline.world import World, world
from tests.support.dns import MISSING, Host
from tests.support.workers import Threads

#: Strongest first.
STRENGTH = ("erasure", "manual", "complaint", "bounce", "unsubscribe")
USABLE = {"implicit_mx", "mx_ipv6_only", "role_account"}
#: Several of these are one mailbox.
LOCAL_PARTS = ("ana", "a.na", "ana+loja", "bia", "b.ia", "caio", "d.ora", "dora")
DOMAINS = ("gmail.com", "empresa.com.br", "outlook.com", "fastmail.com")


@dataclass
class Made:
    """A generated base, as it stands in the tables."""

    tenant: Tenant
    audiences: list[UUID]
    members: list[dict[str, Any]] = field(default_factory=list)
    suppressions: list[dict[str, Any]] = field(default_factory=list)
    held: set[UUID] = field(default_factory=set)


def generate(settings: Settings, database: Database, tenant: Tenant, seed: int) -> Made:
    """Fill a tenant with contacts in three audiences, verdicts, opt-outs of all scopes, and quarantines."""
    chance = random.Random(seed)
    with database.unit(tenant.tenant_id) as unit:
        others = [audiences.create(unit, name, "") for name in ("two", "three")]
    made = Made(tenant, [tenant.audience_id, *(other for other in others if other is not None)])
    with psycopg.connect(database_url(settings), row_factory=dict_row) as connection:
        jobs = [_job(connection, made, number) for number in range(4)]
        for job, released in zip(jobs, (None, None, "now()"), strict=False):
            connection.execute(
                "insert into mkt.quarantines (import_job_id, tenant_id, rules, released_at, released_by_user_id)"
                f" values (%s, %s, '[]', {released or 'null'}, %s)",
                (job, tenant.tenant_id, tenant.user_id if released else None),
            )
        made.held = set(jobs[:2])
        for local_part in LOCAL_PARTS:
            for domain in DOMAINS:
                _contact(connection, made, f"{local_part}@{domain}", jobs, chance)
        for _ in range(12):
            _opt_out(connection, made, chance)
        made.members = connection.execute(
            "select l.*, c.email, v.status, v.reason_code, v.details_json -> 'flags' as flags from mkt.audience_contacts l"
            " join mtrk.contatos c using (rid) left join mkt.email_validations v using (rid) where l.tenant_id = %s",
            (tenant.tenant_id,),
        ).fetchall()
        made.suppressions = connection.execute(
            "select * from ops.suppressions where tenant_id = %s", (tenant.tenant_id,)
        ).fetchall()
    return made


def _job(connection: psycopg.Connection[Any], made: Made, number: int) -> UUID:
    row = connection.execute(
        "insert into mkt.import_jobs (tenant_id, kind, audience_id, uploaded_by_user_id, file_name, file_hash, file_bytes, file_key,"
        " options_hash, repeat_no, chunk_rows, status, stage) values (%s, 'import', %s, %s, 'f', repeat('0', 64), 1, 'k', 'h', %s, 1,"
        " 'queued', 'split') returning import_job_id",
        (made.tenant.tenant_id, made.audiences[0], made.tenant.user_id, number),
    ).fetchone()
    assert row is not None
    return UUID(str(row["import_job_id"]))


def _contact(
    connection: psycopg.Connection[Any], made: Made, email: str, jobs: list[UUID], chance: random.Random
) -> None:
    tenant_id = made.tenant.tenant_id
    row = connection.execute(
        "insert into mtrk.contatos (tenant_id, email) values (%s, %s) returning rid", (tenant_id, email)
    ).fetchone()
    assert row is not None
    if chance.random() < 0.9:
        rule = chance.choice(RULES)
        reason = chance.choice([rule.reason_code, rule.reason_code, ReasonCode.NOT_YET_CHECKED])
        status = "unknown" if reason is ReasonCode.NOT_YET_CHECKED else rule.status
        flags = chance.sample(["role_account", "possible_typo", "bounced_hard", "disposable_mx", "free_provider"], 1)
        connection.execute(
            "insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validator_version, next_validation_at, details_json)"
            " values (%s, %s, %s, %s, 1, 'v', 'infinity', jsonb_build_object('flags', %s::jsonb))",
            (row["rid"], tenant_id, status, reason, chance.choice(["null", "[]", f'["{flags[0]}"]'])),
        )
    for audience in chance.sample(made.audiences, chance.randint(0, 3)):
        connection.execute(
            "insert into mkt.audience_contacts (audience_id, rid, tenant_id, import_job_id, legal_basis, consent_source, removed_at)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            (
                *(audience, row["rid"], tenant_id, chance.choice([*jobs, None])),
                *(chance.choice(["consentimento", "nao_informada", None]), chance.choice(["event", None])),
                chance.choice([None, None, None, "2026-03-05"]),
            ),
        )


def _opt_out(connection: psycopg.Connection[Any], made: Made, chance: random.Random) -> None:
    address = f"{chance.choice(LOCAL_PARTS)}@{chance.choice(DOMAINS)}"
    kind = chance.choice(list(OptOutKind))
    audience = chance.choice([None, *made.audiences])
    connection.execute(
        "insert into ops.suppressions (tenant_id, email, kind, source, audience_id) values (%s, %s, %s, 'test', %s)",
        (made.tenant.tenant_id, address, kind, audience),
    )
    if chance.random() < 0.3:
        connection.execute("select set_config('app.tenant_id', %s, true)", (str(made.tenant.tenant_id),))
        connection.execute(
            "select mkt.lift_opt_outs(%s, %s, '{\"form\": 1}', %s, %s)",
            (address, audience, made.tenant.user_id, [kind]),
        )


# The same, row by row


def says(member: dict[str, Any], *wanted: str) -> bool:
    return member["reason_code"] in wanted or bool(set(member["flags"] or ()) & set(wanted))


def kinds(made: Made, member: dict[str, Any]) -> set[str]:
    return {
        entry["kind"]
        for entry in made.suppressions
        if entry["lifted_at"] is None
        and canonical(entry["email"]) == canonical(member["email"])
        and entry["audience_id"] in (None, member["audience_id"])
    }


def left_out_as(made: Made, member: dict[str, Any]) -> str:
    status, reason = member["status"] or "unknown", member["reason_code"] or "not_yet_checked"
    if kinds(made, member):
        return "opted_out"
    if status == "invalid" or (status == "risky" and reason not in USABLE):
        return str(status)
    if status == "unknown":
        return "not_yet_checked" if reason == "not_yet_checked" else "unknown"
    return "quarantined" if member["import_job_id"] in made.held else "reachable"


def counted(made: Made, audience: UUID) -> dict[str, Any]:
    members = [m for m in made.members if m["audience_id"] == audience and m["removed_at"] is None]
    elsewhere = Counter(m["rid"] for m in made.members if m["removed_at"] is None)
    why = Counter(left_out_as(made, member) for member in members)
    return {
        "contacts": len(members),
        "reachable": why["reachable"],
        "left_out": {name: why[name] for name in LEFT_OUT},
        "verdicts": {s: sum((m["status"] or "unknown") == s for m in members) for s in VerdictStatus},
        "reasons": Counter((m["status"] or "unknown", m["reason_code"] or "not_yet_checked") for m in members),
        "opted_out": Counter(next(k for k in STRENGTH if k in found) for m in members if (found := kinds(made, m))),
        "findings": {
            "role_accounts": sum(says(m, "role_account") for m in members),
            "disposable": sum(says(m, "disposable_domain", "disposable_mx") for m in members),
            "typos": sum(says(m, "possible_typo") for m in members),
            "known_bounces": sum(says(m, "bounced_hard") or "bounce" in kinds(made, m) for m in members),
        },
        "bases": Counter(m["legal_basis"] or "nao_informada" for m in members),
        "sources": Counter(m["consent_source"] or "not_stated" for m in members),
        "quarantined": sum(m["import_job_id"] in made.held for m in members),
        "in_other_audiences": sum(elsewhere[m["rid"]] > 1 for m in members),
    }


@pytest.fixture(params=range(6))
def made(request: pytest.FixtureRequest, settings: Settings, database: Database, tenant: Tenant) -> Made:
    # Somebody else's opt-outs and quarantines, of the same addresses, must not count.
    generate(settings, database, make_tenant(settings, database, tenant.files), 1000 + request.param)
    return generate(settings, database, tenant, request.param)


def report(settings: Settings, made: Made, audience: UUID) -> AudienceReport | None:
    with Threads(settings, 0) as idle, idle.context.database.reading(made.tenant.tenant_id) as unit:
        found = audiences.find(unit, str(audience))
        tenant = this(unit)
        assert found is not None
        return gathering.of_audience(idle.context, tenant, found)


def test_a_report_counts_what_is_there(settings: Settings, made: Made) -> None:
    for audience in made.audiences:
        expected = counted(made, audience)
        told = report(settings, made, audience)
        assert told is not None
        people = told.people
        assert people.contacts == expected["contacts"]
        assert people.reachable == expected["reachable"]
        assert dict(people.left_out) == expected["left_out"]
        assert people.reachable + sum(people.left_out.values()) == people.contacts
        assert dict(people.verdicts) == expected["verdicts"]
        assert {(status, reason): n for status, reason, n in people.reasons} == expected["reasons"]
        assert people.opted_out == expected["opted_out"]
        assert dict(people.findings) == expected["findings"]
        assert (people.bases, people.sources) == (expected["bases"], expected["sources"])
        assert people.quarantined == expected["quarantined"]
        assert told.overlap.contacts == expected["in_other_audiences"]
        assert told.growth[-1].members == people.contacts


def test_the_view_of_audiences_has_the_same_figures(database: Database, made: Made) -> None:
    with database.reading(made.tenant.tenant_id) as unit:
        rows = {row.audience_id: row._asdict() for row in unit.execute("select * from mkt.v_audience_quality")}
    assert set(rows) == set(made.audiences)
    for audience, row in rows.items():
        expected = counted(made, audience)
        assert {name: row[f"left_out_{name}"] for name in LEFT_OUT} == expected["left_out"]
        assert {name: row[name] for name in FINDINGS} == expected["findings"]
        assert {name: row[name] for name in VerdictStatus} == expected["verdicts"]
        assert row["basis_not_stated"] == expected["bases"]["nao_informada"]
        for name in ("contacts", "reachable", "quarantined", "in_other_audiences"):
            assert row[name] == expected[name], name
        reasons = {
            (status, reason): n for status, them in row["verdicts_by_reason"].items() for reason, n in them.items()
        }
        assert reasons == expected["reasons"]
    assert rows[made.audiences[0]]["quarantined_imports"] == 2
    assert rows[made.audiences[0]]["imports"] == 4


# Imports


@pytest.fixture
def there(settings: Settings, database: Database, tenant: Tenant) -> Iterator[World]:
    script = {f"boa-{tenant.slug}.com.br": Host(mx=((10, "mx.boa.com.br"),)), f"sumiu-{tenant.slug}.com.br": MISSING}
    with world(settings, database, tenant, script) as made:
        yield made


def test_the_view_of_imports_counts_the_rows_of_each_file(there: World) -> None:
    tag = there.tenant.slug
    file = [
        *(f"pessoa{n}@boa-{tag}.com.br" for n in range(8)),
        *(f"vendas@boa-{tag}.com.br", f"pessoa0@boa-{tag}.com.br", "sem-arroba", "", "dois@@boa.com.br"),
        *(f"ana{n}@sumiu-{tag}.com.br" for n in range(3)),
        *("ana@gamil.com", "bia@mailinator.com"),
    ]
    with there.database.unit(there.tenant.tenant_id) as unit:
        other = audiences.create(unit, "other", "")
    first = there.take_in(file, chunk_rows=4)
    with there.database.unit(there.tenant.tenant_id) as unit:
        unit.execute(
            "insert into mkt.audience_contacts (audience_id, rid, tenant_id) select :other, rid, tenant_id from mtrk.contatos"
            " where email like 'pessoa%'",
            {"other": other},
        )
        unit.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source) values (:t, :a, 'bounce', 'test'), (:t, :b, 'manual', 'test')",
            {"t": there.tenant.tenant_id, "a": file[0], "b": file[1]},
        )
    again = there.take_in([*file[:4], "novo@uol.com.br"], chunk_rows=2)

    with there.database.reading(there.tenant.tenant_id) as unit:
        one, two = quality.of_imports(unit)
    states = there.states()
    assert (one.import_job_id, two.import_job_id) == (first.import_job_id, again.import_job_id)
    assert (one.records, one.error_rows, one.duplicate_rows, one.contacts) == (17, 2, 1, 14)
    assert one.errors_by_code == {"syntax_no_at": 1, "syntax_multiple_at": 1}
    assert one.errors_by_code == {
        row[0]: row[1]
        for row in there.query(
            "select error_code, count(*) from mkt.import_rows where error_code is not null group by 1"
        )
    }
    assert one.verdicts_by_reason is not None
    found = Counter((status, reason) for status, reason in states.values()) - Counter([states["novo@uol.com.br"]])
    assert {(s, r): n for s, them in one.verdicts_by_reason.items() for r, n in them.items()} == found
    assert (one.measured, one.valid, one.invalid) == (
        14,
        found["valid", "mx_ok"],
        sum(n for (status, _), n in found.items() if status == "invalid"),
    )
    assert (one.role_accounts, one.disposable, one.typos, one.known_bounces, one.opted_out) == (1, 1, 1, 0, 0)
    assert (one.contacts_new, one.contacts_known, one.joined, one.in_other_audiences) == (14, 0, 14, 0)
    assert (two.contacts_new, two.contacts_known, two.joined, two.already_there) == (1, 4, 1, 4)
    assert (two.known_bounces, two.opted_out, two.in_other_audiences) == (1, 2, 4)
    assert (one.uploaded_by, one.kind, one.status) == ("system", "import", "done")


def test_the_month_is_that_of_the_tenants_own_time(there: World) -> None:
    job = there.take_in(["ana@gmail.com"])
    with psycopg.connect(database_url(there.settings)) as connection:
        connection.execute(
            "update mkt.import_jobs set created_at = '2026-03-01 02:30+00' where import_job_id = %s",
            (job.import_job_id,),
        )
    with there.database.reading(there.tenant.tenant_id) as unit:
        (row,) = quality.of_imports(unit)
    assert f"{row.month:%Y-%m}" == "2026-02", "in São Paulo it was still February"


def test_an_import_is_compared_with_those_before_it(there: World) -> None:
    tag = there.tenant.slug

    def take(gone: int) -> None:
        there.take_in(
            [*(f"p{n}@boa-{tag}.com.br" for n in range(20 - gone)), *(f"q{n}@sumiu-{tag}.com.br" for n in range(gone))]
        )

    for gone in (0, 1, 2, 9):
        take(gone)
    made = Made(there.tenant, [])
    told = report(there.settings, made, there.tenant.audience_id)
    assert told is not None
    newest, *_, oldest = told.imports
    assert oldest.usual is None
    assert newest.usual is not None
    assert (newest.usual.imports, newest.usual.shares["invalid"]) == (3, 5.0)
    assert newest.shares["invalid"] == 45.0
    assert newest.worse_than_usual == ["invalid"]


def test_an_empty_audience_has_no_report(settings: Settings, tenant: Tenant) -> None:
    assert report(settings, Made(tenant, []), tenant.audience_id) is None


def test_views_are_the_tenants_own(
    database: Database, settings: Settings, tenant: Tenant, other_tenant: Tenant
) -> None:
    generate(settings, database, tenant, 1)
    with database.reading(other_tenant.tenant_id) as unit:
        found = unit.execute("select audience_id, contacts from mkt.v_audience_quality").all()
        assert [tuple(row) for row in found] == [(other_tenant.audience_id, 0)]
        for view in ("mkt.audience_members", "mkt.v_import_quality"):
            assert unit.execute(f"select count(*) from {view}").scalar_one() == 0
    with database.reading(None) as unit:
        for view in ("mkt.audience_members", "mkt.v_import_quality", "mkt.v_audience_quality"):
            assert unit.execute(f"select count(*) from {view}").scalar_one() == 0
