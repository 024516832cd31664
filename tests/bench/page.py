"""The page of figures, of which each part of the bench rewrites its own sections."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

import psutil

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
#: The sections, in their order.
TITLES = (
    "Imports",
    "Fairness",
    "Fairness with RabbitMQ",
    "Reading",
    "Domains",
    "Classification",
    "Campaigns",
    "Sends",
    "Ledger look-up",
    "Privacy",
    "Recovery",
    "Recovery with RabbitMQ",
    "Undo",
    "Undo with RabbitMQ",
)
_SECTION = re.compile(r"^## (.+)\n(?:(?!## ).*\n)*", re.MULTILINE)


def rewrite(page: str, sections: Iterable[str]) -> str:
    """Return the page with these sections (of `TITLES`) in place of those of the same titles."""
    found = {match[1]: match[0] for text in (page, *sections) for match in _SECTION.finditer(text)}
    parts = [_head(), *(found[title] for title in TITLES if title in found)]
    return "\n".join(part.strip() + "\n" for part in parts)


def _head() -> str:
    lines = (
        "# Benchmarks",
        "",
        "Written by `make bench`. Absolute figures are of one machine; the ratios were taken side by side in one run.",
        "",
        f"Machine: {os.cpu_count()} cores, {psutil.virtual_memory().total // (1 << 30)} GiB, Python {platform.python_version()}; the embedded PostgreSQL and",
        "Redis as users run them (durable); *with RabbitMQ*: `BROKER=rabbitmq .venv/bin/python -m tests.bench fairness recovery undo`.",
    )
    return "\n".join(lines)
