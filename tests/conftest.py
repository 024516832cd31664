"""Real servers for the tests: one embedded PostgreSQL and one Redis per test process, a tenant of its own per test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from config.endpoints import database_url
from config.settings import Settings
from db import audiences, tenants
from db.unit import Database
from db.upgrade import upgrade
from tests.support.workers import tools
from workers.servers import start, stop

#: Nothing here must survive a power cut; what must is tested on servers of its own.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a home whose servers run and whose schema is there."""
    home = tmp_path_factory.mktemp("home")
    made = Settings(
        home=home,
        hint_delay=0.3,
        hint_delay_max=2.0,
        sweep_interval=0.5,
        give_way=0.0,  # what another test has left unfinished is nobody's business
        dns_canaries=("canary.example.com",),
        dns_confirm_delay=0.05,
    )
    start(made, extra_postgres=FAST)
    upgrade(database_url(made), standalone=True)
    yield made
    stop(made)


@pytest.fixture(scope="session")
def database(settings: Settings) -> Iterator[Database]:
    """The database as worker and reader."""
    with tools(settings) as context:
        yield context.database


@dataclass(frozen=True)
class Tenant:
    """A tenant that no other test knows, with a user and an audience."""

    tenant_id: UUID
    slug: str
    user_id: UUID
    audience: str
    audience_id: UUID
    files: Path


@pytest.fixture
def tenant(settings: Settings, database: Database, tmp_path: Path) -> Tenant:
    """Make a tenant for one test."""
    return make_tenant(settings, database, tmp_path)


@pytest.fixture
def other_tenant(settings: Settings, database: Database, tmp_path: Path) -> Tenant:
    """Make a second one, whose rows the first must never see."""
    return make_tenant(settings, database, tmp_path)


def make_tenant(settings: Settings, database: Database, files: Path) -> Tenant:
    """Create a tenant with a user `system` and an audience `people`."""
    slug = f"t-{uuid.uuid4().hex[:12]}"
    tenant_id = tenants.create(database_url(settings), slug, slug)
    assert tenant_id is not None
    with database.unit(tenant_id) as unit:
        user_id = tenants.find_user(unit, "system")
        audience_id = audiences.create(unit, "people", "")
    assert user_id is not None
    assert audience_id is not None
    return Tenant(tenant_id, slug, user_id, "people", audience_id, files)
