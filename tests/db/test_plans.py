"""Rows are looked up by their keys also for a tenant that the planner has no statistics of, beside one that it has many of."""

from __future__ import annotations

import re
import uuid
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from config.endpoints import database_url
from config.settings import Settings
from db.row_ranges import RowRange
from db.statements import statement
from db.unit import Database, database_clock
from db.validations import Contact, Contacts
from pipeline.classification import terms
from tests.conftest import make_tenant

ROWS = 30_000


@pytest.fixture(scope="module")
def crowded(settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> UUID:
    """Give one tenant rows, contacts, states and opt-outs, and have the database look at them; returns a job of nobody's."""
    tenant = make_tenant(settings, database, tmp_path_factory.mktemp("crowded"))
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        connection.execute(
            "insert into mkt.import_rows (import_job_id, part_no, row_number, tenant_id, raw_email, normalized_email, parse_status)"
            " select j.id, 0, n, %(t)s, 'p' || n || '@x.com', 'p' || n || '@x.com', 'ok' from generate_series(1, %(n)s) n, (select uuidv7() as id offset 0) j",
            {"t": tenant.tenant_id, "n": ROWS},
        )
        connection.execute(
            "insert into mtrk.contatos (tenant_id, email) select %(t)s, 'p' || n || '@x.com' from generate_series(1, %(n)s) n",
            {"t": tenant.tenant_id, "n": ROWS},
        )
        connection.execute(
            "insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validator_version, next_validation_at)"
            " select rid, tenant_id, 'valid', 'mx_ok', 95, 'v', 'infinity' from mtrk.contatos where tenant_id = %s",
            [tenant.tenant_id],
        )
        connection.execute(
            "insert into mkt.audience_contacts (audience_id, rid, tenant_id, import_job_id)"
            " select %(a)s, rid, tenant_id, uuidv7() from mtrk.contatos where tenant_id = %(t)s",
            {"t": tenant.tenant_id, "a": tenant.audience_id},
        )
        connection.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source) select %(t)s, 'p' || n || '@x.com', 'unsubscribe', 'test' from generate_series(1, %(n)s) n",
            {"t": tenant.tenant_id, "n": ROWS // 10},  # each is hashed
        )
        for table in (
            "mkt.import_rows",
            "mtrk.contatos",
            "mkt.email_validations",
            "mkt.audience_contacts",
            "ops.suppressions",
        ):
            connection.execute(f"analyze {table}")
        row = connection.execute("select uuidv7()").fetchone()
    assert row is not None
    return UUID(str(row[0]))


def test_a_tenant_that_is_new_is_looked_up_by_key(database: Database, crowded: UUID) -> None:
    chunk = RowRange(crowded, 0, 2, 5_001)
    given = Contacts.given([Contact(1, "p1@x.com")])
    with database.unit(uuid.uuid4()) as unit:
        unit.look_up_by_key()
        now = terms(database_clock(unit))
        plans = []
        for contacts in (Contacts.of_rows(chunk), given):
            sql = statement("contacts_to_judge").replace("{contacts}", contacts.select)
            found = unit.execute(f"explain {sql}", {**contacts.parameters, **now.parameters()})
            plans.append("\n".join(row[0] for row in found))
    assert all("pk_email_validations" in plan for plan in plans)
    assert "_pkey on import_rows" in plans[0]
    assert not any("tenant_id_next_validation_at" in plan for plan in plans)


def test_no_index_of_the_ledger_begins_with_the_tenant(settings: Settings) -> None:
    """Of a tenant and a job that are both new the planner expects one row by either; it must have no choice."""
    with psycopg.connect(database_url(settings)) as connection:
        found = connection.execute(
            "select i.indexrelid::regclass::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
            " where i.indrelid = 'mkt.import_rows'::regclass and a.attname = 'tenant_id'"
        ).fetchall()
    assert found == []


