"""What waits in the queues of a home's broker, be it the embedded Redis or a RabbitMQ."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from celery import Celery
from kombu.connection import Connection

from config.settings import Settings
from tests.support.servers import broker
from workers.names import QueueName

#: The lines of the Procfile that do the work, and read the queues; beat only asks for it.
WORKERS: Final = ("worker", "express", "dns")


def messages(settings: Settings) -> int:
    """How many messages there are in all queues but the clock's: those that wait, and those that workers have."""
    queues = [queue for queue in QueueName if queue is not QueueName.BEAT]
    if settings.broker_url is not None:
        return waiting(settings.broker_url, queues) + held(settings.broker_url)
    with broker(settings) as client:
        return sum(int(client.llen(str(queue))) for queue in queues) + int(client.hlen("unacked"))


def lose_messages(settings: Settings) -> None:
    """Lose every message at once."""
    if settings.broker_url is not None:
        purge(settings.broker_url)
        return
    with broker(settings) as client:
        client.flushall()


def waiting(url: str, queues: Iterable[QueueName] = QueueName) -> int:
    """Return how many messages wait in RabbitMQ; those that workers have it does not tell."""
    with connect(url) as connection:
        channel = connection.default_channel
        return sum(int(channel.queue_declare(str(name), passive=True).message_count) for name in queues)


def held(url: str) -> int:
    """Return how many messages workers of a RabbitMQ have, as they say themselves within a second; when all have, nobody waits."""
    ask = Celery(broker=url, set_as_current=False).control.inspect(timeout=1.0, limit=len(WORKERS))
    return sum(len(those) for told in (ask.active(), ask.reserved()) for those in (told or {}).values())


def purge(url: str) -> None:
    """Lose every message that waits in RabbitMQ at once."""
    with connect(url) as connection:
        for name in QueueName:
            connection.default_channel.queue_purge(str(name))


def connect(url: str) -> Any:  # noqa: ANN401 (kombu has no types)
    """Make a connection to RabbitMQ, to be used as a context manager."""
    return Connection(url, connect_timeout=2)  # type: ignore[no-untyped-call]
