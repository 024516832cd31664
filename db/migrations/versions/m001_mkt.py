"""The schema of mkt: tables, roles, row level security, partitions.

Revision ID: m001
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m001"
down_revision = None
branch_labels = ("mkt",)
depends_on = None


def upgrade() -> None:
    run_sql_file("m001_mkt.sql")
    run_sql_file("m001_functions.sql")
