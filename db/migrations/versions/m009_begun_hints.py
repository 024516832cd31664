"""Hints of chunks that somebody has begun are not counted among those that wait.

Revision ID: m009
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m009"
down_revision = "m008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m009_begun_hints.sql")
