"""``mkt.record_delivery`` over real workers, and the messages that it refuses."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from celery import Celery
from structlog.testing import capture_logs

from config.endpoints import broker_url
from config.settings import Settings
from db.unit import Database, ResultRow
from pipeline.context import Context
from tests.conftest import Tenant, make_tenant
from tests.support.crew import Crew, crew, servers
from tests.support.waiting import until
from tests.support.workers import tools
from workers.deliveries import take_delivery
from workers.names import TASK_QUEUES, TaskName


@pytest.fixture(scope="module")
def context(settings: Settings) -> Iterator[Context]:
    with tools(settings) as made:
        yield made


def contact(database: Database, tenant_id: UUID, email: str) -> int:
    with database.unit(tenant_id) as unit:
        made = unit.execute(
            "insert into mtrk.contatos (tenant_id, email) values (:t, :e) returning rid", {"t": tenant_id, "e": email}
        )
        return int(made.scalar_one())


def recorded(database: Database, tenant_id: UUID) -> list[ResultRow]:
    with database.reading(tenant_id) as unit:
        return list(unit.execute("select event_id, email, kind, detail from ops.deliveries order by event_id"))


def message(tenant_id: UUID, rid: int, event_id: str = "e1", **changes: object) -> dict[str, Any]:
    """Return what the page of tasks shows as an example, for this contact."""
    return {
        "tenant_id": str(tenant_id),
        "event_id": event_id,
        "rid": rid,
        "kind": "bounce_hard",
        "occurred_at": "2026-03-05T14:30:00-03:00",
        "detail": "550 5.1.1",
    } | changes


def test_an_event_is_recorded_once_whatever_else_the_message_says(
    context: Context, database: Database, tenant: Tenant
) -> None:
    rid = contact(database, tenant.tenant_id, "ana@empresa.com.br")
    with capture_logs() as logs:
        take_delivery(context, message(tenant.tenant_id, rid, campaign="x"))
        take_delivery(context, message(tenant.tenant_id, rid, kind="delivered"))
        take_delivery(
            context, message(tenant.tenant_id, rid, "e2", detail="550-5.1.1 <ana@empresa.com.br>: unknown user")
        )
    assert recorded(database, tenant.tenant_id) == [
        ("e1", "ana@empresa.com.br", "bounce_hard", "550 5.1.1"),
        ("e2", "ana@empresa.com.br", "bounce_hard", "550 5.1.1"),
    ]
    assert [(log["event"], log["repeated"]) for log in logs] == [
        ("delivery_recorded", False),
        ("delivery_recorded", True),
        ("delivery_recorded", False),
    ]
    assert "ana@" not in json.dumps(logs)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tenant_id": "x"}, "tenant_id"),
        ({"event_id": ""}, "event_id"),
        ({"event_id": "x" * 201}, "event_id"),
        ({"event_id": "a\0b"}, "event_id"),
        ({"event_id": None}, "event_id"),
        ({"rid": "ana@empresa.com.br"}, "rid"),
        ({"rid": 0}, "rid"),
        ({"rid": 2**63}, "rid"),
        ({"kind": "bounce"}, "kind"),
        ({"occurred_at": "2026-03-05T14:30:00"}, "occurred_at"),
        ({"occurred_at": "2026-03-05"}, "occurred_at"),
        ({"occurred_at": 1772715600}, "occurred_at"),
        ({"occurred_at": "1772715600"}, "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-12:00"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+12:00"}, "occurred_at"),
        ({"detail": "x" * 201}, "detail"),
        ({"detail": {"code": 550}}, "detail"),
    ],
)
def test_a_bad_message_is_refused_in_one_line_of_log(
    context: Context, database: Database, tenant: Tenant, changes: dict[str, object], field: str
) -> None:
    rid = contact(database, tenant.tenant_id, "ana@empresa.com.br")
    with capture_logs() as logs:
        take_delivery(context, message(tenant.tenant_id, rid) | changes)
    assert logs == [{"event": "delivery_message_invalid", "log_level": "warning", "fields": [field]}]
    assert recorded(database, tenant.tenant_id) == []


def test_a_contact_that_is_not_the_tenant_s_is_refused(
    context: Context, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    theirs = contact(database, other_tenant.tenant_id, "ana@empresa.com.br")
    with capture_logs() as logs:
        take_delivery(context, message(tenant.tenant_id, theirs))
        take_delivery(context, message(tenant.tenant_id, 2**62))
        take_delivery(context, message(uuid.uuid4(), theirs))
    assert {(log["event"], log["code"]) for log in logs} == {("delivery_refused", "unknown_contact")}
    assert len(logs) == 3
    assert recorded(database, tenant.tenant_id) == recorded(database, other_tenant.tenant_id) == []


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Crew]:
    with servers(tmp_path / "home", dns_nameservers=("127.0.0.1:1",)) as settings, crew(settings) as made:
        yield made


def test_the_platform_tells_over_celery_and_nothing_stops_the_worker(running: Crew, tmp_path: Path) -> None:
    database, settings = running.context.database, running.settings
    tenant_id = make_tenant(settings, database, tmp_path).tenant_id
    rid = contact(database, tenant_id, "ana@empresa.com.br")
    # Nothing of ours: another service has no more than the broker's address.
    with Celery("platform", broker=broker_url(settings), set_as_current=False) as app:
        app.conf.task_ignore_result = True

        def tell(**kwargs: object) -> None:
            queue = str(TASK_QUEUES[TaskName.RECORD_DELIVERY])
            app.send_task("mkt.record_delivery", kwargs=kwargs, queue=queue)

        tell(nonsense=True)
        tell(**message(tenant_id, rid, "bad", kind="ana@empresa.com.br"))
        tell(**message(tenant_id, rid + 1, "unknown"))
        for _ in range(3):
            tell(**message(tenant_id, rid))
        tell(**message(tenant_id, rid, "last", kind="delivered", occurred_at="2026-03-06T10:00:00Z"))
        until(lambda: len(recorded(database, tenant_id)) == 2, timeout=90, what="both events")
    assert [row.event_id for row in recorded(database, tenant_id)] == ["e1", "last"]
    with database.reading(tenant_id) as unit:
        assert unit.execute("select email, kind from ops.suppressions").all() == [("ana@empresa.com.br", "bounce")]
        box = unit.execute("select delivered_at is not null, bounced_hard_at is not null from ops.mailboxes").one()
        assert tuple(box) == (True, True)

    def logged() -> str:
        return "".join(path.read_text("utf-8") for path in (settings.home_path / "logs").iterdir())

    until(lambda: logged().count("delivery_recorded") == 4, what="the log of all messages")
    text = logged()
    assert (text.count("delivery_message_invalid"), text.count("delivery_refused")) == (2, 1)
    assert "ana@" not in text
    assert "Traceback" not in text
