"""How Alembic reaches the database: over the connection that ``db.upgrade`` hands it, with lock and statement limits."""

from __future__ import annotations

from alembic import context

from db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table="schema_versions",
    version_table_schema="mkt",
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
