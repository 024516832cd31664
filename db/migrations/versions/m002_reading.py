"""What any file can bring: warnings, opt-outs, consent, policies by field, dry runs, mended rejects, saved mappings.

Revision ID: m002
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m002"
down_revision = "m001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m002_reading.sql")
