"""The product without one of its guards: ``celery -A tests.chaos.sabotage worker``, with the guard's name in SABOTAGE.

The product itself has no switch that turns a guarantee off, not even for tests: what is not there cannot be armed by mistake.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

import db.chunks
import db.contacts
import workers.tasks
from workers.app import app

__all__ = ["app"]

SORTING: Final = "order by r.normalized_email"


def _no_fence() -> None:
    """Whoever claimed a chunk once may write, whatever became of it since."""
    db.chunks.fence = lambda unit, claim: bool(unit and claim)


def _no_sweep() -> None:
    """What was lost is not sent again."""
    workers.tasks.sweep = lambda _context: None  # type: ignore[attr-defined,assignment,return-value]


def _no_sorting() -> None:
    """Contacts are created in the order of the file."""
    original = db.contacts.statement  # type: ignore[attr-defined]
    assert SORTING in original("create_contacts")
    unsorted = {"create_contacts": original("create_contacts").replace(SORTING, "order by r.row_number")}
    db.contacts.statement = lambda name: unsorted.get(name) or original(name)  # type: ignore[attr-defined,assignment]


GUARDS: Final[Mapping[str, Callable[[], None]]] = {"fence": _no_fence, "sweep": _no_sweep, "sorting": _no_sorting}
GUARDS[os.environ["SABOTAGE"]]()
