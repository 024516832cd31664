"""What DNS said of each domain: who is asking, what was heard, and what it came to by which rules.

Facts and verdicts have moments of the caller's clock (``now``), so that time can be moved in a test. Claims are about
processes that live and die, and have the database's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.row_ranges import RowRange
from db.statements import statement
from db.unit import Unit


@dataclass(frozen=True)
class DomainClaim:
    """A domain that is ours to ask for, and what was heard of it before.

    ``outcome``: None where nothing was. ``attempt``: answers in a row that told nothing, and ``retry_at``: when the clock
    asks again after the last of them.
    """

    domain: str
    outcome: str | None
    attempt: int
    retry_at: datetime | None


@dataclass(frozen=True)
class OldCheck:
    """A check that was judged by other rules: the stored answer, and the verdict that it was given."""

    domain: str
    facts: Mapping[str, Any]
    attempt: int
    checked_at: datetime
    status: str
    reason_code: str


def domains_of_rows(unit: Unit, rows: RowRange) -> list[str]:
    """Return the chunk's distinct domains, sorted."""
    found = unit.execute(
        "select distinct split_part(r.normalized_email, '@', 2) collate \"C\" as domain from mkt.import_rows r"
        " where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row"
        " and r.parse_status = 'ok' and r.duplicate_of_row is null order by 1",
        rows.parameters(),
    )
    return [row[0] for row in found]


def without_fresh_check(unit: Unit, domains: Sequence[str], *, now: datetime) -> list[str]:
    """Return those of the (distinct) domains that have no fresh check, whatever rules judged it; sorted."""
    found = unit.execute(
        "select wanted.domain from unnest(cast(:domains as text[])) as wanted (domain)"
        " where not exists (select from mkt.domain_checks d where d.domain = wanted.domain and d.expires_at > :now)"
        ' order by wanted.domain collate "C"',
        {"domains": list(domains), "now": now},
    )
    return [row[0] for row in found]


def claim_domains(
    unit: Unit, domains: Sequence[str], *, worker: str, seconds: float, now: datetime
) -> list[DomainClaim]:
    """Take the domains that nobody else is asking for; a claim ends by itself after ``seconds``."""
    found = unit.execute(
        statement("claim_domains"), {"domains": list(domains), "worker": worker, "seconds": seconds, "now": now}
    )
    return [DomainClaim(*row) for row in found]


def renew_claims(unit: Unit, *, domains: Sequence[str], worker: str, seconds: float) -> None:
    """Go on holding the claims that have brought no answer yet; in key order, as everybody who writes here."""
    unit.execute(
        "with mine as (select domain from mkt.domain_checks where domain = any(:domains) and claimed_by = :worker order by domain for update)"
        " update mkt.domain_checks d set claimed_until = clock_timestamp() + make_interval(secs => :seconds) from mine where d.domain = mine.domain",
        {"domains": list(domains), "worker": worker, "seconds": seconds},
    )


def release_domains(unit: Unit, *, domains: Sequence[str], worker: str) -> None:
    """Give back claims that brought no answer; in key order, as everybody who writes here."""
    unit.execute(
        "with mine as (select domain from mkt.domain_checks where domain = any(:domains) and claimed_by = :worker order by domain for update)"
        " update mkt.domain_checks d set claimed_by = null, claimed_until = null from mine where d.domain = mine.domain",
        {"domains": list(domains), "worker": worker},
    )


def store_checks(unit: Unit, checks: Sequence[Mapping[str, Any]], *, version: str, now: datetime) -> None:
    """Write what DNS said of each domain at ``now``, and end the claims on them.

    Each check has ``domain, outcome, facts, details, status, reason_code, score, revalidate_after, ttl`` (both in
    seconds), ``attempt`` and ``retry_at`` (ISO 8601, or None).
    """
    unit.execute(statement("store_checks"), {"checks": json.dumps(list(checks)), "version": version, "now": now})


def checks_of_other_versions(unit: Unit, *, version: str, after: str, most: int) -> list[OldCheck]:
    """Return answered checks that were not judged by ``version``, in key order, at most ``most``, behind the key ``after``."""
    found = unit.execute(statement("checks_of_other_versions"), {"version": version, "after": after, "most": most})
    return [OldCheck(*row) for row in found]


def fresh_checks_of_other_versions(
    unit: Unit, domains: Sequence[str], *, version: str, now: datetime
) -> list[OldCheck]:
    """Return the fresh checks of these domains that were not judged by ``version``."""
    found = unit.execute(
        "select domain, facts, attempt, checked_at, status, reason_code from mkt.domain_checks"
        " where domain = any(:domains) and expires_at > :now and validator_version <> :version order by domain",
        {"domains": list(domains), "version": version, "now": now},
    )
    return [OldCheck(*row) for row in found]


def rejudge_checks(unit: Unit, checks: Sequence[Mapping[str, Any]], *, version: str, now: datetime) -> int:
    """Write other verdicts on answers that stay as they are; returns how many were still those that had been read.

    Each check has ``domain, checked_at`` (ISO 8601), ``details, status, reason_code, score`` and ``revalidate_after``.
    """
    return unit.execute(
        statement("rejudge_checks"), {"checks": json.dumps(list(checks)), "version": version, "now": now}
    ).rowcount
