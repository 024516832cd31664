"""One thing that `mkt doctor` looked at, and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"  # works, but somebody should look
    BROKEN = "broken"  # imports do not get done


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. Its sentences are ``cli.doctor.<check>.<state>`` and, unless all is well, ``…_remedy``."""

    check: str
    level: Level
    state: str = "ok"
    params: Mapping[str, object] = field(default_factory=dict)
