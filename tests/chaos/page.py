"""Writes what a run has seen into docs/reliability.md: ``python -m tests.chaos.page RESULTS``, at the end of `make chaos`."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

import psutil

from tests.chaos.record import Injection, read
from tests.house.repository import ROOT, with_block

PAGE: Final = ROOT / "docs" / "reliability.md"
#: The table of each broker has a block of its own; a run with one leaves the other's as it is.
BLOCK: Final = "chaos run with {broker}"


def table(injections: list[Injection]) -> str:
    """Return one row per fault, and where it was seen."""
    by_fault: dict[tuple[int, str], list[Injection]] = defaultdict(list)
    for each in injections:
        by_fault[each.number, each.fault].append(each)
    machine = f"{os.cpu_count()} cores and {psutil.virtual_memory().total >> 30} GiB"
    lines = [
        f"{len(injections):,} faults on a machine with {machine}. *Jobs* and *rows* were under way when the fault came, each time;",
        "*lost* and *doubled* are rows, contacts, links and messages of the whole run; *slowest recovery* is the longest time, in",
        "seconds, from the fault's end until work moved again.",
        "",
        "| | fault | times | jobs | rows | lost | doubled | slowest recovery |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for (number, fault), seen in sorted(by_fault.items()):
        lines.append(
            f"| {number} | {fault} | {len(seen)} | {sum(each.jobs for each in seen)} | {sum(each.rows for each in seen):,}"
            f" | {max(each.lost for each in seen)} | {max(each.doubled for each in seen)} | {max(each.recovery for each in seen):.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Replace the tables by those of these results."""
    (results,) = sys.argv[1:]
    seen = read(Path(results))
    page = PAGE.read_text("utf-8")
    for broker in sorted({each.broker for each in seen}):
        mine = [each for each in seen if each.broker == broker]
        page = with_block(page, BLOCK.format(broker=broker), table(mine), command="make chaos")
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
