"""Law 5 over whole histories: nothing that happens to a base makes somebody a recipient who is opted out.

Every person of a world lives through one history. The ordinary run has about a thousand; `MKT_HISTORIES=1000000` asks for more.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from config.settings import Settings
from db import audiences
from db.unit import Database
from tests.conftest import make_tenant
from tests.support.examples import few
from tests.support.histories import World, campaign, spellings
from tests.support.workers import Inline

#: People of a world, and what happens in it.
PEOPLE, STEPS = 100, 12
HISTORIES = int(os.environ.get("MKT_HISTORIES", "1000"))


@pytest.mark.parametrize("seed", few(range(max(4, HISTORIES // PEOPLE)), 4))
def test_nobody_who_is_opted_out_becomes_a_recipient_and_nobody_else_is_kept_away(
    settings: Settings, database: Database, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    tenant = make_tenant(settings, database, tmp_path)
    with database.unit(tenant.tenant_id) as unit:
        audiences.create(unit, "second", "")
    people = [address for number in range(PEOPLE) for address in spellings(number)]
    with Inline(settings.model_copy(update={"chunk_rows": chance.choice((25, 1000, 1000))})) as inline:
        world = World(database, tenant, inline, chance, people, campaign(database, tenant))
        for _ in range(STEPS):
            world.step()
        world.send()
