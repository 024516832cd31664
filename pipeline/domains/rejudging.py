"""Other rules, the same answers: domain checks are judged anew from what DNS said, and nobody is asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db import domain_checks
from db.domain_checks import OldCheck
from db.unit import Database, Unit, database_clock
from pipeline.verdicts import VALIDATOR_VERSION, DomainFacts, Verdict, judge_domain

#: Domains that are read, judged and written at a time.
BATCH = 2_000


@dataclass(frozen=True)
class Rejudged:
    """A domain's check, and what it comes to by the rules of today."""

    check: OldCheck
    verdict: Verdict

    @property
    def row(self) -> dict[str, Any]:
        """Return the new verdict as it is written."""
        return verdict_columns(self.verdict) | {
            "domain": self.check.domain,
            "checked_at": self.check.checked_at.isoformat(),
        }


def verdict_columns(verdict: Verdict) -> dict[str, Any]:
    """Return what a check has of a verdict."""
    return {
        "details": dict(verdict.details),
        "status": verdict.status,
        "reason_code": str(verdict.reason_code),
        "score": verdict.score,
        "revalidate_after": verdict.retry_after,
    }


def rejudge_stale(unit: Unit, domains: Sequence[str], *, now: datetime) -> int:
    """Judge the fresh checks among these domains that other rules judged; returns how many. Before anybody is asked."""
    found = domain_checks.fresh_checks_of_other_versions(unit, domains, version=VALIDATOR_VERSION, now=now)
    return _write(unit, map(_judged, found), now)


def rejudge_all(database: Database, clock: Callable[[Unit], datetime] = database_clock) -> int:
    """Judge all checks that other rules judged, batch by batch; returns how many. May be stopped and begun again."""
    return sum(
        database.in_unit(None, lambda unit, batch=batch: _write(unit, batch, clock(unit)))  # type: ignore[misc]
        for batch in judged_anew(database)
    )


def judged_anew(database: Database) -> Iterator[list[Rejudged]]:
    """Yield what the rules of today would say of all checks that other rules judged, in batches; writes nothing."""
    after = ""
    while found := _read(database, after):
        after = found[-1].domain
        yield [_judged(check) for check in found]


def _read(database: Database, after: str) -> list[OldCheck]:
    with database.unit(None) as unit:
        return domain_checks.checks_of_other_versions(unit, version=VALIDATOR_VERSION, after=after, most=BATCH)


def _judged(check: OldCheck) -> Rejudged:
    facts = DomainFacts.from_json(check.domain, check.facts)
    return Rejudged(check, judge_domain(facts, attempt=check.attempt, checked_at=check.checked_at))


def _write(unit: Unit, batch: Iterable[Rejudged], now: datetime) -> int:
    rows = [each.row for each in batch]
    return domain_checks.rejudge_checks(unit, rows, version=VALIDATOR_VERSION, now=now) if rows else 0
