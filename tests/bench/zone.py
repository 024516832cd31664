"""The DNS zone of the benches: so many numbered domains, each with mail servers of its own, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from cli.demo.zone import numbered_domains

DOMAINS = 30_000


@dataclass(frozen=True)
class Zone:
    """A zone that is served at ``address``, and what its server counted."""

    address: str
    _ask: IO[str]
    _hear: IO[str]

    @property
    def domains(self) -> list[str]:
        """Its numbered domains."""
        return numbered_domains(DOMAINS)

    def questions(self) -> dict[str, int]:
        """Return how many questions have come, by type, repeated ones included."""
        return self._said("totals")

    def names(self) -> dict[str, int]:
        """Return of how many different names questions have come, by type."""
        return self._said("names")

    def _said(self, what: str) -> dict[str, int]:
        self._ask.write(f"{what}\n")
        self._ask.flush()
        counts: dict[str, int] = json.loads(self._hear.readline())
        return counts


@contextmanager
def zone(*arguments: str) -> Iterator[Zone]:
    """Serve the domains; ``arguments`` are those of ``cli.demo.zone``."""
    command = [sys.executable, "-m", "cli.demo.zone", "--domains", str(DOMAINS), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Zone(process.stdout.readline().strip(), process.stdin, process.stdout)
        finally:
            process.stdin.close()
