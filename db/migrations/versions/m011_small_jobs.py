"""Large jobs can see whether a small one is at work, of whatever tenant.

Revision ID: m011
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m011"
down_revision = "m010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m011_small_jobs.sql")
