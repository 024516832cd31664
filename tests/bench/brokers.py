"""The broker of a bench: the embedded Redis, or with `BROKER=rabbitmq` a RabbitMQ of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from config.settings import Settings
from tests.support.rabbitmq import RabbitBroker

REDIS: Final = "Redis"
RABBITMQ: Final = "RabbitMQ"


@contextmanager
def broker_url(folder: Path) -> Iterator[str | None]:
    """Run the broker that BROKER names, and give its URL; None: the embedded Redis."""
    if os.environ.get("BROKER") != "rabbitmq":
        yield None
        return
    with RabbitBroker(folder / "rabbitmq").running() as rabbit:
        yield rabbit.url(rabbit.target)


def broker_of(settings: Settings) -> str:
    """Return the name of the broker that hints travel through."""
    return REDIS if settings.broker_url is None else RABBITMQ


def titled(title: str, broker: str) -> str:
    """Return the heading of a section: each broker has its own."""
    return f"## {title}" if broker == REDIS else f"## {title} with {broker}"
