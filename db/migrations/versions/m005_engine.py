"""The engine takes over in seconds, rests while something around it is in trouble, and isolates a poisonous row.

Revision ID: m005
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m005"
down_revision = "m004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m005_engine.sql")
