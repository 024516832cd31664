"""Trouble of what surrounds the work, told from trouble with the work: one table, by what the error says.

Such trouble is nobody's fault who waits for it to be over: it uses up no attempt, and what is half done is done again.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Final

from obstore.exceptions import GenericError, JoinError, PermissionDeniedError, UnauthenticatedError

from db.faults import sqlstate


@unique
class Trouble(StrEnum):
    """What is in trouble; the sentence for people is ``troubles.<code>``."""

    DATABASE_AWAY = "database_away"  # stopped, starting, or the connection to it is gone
    DATABASE_READ_ONLY = "database_read_only"  # a standby, or somebody has set it so
    DATABASE_FULL = "database_full"  # no room on its disk
    DATABASE_BUSY = "database_busy"  # no connection or no memory left, or others are in the way for longer than we wait
    DATABASE_DISK = "database_disk"  # its disk does not do what it should
    STORE_FULL = "store_full"
    STORE_AWAY = "store_away"


#: SQLSTATE, or the class that it begins with (appendix A of PostgreSQL's manual); the longest that fits counts.
BY_SQLSTATE: Final[Mapping[str, Trouble]] = {
    "08": Trouble.DATABASE_AWAY,  # connection exception
    "57P01": Trouble.DATABASE_AWAY,  # admin_shutdown; also pg_terminate_backend
    "57P02": Trouble.DATABASE_AWAY,  # crash_shutdown: another session took the server down
    "57P03": Trouble.DATABASE_AWAY,  # cannot_connect_now: starting up or shutting down
    "57P05": Trouble.DATABASE_AWAY,  # idle_session_timeout: between two of our transactions
    "25006": Trouble.DATABASE_READ_ONLY,  # read_only_sql_transaction
    "53": Trouble.DATABASE_BUSY,  # insufficient resources: out of memory, too many connections
    "53100": Trouble.DATABASE_FULL,  # disk_full
    "58": Trouble.DATABASE_DISK,  # system error, external to PostgreSQL: io_error
    # Raised only after several tries: the moment is wrong for longer, the work is not.
    "40001": Trouble.DATABASE_BUSY,  # serialization_failure
    "40P01": Trouble.DATABASE_BUSY,  # deadlock_detected
    "55P03": Trouble.DATABASE_BUSY,  # lock_not_available
}
#: Of the file store; a file that is not there is no trouble of the store.
BY_ERRNO: Final[Mapping[int, Trouble]] = {
    errno.ENOSPC: Trouble.STORE_FULL,
    errno.EDQUOT: Trouble.STORE_FULL,
    **dict.fromkeys(
        (
            errno.EIO,
            errno.EROFS,
            errno.EACCES,  # mounted by somebody else, or mounted not at all: an operator mends it, and the file is as it was
            errno.EMFILE,
            errno.ENFILE,
            errno.ESTALE,
            errno.ETIMEDOUT,
            errno.ECONNREFUSED,
            errno.ECONNRESET,
            errno.EHOSTUNREACH,
            errno.ENETUNREACH,
            errno.EPIPE,
        ),
        Trouble.STORE_AWAY,
    ),
}
#: What obstore raises where an object cannot be reached, and not because there is none.
_OF_THE_STORE: Final = (GenericError, JoinError, PermissionDeniedError, UnauthenticatedError)
#: Where only the text has the number: obstore's errors come from another language.
_NUMBER: Final = re.compile(r"\(os error (\d+)\)")


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what is in trouble; None: the error speaks of the work itself, or of a fault of ours."""
    state = sqlstate(error)
    if state is not None:
        fitting = [code for code in BY_SQLSTATE if state.startswith(code)]
        return BY_SQLSTATE[max(fitting, key=len)] if fitting else None
    if isinstance(error, _OF_THE_STORE):
        return _by_number(error) or Trouble.STORE_AWAY
    if isinstance(error, OSError):
        return _by_number(error)
    return None


def _by_number(error: BaseException) -> Trouble | None:
    number = getattr(error, "errno", None)
    if number is None and (said := _NUMBER.search(str(error))):
        number = int(said[1])
    return None if number is None else BY_ERRNO.get(number)
