"""Contacts are written by their place, and whatever refuses one of them, in whatever way, is found by halves.

Revision ID: m010
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m010"
down_revision = "m009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m010_refusals_of_triggers.sql")
