"""Messages that are more than hints: what another service asked for stands nowhere else until it is in the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from celery.exceptions import Reject

from pipeline.outages import one_line, outage
from pipeline.troubles import trouble_of


@contextmanager
def kept_for_later() -> Iterator[None]:
    """Put the task's message back into its queue where something around us is in trouble, after a pause.

    Whatever the block does must be right when it is done again. Raises celery.exceptions.Reject.
    """
    try:
        yield
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        outage.wait(trouble, one_line(error))
        raise Reject(one_line(error), requeue=True) from None
    else:
        outage.over()
