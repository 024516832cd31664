"""Campaigns that know whom they may reach: opt-outs as evidence, consent, eligibility, sends, quality, erasure.

Revision ID: m004
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m004"
down_revision = "m003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in ("tables", "mailboxes", "opt_outs", "audit", "eligibility", "quality", "privacy"):
        run_sql_file(f"m004_{part}.sql")
