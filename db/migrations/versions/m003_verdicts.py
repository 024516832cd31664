"""Verdicts that explain themselves and are kept fresh: raw DNS evidence, attempts, a shared budget, tenants' decisions.

Revision ID: m003
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m003"
down_revision = "m002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m003_verdicts.sql")
