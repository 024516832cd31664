"""The product without one of its guards, or with less patience: ``celery -A tests.chaos.sabotage worker``, with the guard's name in SABOTAGE.

The product itself has no switch that turns a guarantee off, not even for tests: what is not there cannot be armed by mistake.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import db.chunks
import db.contacts
import workers.tasks
from db.statuses import ChunkStage
from pipeline.limits import LIMITS
from workers.celery_settings import SOFT_MARGIN

__all__ = ["app"]

SORTING: Final = " order by m.normalized_email"


def _no_fence() -> None:
    """Whoever claimed a chunk once may write, whatever became of it since."""
    db.chunks.fence = lambda unit, claim: bool(unit and claim)


def _no_sweep() -> None:
    """What was lost is not sent again."""
    workers.tasks.sweep = lambda *_: None  # type: ignore[attr-defined,assignment]


def _no_sorting() -> None:
    """Contacts are created in the order in which the rows are found: that of the file."""
    original = db.contacts.statement  # type: ignore[attr-defined]
    assert SORTING in original("create_contacts")
    unsorted = {"create_contacts": original("create_contacts").replace(SORTING, "")}
    db.contacts.statement = lambda name: unsorted.get(name) or original(name)  # type: ignore[attr-defined,assignment]


def _no_patience() -> None:
    """Link has two seconds until it is asked to stop, and is killed after seventeen."""
    LIMITS[ChunkStage.LINK] = replace(LIMITS[ChunkStage.LINK], task=SOFT_MARGIN + 2)


GUARDS: Final[Mapping[str, Callable[[], None]]] = {
    "fence": _no_fence,
    "sweep": _no_sweep,
    "sorting": _no_sorting,
    "patience": _no_patience,
}
GUARDS[os.environ["SABOTAGE"]]()

from workers.app import app  # noqa: E402 (made of what stands above)
