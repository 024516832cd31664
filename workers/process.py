"""What one worker process holds: made at its first task, after the fork, and closed when it ends."""

from __future__ import annotations

import os

from celery import Celery

from config.settings import settings
from pipeline.context import Context, make_context
from pipeline.domains import DomainDesk
from workers.dispatch import CeleryDispatch

_context: tuple[int, Context] | None = None


def process_context(app: Celery) -> Context:
    """Return this process's tools. Sockets, threads and the event loop never cross a fork: a child makes its own."""
    global _context  # noqa: PLW0603 (one per process is the point)
    if _context is None or _context[0] != os.getpid():
        _context = (os.getpid(), make_context(settings(), CeleryDispatch(app), DomainDesk(settings())))
    return _context[1]


def close_process_context() -> None:
    """Close connections and the resolver before the process ends."""
    global _context  # noqa: PLW0603 (as above)
    if _context is not None and _context[0] == os.getpid():
        if _context[1].domains is not None:
            _context[1].domains.close()
        _context[1].database.dispose()
    _context = None
