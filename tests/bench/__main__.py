"""Measure, print and write ``docs/benchmarks.md``: ``make bench``, or one part: ``python -m tests.bench domains``."""

from __future__ import annotations

import argparse
import logging
import sys

import structlog

from tests.bench import campaigns, classification, domains, fairness, imports, ledger, privacy, recovery, sends, undo
from tests.bench.page import PAGE, rewrite

PARTS = {
    "imports": imports.sections,
    "fairness": fairness.sections,
    "domains": domains.sections,
    "classification": classification.sections,
    "campaigns": campaigns.sections,
    "sends": sends.sections,
    "ledger": ledger.sections,
    "privacy": privacy.sections,
    "recovery": recovery.sections,
    "undo": undo.sections,
}


def main() -> None:
    """Run the parts that are asked for, and rewrite their sections of the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure, and write docs/benchmarks.md.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one or more of: {', '.join(PARTS)}; none: all")
    wanted = parser.parse_args().parts or list(PARTS)
    if unknown := set(wanted) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for part in wanted:
        for section in PARTS[part]():
            sys.stdout.write(f"{section}\n")
            sys.stdout.flush()
            PAGE.write_text(rewrite(PAGE.read_text(encoding="utf-8"), [section]), encoding="utf-8")


if __name__ == "__main__":
    main()
