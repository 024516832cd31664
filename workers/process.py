"""What one worker process holds: made at its first task, after the fork, and closed when it ends."""

from __future__ import annotations

import dataclasses
import os

import structlog
from celery import Celery
from sqlalchemy.exc import DBAPIError

from config.settings import settings
from pipeline import hash_keys
from pipeline.context import Context, make_context
from pipeline.domains import DomainDesk
from workers.dispatch import CeleryDispatch

log = structlog.get_logger()

_context: tuple[int, Context] | None = None


def process_context(app: Celery) -> Context:
    """Return this process's tools. Sockets, threads and the event loop never cross a fork: a child makes its own.

    Raises HashKeysRefusedError: whoever would hash by other keys than were used does no work at all.
    """
    global _context  # noqa: PLW0603 (one per process is the point)
    if _context is None or _context[0] != os.getpid():
        made = make_context(settings(), CeleryDispatch(app))
        try:
            hash_keys.require(made)
        except BaseException:
            made.database.dispose()
            raise
        _context = (os.getpid(), dataclasses.replace(made, domains=DomainDesk(settings())))
    return _context[1]


def check_keys() -> None:
    """See, before a worker forks, that it has the keys that were used. Raises HashKeysError, HashKeysRefusedError.

    A database that does not answer yet says nothing against them: every child looks again.
    """
    looking = make_context(settings())
    try:
        hash_keys.require(looking)
    except DBAPIError:
        log.warning("hash_keys_not_checked")
    finally:
        looking.database.dispose()


def close_process_context() -> None:
    """Close connections and the resolver before the process ends."""
    global _context  # noqa: PLW0603 (as above)
    if _context is not None and _context[0] == os.getpid():
        if _context[1].domains is not None:
            _context[1].domains.close()
        _context[1].database.dispose()
    _context = None
