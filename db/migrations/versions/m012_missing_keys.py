"""A session without keys is told so, and not that the key file is lost.

Revision ID: m012
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m012"
down_revision = "m011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m012_missing_keys.sql")
