"""What PostgreSQL says went wrong, whoever's exception it came in."""

from __future__ import annotations

from typing import Final

import psycopg

#: Failed, or lost without a word: the driver knows no code for it, and PostgreSQL's own is this one.
CONNECTION_LOST: Final = "08006"


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE of an error of the database; None: it is none, or none of its server's."""
    original = getattr(error, "orig", None) or error
    if not isinstance(original, psycopg.Error):
        return None
    if original.sqlstate is None and isinstance(original, psycopg.OperationalError | psycopg.InterfaceError):
        return CONNECTION_LOST
    return original.sqlstate
