"""Domain checks and verdicts: who asks DNS for a domain, what it said, and the state and history of each contact."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from db.row_ranges import RowRange
from db.statements import statement
from db.unit import Unit


def domains_to_check(unit: Unit, rows: RowRange, *, version: str) -> list[str]:
    """Return the chunk's distinct domains without a fresh check of this validator version, sorted."""
    unit.look_up_by_key()
    return [row[0] for row in unit.execute(statement("domains_to_check"), {**rows.parameters(), "version": version})]


def claim_domains(unit: Unit, domains: Sequence[str], *, worker: str, seconds: float, version: str) -> list[str]:
    """Take the domains that nobody else is asking for; a claim ends by itself after ``seconds``."""
    found = unit.execute(
        statement("claim_domains"), {"domains": list(domains), "worker": worker, "seconds": seconds, "version": version}
    )
    return [row[0] for row in found]


def renew_claims(unit: Unit, *, domains: Sequence[str], worker: str, seconds: float) -> None:
    """Go on holding the claims that have brought no answer yet; in key order, as everybody who writes here."""
    unit.execute(
        "with mine as (select domain from mkt.domain_checks where domain = any(:domains) and claimed_by = :worker order by domain for update)"
        " update mkt.domain_checks d set claimed_until = clock_timestamp() + make_interval(secs => :seconds) from mine where d.domain = mine.domain",
        {"domains": list(domains), "worker": worker, "seconds": seconds},
    )


def release_domains(unit: Unit, domains: Sequence[str], *, worker: str) -> None:
    """Give back claims that brought no answer; in key order, as everybody who writes here."""
    unit.execute(
        "with mine as (select domain from mkt.domain_checks where domain = any(:domains) and claimed_by = :worker order by domain for update)"
        " update mkt.domain_checks d set claimed_by = null, claimed_until = null from mine where d.domain = mine.domain",
        {"domains": list(domains), "worker": worker},
    )


def store_checks(unit: Unit, checks: Sequence[Mapping[str, Any]], *, version: str) -> None:
    """Write what DNS said of each domain.

    Each check has ``domain, outcome, facts, status, reason_code, score, revalidate_after`` and ``ttl`` (seconds).
    """
    unit.execute(
        statement("store_checks"), {"checks": json.dumps([dict(check) for check in checks]), "version": version}
    )


def judge_contacts(unit: Unit, rows: RowRange, *, version: str) -> int:
    """Write the verdict of every contact of the chunk whose domain has a fresh check; returns how many were judged."""
    unit.look_up_by_key()
    return unit.execute(statement("judge_contacts"), {**rows.parameters(), "version": version}).rowcount


def await_verdicts(unit: Unit, rows: RowRange, *, version: str, reason: str, score: int, retry_after: float) -> int:
    """Give the chunk's contacts that have no state yet the one that says so; returns how many."""
    return unit.execute(
        statement("await_verdicts"),
        {**rows.parameters(), "version": version, "reason": reason, "score": score, "retry_after": retry_after},
    ).rowcount


def verdicts_of_job(unit: Unit, import_job_id: UUID) -> dict[str, int]:
    """Return how many of the job's contacts have each status now (not: had when the job ran)."""
    found = unit.execute(statement("verdicts_of_job"), {"job": import_job_id})
    return {row[0]: row[1] for row in found}


def reasons_of_job(unit: Unit, import_job_id: UUID) -> list[tuple[str, str, int]]:
    """Return (status, reason_code, contacts) for the job's contacts now, the most frequent first."""
    found = unit.execute(statement("reasons_of_job"), {"job": import_job_id})
    return [(row[0], row[1], row[2]) for row in found]
