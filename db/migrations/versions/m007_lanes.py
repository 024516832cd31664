"""Lanes by size, limits of each tenant, and who paused a job.

Revision ID: m007
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m007"
down_revision = "m006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m007_lanes.sql")
