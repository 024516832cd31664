"""The audit trail: nobody changes it, and nobody's address gets into it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from config.endpoints import database_url
from config.settings import Settings
from db import audit
from db.engines import as_sqlalchemy_url
from db.unit import Database
from tests.conftest import Tenant

CHANGES = (
    "update audit.events set action = 'x'",
    "update audit.events set details = '{}' where false",
    "delete from audit.events",
    "truncate audit.events",
    "merge into audit.events e using (select 1) as o on true when matched then delete",
    """insert into audit.events (event_id, tenant_id, action, subject) overriding system value
        select event_id, tenant_id, 'x', 'x' from audit.events on conflict (event_id) do update set action = 'x'""",
)
ADDRESSES: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("x", "ana@empresa.com.br", {}),
    ("x", "Ana <ana@empresa.com.br>", {}),
    ("ana@empresa.com.br", "x", {}),
    ("x", "x", {"reason": "said josé.à@empresa.com.br himself"}),
    ("x", "x", {"deep": [{"ana@empresa.com.br": 1}]}),
    ("x", "file:///in/ana%40empresa.com.br.csv", {}),
)
HARMLESS = ("*@empresa.com.br", "a @ b.c", "user@localhost", "@empresa.com.br", "lista 2026.csv")


@pytest.fixture
def owner(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(as_sqlalchemy_url(database_url(settings)))
    yield engine
    engine.dispose()


def record(database: Database, tenant: Tenant, action: str, subject: str, details: dict[str, object]) -> None:
    with database.unit(tenant.tenant_id) as unit:
        audit.record(unit, action=action, subject=subject, user_id=tenant.user_id, details=details)


@pytest.mark.parametrize("statement", CHANGES)
def test_the_owner_changes_and_deletes_no_event(
    owner: Engine, database: Database, tenant: Tenant, statement: str
) -> None:
    record(database, tenant, "done", "this", {})
    with pytest.raises(DBAPIError, match="never changed or deleted"), owner.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("statement", CHANGES)
def test_the_worker_has_no_right_to_try(database: Database, tenant: Tenant, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), database.unit(tenant.tenant_id) as unit:
        unit.execute(statement)


@pytest.mark.parametrize(("action", "subject", "details"), ADDRESSES)
def test_an_event_with_an_address_is_refused(
    database: Database, tenant: Tenant, action: str, subject: str, details: dict[str, object]
) -> None:
    with (
        pytest.raises(DBAPIError, match="takes no e-mail address") as refused,
        database.unit(tenant.tenant_id) as unit,
    ):
        # As another service would: what we record ourselves is without addresses before.
        unit.execute(
            "insert into audit.events (tenant_id, action, subject, details) values (:t, :action, :subject, cast(:details as jsonb))",
            {"t": tenant.tenant_id, "action": action, "subject": subject, "details": json.dumps(details)},
        )
    assert getattr(refused.value.orig, "sqlstate", None) == "MK001"


@pytest.mark.parametrize("subject", [*HARMLESS, *(audit.masked(subject) for _, subject, _ in ADDRESSES)])
def test_what_is_left_of_an_address_is_taken(database: Database, tenant: Tenant, subject: str) -> None:
    record(database, tenant, "x", subject, {"also": subject})
    with database.reading(tenant.tenant_id) as unit:
        (event,) = audit.events(unit, action="x")
    assert (event.subject, event.details) == (subject, {"also": subject})


@pytest.mark.parametrize(
    "text_",
    ["ana@empresa.com.br", "a@b@c.d", "x ana@empresa.com.br,bia@uol.com.br.csv", "é@ç.ã", "a%40b@c.d", "a@b%40c.d"],
)
def test_masking_leaves_nothing_that_the_database_refuses(database: Database, text_: str) -> None:
    with database.unit(None) as unit:
        held = unit.execute(
            "select mkt.holds_address(:a), mkt.holds_address(:b)", {"a": text_, "b": audit.masked(text_)}
        )
        assert tuple(held.one()) == (True, False)


@pytest.mark.parametrize(("subject", "details"), [each[1:] for each in ADDRESSES if each[0] == "x"][:4])
def test_what_we_record_is_without_addresses(
    database: Database, tenant: Tenant, subject: str, details: dict[str, object]
) -> None:
    record(database, tenant, "x", subject, details)
    with database.reading(tenant.tenant_id) as unit:
        (event,) = audit.events(unit)[:1]
    assert "ana" not in f"{event.subject} {event.details}"
    assert "josé" not in str(event.details)


def test_events_are_found_by_what_they_are_about(database: Database, tenant: Tenant) -> None:
    for action, subject in (("a", "1"), ("b", "1"), ("a", "2")):
        record(database, tenant, action, subject, {})
    with database.reading(tenant.tenant_id) as unit:
        assert [event.subject for event in audit.events(unit, action="a")] == ["2", "1"]
        assert [event.action for event in audit.events(unit, subject="1")] == ["b", "a"]
        assert len(audit.events(unit, user_id=tenant.user_id)) == 3
        assert len(audit.events(unit, limit=2)) == 2


def test_an_address_is_known_in_the_trail_by_its_mailboxs_keyed_hash(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    known = []
    for who, email in ((tenant, "ana.b@gmail.com"), (tenant, "anab@gmail.com"), (other_tenant, "anab@gmail.com")):
        with database.unit(who.tenant_id) as unit:
            known.append(audit.keyed(unit, email))
    assert known[0] == known[1] != known[2]
