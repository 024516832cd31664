"""The page about quality says what the views have, and which limits the gate has."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from config.settings import Settings
from db.unit import Database
from pipeline.gate import GateRule
from pipeline.reporting.figures import LEFT_OUT
from tests.conftest import Tenant
from tests.house.repository import ROOT, code_words, table_rows

PAGE = (ROOT / "docs/quality.md").read_text("utf-8")
VIEWS = ("mkt.v_import_quality", "mkt.v_audience_quality")


def section(heading: str) -> str:
    return re.split(r"^#+ ", PAGE.split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_of_a_view_is_on_the_page_in_its_order(database: Database, tenant: Tenant, view: str) -> None:
    with database.reading(tenant.tenant_id) as unit:
        columns = list(unit.execute(text(f"select * from {view} limit 0")).keys())
    described = {row[0].strip("`"): row[1] for row in table_rows(section(f"### `{view}`"))}
    assert list(described) == columns
    assert all(described.values())
    # The first version: what analytics was promised. It may grow behind these, and nothing of it goes.
    assert described["view_version"] == "1"
    assert len(columns) == {"mkt.v_import_quality": 41, "mkt.v_audience_quality": 32}[view], "raise view_version"


@pytest.mark.parametrize("view", [*VIEWS, "mkt.audience_members"])
def test_a_view_reads_with_the_rights_of_whoever_asks(database: Database, tenant: Tenant, view: str) -> None:
    with database.reading(tenant.tenant_id) as unit:
        options = unit.execute(
            text("select reloptions from pg_class where oid = cast(:view as regclass)"), {"view": view}
        ).scalar_one()
        assert options == ["security_invoker=true"]
        for role in ("mkt_reader", "mkt_worker"):
            rights = [
                unit.execute(
                    text(f"select has_table_privilege('{role}', cast(:view as regclass), '{right}')"), {"view": view}
                ).scalar_one()
                for right in ("select", "insert", "update", "delete")
            ]
            assert rights == [True, False, False, False]


def test_the_limits_on_the_page_are_the_defaults() -> None:
    rows = {row[0].strip("`"): row for row in table_rows(section("## The gate"))}
    assert set(rows) == set(GateRule) - {GateRule.INHERITED}
    defaults = Settings(home=ROOT)
    for rule, (_, limit, setting) in rows.items():
        assert limit.startswith(f"{getattr(defaults, f'gate_{rule}'):g} %"), rule
        assert setting == f"`MKT_GATE_{rule.upper()}`"
    assert f"Fewer than {defaults.gate_floor} contacts" in PAGE


def test_the_reasons_to_be_left_out_stand_in_their_order() -> None:
    rows = [row[0] for row in table_rows(section("## How it is counted"))]
    assert [word for row in rows for word in code_words(row)][: len(LEFT_OUT)] == list(LEFT_OUT)