#: Statements about one chunk, or a whole job, and how often at least they look somebody up.
LOOKING_UP = {
    "audience_page": 4,
    "follow_opt_outs": 2,
    "lock_contacts": 1,
    "lock_undone_contacts": 1,
    "members_by_quality": 3,
    "note_quality": 3,
    "protected_opt_outs": 2,
    "readmit_contacts": 3,
    "reasons_of_job": 2,
    "retire_corrected": 3,
    "send_chunk": 3,
    "state_consents": 3,
    "suggested_rows": 3,
    "suggestions_of_job": 3,
    "undo_chunk": 10,
    "update_contacts": 1,
}
#: Tables that hold everybody, and the part of their keys that names one, or a chunk.
_LOOKED_UP = re.compile(
    r"on \w*(?:audience_contacts|contatos|campaign_contacts|contact_changes|email_validations|suppressions)\w* .*\n +Index Cond: (.*)"
)
#: Whether the tenant has blocks by hash at all.
_ASKED_ONCE = re.compile(r"CTE pads\n.*?Function Scan on hash_pads.*?\n", re.DOTALL)
_BY_ONE = re.compile(r"\b(?:rid|email|mailbox|mailbox_hash|chunk_no)\b")


@pytest.mark.parametrize(("name", "times"), LOOKING_UP.items())
def test_people_of_a_tenant_and_an_audience_that_are_new_are_looked_up_one_by_one(
    database: Database, crowded: UUID, name: str, times: int
) -> None:
    """By tenant or audience alone each of a chunk's people would be compared with everybody: minutes instead of a moment."""
    chunk = Contacts.of_rows(RowRange(crowded, 0, 2, 5_001))
    sql = statement(name).replace("{judge}", statement("judge_undo")).replace("{contacts}", chunk.select)
    numbers = {
        "part_no": 0,
        "chunk_no": 3,
        "first_row": 2,
        "last_row": 5_001,
        "first_rid": 1,
        "last_rid": 10**9,
        **chunk.parameters,
    }
    ids = {each: uuid.uuid4() for each in ("tenant", "audience", "import", "parent", "cid")}
    known = {
        "job": crowded,
        "is_correction": True,
        "others": [crowded],
        "later": [crowded],
        "locked": [1, 2, 3],
        "earlier_jobs": [crowded],
        "earlier_chunks": [3],
        "after": 1,
        "size": 5_000,
        "opt_outs": True,
        "unanswered": "not_checked",
    }
    with database.unit(ids["tenant"]) as unit:
        if not name.endswith(("_of_job", "_by_quality")):
            unit.look_up_by_key()
        given = dict.fromkeys(text(sql)._bindparams) | numbers | ids | known
        plan = "\n".join(row[0] for row in unit.execute(f"explain {sql}", given))
    scans = _LOOKED_UP.findall(_ASKED_ONCE.sub("", plan))
    if name == "members_by_quality":
        del scans[0]  # the members themselves
    assert len(scans) >= times, plan
    assert [scan for scan in scans if not _BY_ONE.search(scan)] == [], plan


def test_contacts_are_written_by_their_place(database: Database, crowded: UUID) -> None:
    """No join lets an update go through all contacts of a tenant for each of a chunk, whatever the planner believes."""
    with database.unit(uuid.uuid4()) as unit:
        source = str(unit.execute("select prosrc from pg_proc where oid = 'mkt.write_contacts'::regproc").scalar_one())
        found = re.search(r"update .*?;", source, re.DOTALL)
        assert found is not None
        many = {
            "rids": range(5_000),
            "new_names": ["N"] * 5_000,
            "new_attributes": ["{}"] * 5_000,
            "times": ["2026-01-01"] * 5_000,
        }
        kinds = {
            "rids": "bigint[]",
            "new_names": "text[]",
            "new_attributes": "jsonb[]",
            "times": "timestamptz[]",
            "tenant": "uuid",
        }
        sql = re.sub(
            rf"(?<=[(\s])({'|'.join(kinds)})(?=[,)])", lambda name: f"cast(:{name[1]} as {kinds[name[1]]})", found[0]
        )
        unit.look_up_by_key()
        values = {name: list(each) for name, each in many.items()} | {"tenant": crowded}
        plan = "\n".join(row[0] for row in unit.execute(f"explain {sql}", values))
    assert "TID Cond: (ctid = u.place)" in plan
