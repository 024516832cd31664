"""An import that was undone may be undone again, as long as something of it is left.

Revision ID: m008
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m008"
down_revision = "m007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m008_undo_again.sql")
