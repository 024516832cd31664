"""The neighbours' tables, for an installation that stands alone.

Revision ID: s001
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "s001"
down_revision = None
branch_labels = ("standalone",)
depends_on = None


def upgrade() -> None:
    run_sql_file("s001_neighbours.sql")
