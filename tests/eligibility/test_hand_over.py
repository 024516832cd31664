"""The real sender asks at hand-over, in a role of its own, as the documents say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from config import hash_keys
from config.endpoints import database_url
from config.settings import Settings
from db import eligibility
from db.unit import Database, Unit
from tests.conftest import Tenant
from tests.house.repository import ROOT
from tests.support.opt_outs import suppress_erased

(GRANTS,) = re.findall(
    r"^```plpgsql\n(.*?)^```", (ROOT / "docs/neighbours.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)


@pytest.fixture
def sender(settings: Settings) -> Iterator[psycopg.Connection]:
    """Return a session of the sender's role."""
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        connection.execute("create role sender")
        connection.execute(GRANTS)
        connection.execute("set role sender")
        yield connection
        connection.execute("reset role")
        connection.execute("drop role sender")


def make_campaign(unit: Unit, tenant: Tenant, *emails: str) -> tuple[str, list[int]]:
    """Make a campaign whose recipients were frozen."""
    values = {"t": tenant.tenant_id, "a": tenant.audience_id, "e": list(emails)}
    cid = unit.execute(
        "insert into mtrk.campanhas (tenant_id, name) values (:t, 'c') returning cid", values
    ).scalar_one()
    rids = [
        row[0]
        for row in unit.execute(
            "insert into mtrk.contatos (tenant_id, email) select :t, unnest(cast(:e as text[])) returning rid", values
        )
    ]
    values |= {"c": cid, "r": rids}
    for sql in (
        "insert into mkt.campaign_audiences (tenant_id, cid, audience_id) values (:t, :c, :a)",
        "insert into mkt.audience_contacts (tenant_id, audience_id, rid) select :t, :a, unnest(cast(:r as bigint[]))",
        (
            "insert into mkt.email_validations (tenant_id, rid, status, reason_code, score, validator_version, next_validation_at)"
            " select :t, unnest(cast(:r as bigint[])), 'valid', 'mx_ok', 95, 'v', now()"
        ),
        (
            "insert into mkt.campaign_contacts (tenant_id, cid, rid, import_job_id, chunk_no, outcome, decided_at)"
            " select :t, :c, unnest(cast(:r as bigint[])), uuidv7(), 3, 'recipient', now()"
        ),
    ):
        unit.execute(sql, values)
    return str(cid), rids


def may_receive(sender: psycopg.Connection, tenant: Tenant | None, cid: str, rid: int) -> bool:
    with sender.transaction():
        sender.execute("select set_config('app.tenant_id', %s, true)", [str(tenant.tenant_id) if tenant else ""])
        row = sender.execute("select mkt.may_receive(%s, %s)", [cid, rid]).fetchone()
    assert row is not None
    return bool(row[0])


def test_the_sender_gets_an_answer_for_its_own_tenant_and_no_for_every_other(
    sender: psycopg.Connection, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        cid, (ana, bia) = make_campaign(unit, tenant, "ana@gmail.com", "bia@gmail.com")
    assert may_receive(sender, tenant, cid, ana)
    assert not may_receive(sender, other_tenant, cid, ana)
    assert not may_receive(sender, None, cid, ana)
    assert not may_receive(sender, tenant, cid, bia + 1_000)

    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source) values (:t, 'A.N.A+x@googlemail.com', 'unsubscribe', 'page')",
            {"t": tenant.tenant_id},
        )
        unit.execute("update mkt.audience_contacts set removed_at = now() where rid = :r", {"r": bia})
    assert not may_receive(sender, tenant, cid, ana)
    assert not may_receive(sender, tenant, cid, bia)


def test_a_session_without_the_keys_of_erased_people_learns_what_it_lacks_and_one_with_them_is_answered(
    settings: Settings, sender: psycopg.Connection, database: Database, tenant: Tenant
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        cid, (ana, bia) = make_campaign(unit, tenant, "ana@gmail.com", "bia@gmail.com")
    suppress_erased(settings, database, tenant, "ana@gmail.com")
    keys = hash_keys.read(settings)
    assert keys is not None
    with pytest.raises(psycopg.errors.ConfigFileError, match="this session has no key version 1,") as lacks:
        may_receive(sender, tenant, cid, bia)
    assert "Open the connection with the option mkt.hash_secrets" in str(lacks.value)
    sender.execute("select set_config('mkt.hash_secrets', %s, false)", [f"1:{'ab' * 32}"])
    with pytest.raises(psycopg.errors.ConfigFileError, match="key version 1 is not the one"):
        may_receive(sender, tenant, cid, bia)
    sender.execute("select set_config('mkt.hash_secrets', %s, false)", [keys.as_setting()])
    assert [may_receive(sender, tenant, cid, rid) for rid in (ana, bia)] == [False, True]


def test_only_those_who_were_frozen_as_recipients_may_receive(
    sender: psycopg.Connection, database: Database, tenant: Tenant
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        cid, (ana, bia) = make_campaign(unit, tenant, "ana@gmail.com", "bia@gmail.com")
        unit.execute(
            "update mkt.campaign_contacts set outcome = 'planned', decided_at = null where rid = :r", {"r": ana}
        )
        unit.execute("update mkt.campaign_contacts set outcome = 'excluded', rule = 'risky' where rid = :r", {"r": bia})
    assert [may_receive(sender, tenant, cid, rid) for rid in (ana, bia)] == [False, False]


def test_an_erased_person_is_judged_as_one_although_the_row_stays(database: Database, tenant: Tenant) -> None:
    with database.unit(tenant.tenant_id) as unit:
        cid, (ana,) = make_campaign(unit, tenant, "ana@gmail.com")
        unit.execute(
            "update mtrk.contatos set email = 'erased+' || rid || '@erased.invalid' where rid = :r", {"r": ana}
        )
        assert [tuple(each) for each in eligibility.judge(unit, UUID(cid), [ana])] == [(ana, "erased", None)]
