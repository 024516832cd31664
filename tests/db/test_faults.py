"""What went wrong in PostgreSQL, where the driver has no code for it."""

from __future__ import annotations

import psycopg
import pytest

from db.faults import sqlstate


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("connection failed: FATAL:  could not write init file: No space left on device", "53100"),
        ("connection failed: Connection refused", "08006"),
    ],
)
def test_a_server_that_refuses_for_want_of_room_is_full_and_not_away(said: str, state: str) -> None:
    assert sqlstate(psycopg.OperationalError(said)) == state
