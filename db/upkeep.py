"""What has to look across tenants: who has due work, and whether the partitions of the months ahead exist."""

from __future__ import annotations

from uuid import UUID

from db.unit import Unit

#: How many months of partitions exist ahead of today.
MONTHS_AHEAD = 2


def take_turn(unit: Unit, name: str) -> bool:
    """Say whether this transaction is the only one of its name; the others can leave the work to it."""
    return bool(
        unit.execute(
            "select pg_try_advisory_xact_lock(hashtext('mkt.turn'), hashtext(:name))", {"name": name}
        ).scalar_one()
    )


def tenants_with_due_chunks(unit: Unit) -> list[UUID]:
    """Return the tenants that have a chunk to look at now."""
    return [row[0] for row in unit.execute("select * from mkt.tenants_with_due_chunks()")]


def hints_under_way(unit: Unit) -> int:
    """Return how many chunks of large jobs, of all tenants, are hinted and not begun: so many messages the broker should hold."""
    return int(unit.execute("select mkt.hints_under_way()").scalar_one())


def ensure_partitions(unit: Unit) -> int:
    """Make the missing partitions of this month and of the months ahead; returns how many were made."""
    return int(unit.execute("select mkt.ensure_partitions(:months)", {"months": MONTHS_AHEAD}).scalar_one())


def rows_outside_partitions(unit: Unit) -> int:
    """Return how many rows lie in a default partition."""
    return int(unit.execute("select mkt.rows_outside_partitions()").scalar_one())


def drop_old_partition(unit: Unit, keep_months: int) -> str | None:
    """Drop the oldest partition that lies wholly before the last ``keep_months`` months; returns its name, None: there is none.

    A month of rows stays while one of its jobs could still be taken up again. Raises sqlalchemy.exc.DBAPIError where
    somebody has been reading the table for longer than a moment.
    """
    dropped: str | None = unit.execute("select mkt.drop_old_partition(:months)", {"months": keep_months}).scalar_one()
    return dropped
