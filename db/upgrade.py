"""Bringing a database to the schema that this code needs, safely beside others who do the same."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from db.engines import as_sqlalchemy_url
from db.upkeep import MONTHS_AHEAD

#: A migration that cannot get its lock gives up rather than queue everybody else behind it.
LOCK_TIMEOUT = "10s"
STATEMENT_TIMEOUT = "300s"


def upgrade(owner_url: str, *, standalone: bool) -> list[str]:
    """Run all migrations that the database lacks, as the owner, and make the partitions ahead.

    ``standalone`` also builds the tables of the platform's other modules. Returns the revisions now in force.
    Raises sqlalchemy.exc.DBAPIError when the database refuses.
    """
    engine = create_engine(as_sqlalchemy_url(owner_url))
    try:
        with engine.begin() as connection:
            connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(text(f"set local statement_timeout = '{STATEMENT_TIMEOUT}'"))
            # Two upgrades at once: the second waits here and finds nothing left to do.
            connection.execute(text("select pg_advisory_xact_lock(hashtext('mkt.upgrade'))"))
            connection.execute(text("create schema if not exists mkt"))
            config = _alembic_config(connection)
            for branch in ("standalone", "mkt") if standalone else ("mkt",):
                command.upgrade(config, f"{branch}@head")
            connection.execute(text("select mkt.ensure_partitions(:months)"), {"months": MONTHS_AHEAD})
            return [
                row[0] for row in connection.execute(text("select version_num from mkt.schema_versions order by 1"))
            ]
    finally:
        engine.dispose()


def expected_revisions() -> dict[str, str]:
    """Return the newest revision of each branch that this code was written for."""
    script = ScriptDirectory(str(Path(__file__).with_name("migrations")))
    heads = [script.get_revision(head) for head in script.get_heads()]
    return {next(iter(head.branch_labels)): head.revision for head in heads}


def _alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config
