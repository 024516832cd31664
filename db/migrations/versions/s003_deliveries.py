"""What the platform saw of mailboxes: deliveries and bounces, in `ops`.

Revision ID: s003
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "s003"
down_revision = "s002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("s003_deliveries.sql")
