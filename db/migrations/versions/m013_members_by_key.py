"""Members of an audience are looked up one by one, whatever the planner knows of their tenant.

Revision ID: m013
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m013"
down_revision = "m012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m013_members_by_key.sql")
