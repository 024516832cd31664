"""Workers for one tenant's imports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.settings import Settings
from db.unit import Database
from tests.conftest import Tenant
from tests.pipeline.imports import Desk, desk


@pytest.fixture
def work(settings: Settings, database: Database, tenant: Tenant) -> Iterator[Desk]:
    """Two workers, three records in a chunk."""
    with desk(settings, database, tenant) as made:
        yield made
