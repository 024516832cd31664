"""What went wrong in PostgreSQL: what it says, whoever's exception that came in, and what it does not say."""

from __future__ import annotations

from typing import Final

import psycopg

#: Failed, or lost without a word: the driver knows no code for it, and PostgreSQL's own is this one.
CONNECTION_LOST: Final = "08006"
#: As little does it know of a server that refuses the connection because it finds no room; PostgreSQL passes on what its system says.
NO_ROOM: Final = "No space left on device"
DISK_FULL: Final = "53100"


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE of an error of the database; None: it is none, or none of its server's."""
    original = getattr(error, "orig", None) or error
    if not isinstance(original, psycopg.Error):
        return None
    if original.sqlstate is None and isinstance(original, psycopg.OperationalError | psycopg.InterfaceError):
        return DISK_FULL if NO_ROOM in str(original) else CONNECTION_LOST
    return original.sqlstate


class PassedOverError(Exception):
    """A trigger of another module let rows of ours go in silence (``return null``): nothing of the transaction may stand.

    ``table``: the one whose trigger it is.
    """

    def __init__(self, table: str, *, asked: int, written: int) -> None:
        super().__init__(
            f"a trigger on {table} passes over rows in silence: of {asked} that were to be written {written} were;"
            " it must let them through, or raise an error that says why not"
        )
        self.table = table


def see_written(table: str, *, asked: int, written: int) -> None:
    """See that a statement wrote as many rows as it was to. Raises PassedOverError."""
    if written != asked:
        raise PassedOverError(table, asked=asked, written=written)
