"""What can go wrong with the broker, in one name: the rest of the product need not know whose class it is."""

from kombu.exceptions import OperationalError as BrokerError

__all__ = ["BrokerError"]
