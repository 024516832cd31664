"""What a run has seen, fault by fault, for the table of docs/reliability.md; kept where CHAOS_RESULTS says, else forgotten."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Injection:
    """A fault that was injected once, or ``times``: what was under way, and how long until work moved again, in seconds."""

    fault: str
    number: int
    jobs: int
    rows: int
    lost: int
    doubled: int
    recovery: float
    broker: str = "redis"


def keep(injections: list[Injection]) -> None:
    """Append them to the results of the run."""
    path = os.environ.get("CHAOS_RESULTS")
    if path:
        with Path(path).open("a", encoding="utf-8") as results:
            results.writelines(json.dumps(asdict(each)) + "\n" for each in injections)


def read(path: Path) -> list[Injection]:
    """Return the results of a run."""
    return [Injection(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
