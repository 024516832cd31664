"""Imports add opt-outs to ops.suppressions.

Revision ID: s002
"""

from __future__ import annotations

from alembic import op

revision = "s002"
down_revision = "s001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("grant insert on ops.suppressions to mkt_worker")  # append-only: an import never lowers an opt-out
