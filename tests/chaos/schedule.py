"""Which faults come when, drawn from a seed alone: the same seed has the same schedule, also when it is given longer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """Something that happens ``pause`` seconds after what came before is over; ``draw`` decides its details."""

    pause: float
    name: str
    draw: int


def schedule(seed: int, faults: Sequence[str], deeds: Sequence[str]) -> Iterator[Event]:
    """Yield events without end: every fault once in a random order before any comes again, and work in between."""
    chance = random.Random(seed)
    while True:
        order = list(faults)
        chance.shuffle(order)
        for fault in order:
            for deed in chance.choices(deeds, k=chance.randrange(2)):
                yield Event(0.0, deed, chance.randrange(1 << 30))
            yield Event(chance.uniform(0.3, 1.5), fault, chance.randrange(1 << 30))


def seeds_of(text: str) -> list[int]:
    """Read SEEDS: a number of seeds, counted from 1, or a list of them (``3,7``; ``7,`` is one). Raises ValueError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    numbers = [int(part) for part in parts if part.isascii() and part.isdecimal()]
    if not numbers or len(numbers) < len(parts) or min(numbers) < 1:
        msg = f"SEEDS={text!r} is neither a number of seeds nor a list of them such as 3,7,9"
        raise ValueError(msg)
    return numbers if "," in text else list(range(1, numbers[0] + 1))
