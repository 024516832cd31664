"""Undo of an import: a kind of job of its own, what became of each thing that the import did, and how it is taken away.

Revision ID: m006
"""

from __future__ import annotations

from db.migrations import run_sql_file

revision = "m006"
down_revision = "m005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file("m006_undo.sql")
