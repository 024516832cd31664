"""Messages that are more than hints: what another service asked for stands nowhere else until it is in the database."""

from __future__ import annotations

from contextlib import AbstractContextManager

from celery.exceptions import Reject

from pipeline.outages import survived


def kept_for_later() -> AbstractContextManager[None]:
    """Put the task's message back into its queue where something around us is in trouble, after a pause.

    Whatever the block does must be right when it is done again. Raises celery.exceptions.Reject.
    """
    return survived(lambda said: Reject(said, requeue=True))
