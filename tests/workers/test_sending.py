"""Other services have campaigns sent with one message, as often as they like; what cannot be sent says why."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from config.settings import Settings
from db.unit import Database
from tests.conftest import Tenant
from tests.pipeline.sends import PEOPLE, idle
from tests.support.campaigns import add_members, make_campaign
from workers.sending import take_send


def message(tenant: Tenant, cid: object, **changes: object) -> dict[str, Any]:
    return {"tenant_id": str(tenant.tenant_id), "user": "system", "cid": str(cid), "request_id": "crm-1"} | changes


def jobs(database: Database, tenant: Tenant) -> list[tuple[object, ...]]:
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute("select kind, cid, request_id, status, options from mkt.import_jobs")
        return [tuple(row) for row in found]


def refusals(database: Database, tenant: Tenant) -> list[tuple[str, str]]:
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            "select subject, details ->> 'code' from audit.events where action = 'send_refused' order by event_id"
        )
        return [(row[0], row[1]) for row in found]


def test_a_message_becomes_one_job_however_often_it_comes(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, PEOPLE)
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody:
        for _ in range(3):
            take_send(nobody.context, message(tenant, cid, wait_verdicts=15, of_a_newer_caller=1))
    assert jobs(database, tenant) == [("send", cid, "crm-1", "queued", {"wait_verdicts": 15})]
    assert refusals(database, tenant) == []


def test_what_cannot_be_sent_is_remembered_under_the_request(
    settings: Settings, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    add_members(database, other_tenant, PEOPLE)
    foreign = make_campaign(database, other_tenant)
    empty = make_campaign(database, tenant)
    with idle(settings) as nobody:
        take_send(nobody.context, message(tenant, foreign, request_id="a"))
        take_send(nobody.context, message(tenant, empty, request_id="b"))
        take_send(nobody.context, message(tenant, empty, request_id="c", user="nobody"))
    assert jobs(database, tenant) == []
    assert refusals(database, tenant) == [("a", "no_campaign"), ("b", "nobody"), ("c", "not_accepted")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cid": "x"}, "cid"),
        ({"request_id": ""}, "request_id"),
        ({"wait_verdicts": -1}, "wait_verdicts"),
        ({"user": None}, "user"),
    ],
)
def test_a_wrong_message_leaves_one_line_without_its_values(
    settings: Settings, database: Database, tenant: Tenant, changes: dict[str, object], field: str
) -> None:
    cid = make_campaign(database, tenant)
    with idle(settings) as nobody, capture_logs() as logs:
        take_send(nobody.context, message(tenant, cid) | changes)
    assert logs == [{"event": "send_message_invalid", "fields": [field], "log_level": "warning"}]
    assert jobs(database, tenant) == []
