"""Alembic migrations, in two branches: ``mkt`` for this module, ``standalone`` for the neighbours' tables.

A revision is a frozen ``.sql`` file beside its number: it must build the same database in a year as it does today,
whatever the tables' definitions have become.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

VERSIONS = Path(__file__).with_name("versions")


def run_sql_file(name: str) -> None:
    """Run a file of statements from the versions folder in the migration's transaction."""
    connection = op.get_bind()
    # Straight to the driver: the file is plain SQL, with no parameters to bind and colons of its own.
    with connection.connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute((VERSIONS / name).read_text(encoding="utf-8"))
