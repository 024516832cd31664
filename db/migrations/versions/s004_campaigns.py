"""Opt-outs that are evidence, and are lifted by evidence alone; campaigns and messages that mkt writes.

Revision ID: s004
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "s004"
down_revision = "s003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("s004_campaigns.sql")
