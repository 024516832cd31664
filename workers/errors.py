"""What can go wrong with the broker, in one name: the rest of the product need not know whose class it is."""

from __future__ import annotations

from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ResponseError

__all__ = ["BrokerError", "has_answered"]


def has_answered(error: BaseException) -> bool:
    """Return whether the broker itself has said no, for want of memory or of room on its disk: it runs, and to start it helps nobody."""
    return isinstance(error, ResponseError) or isinstance(error.__cause__, ResponseError)
