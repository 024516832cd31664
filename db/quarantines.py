"""Quarantines: imports whose contacts campaigns leave out until somebody has looked. Written by settle, ended by people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.unit import Unit


@dataclass(frozen=True)
class Quarantine:
    """A quarantine with the job that it is about; ``rules``: what was too much, each with share and limit in percent."""

    import_job_id: UUID
    file_name: str
    audience: str | None
    contacts: int
    rules: list[dict[str, Any]]
    quarantined_at: datetime
    released_at: datetime | None
    released_by: str | None
    release_note: str | None

    @property
    def is_in_force(self) -> bool:
        """Whether campaigns leave the contacts out."""
        return self.released_at is None


_SELECT = (
    "select q.import_job_id, j.file_name, a.name as audience, j.ok_rows as contacts, q.rules, q.quarantined_at, q.released_at,"
    " u.name as released_by, q.release_note"
    " from mkt.quarantines q join mkt.import_jobs j using (import_job_id)"
    " left join mkt.audiences a on a.audience_id = j.audience_id left join auth.users u on u.user_id = q.released_by_user_id"
)


def put(unit: Unit, import_job_id: UUID, rules: Sequence[dict[str, Any]]) -> bool:
    """Put the job's contacts into quarantine, or renew the reasons of one in force.

    False: it is there already for these reasons, or people have released it.
    """
    done = unit.execute(
        "insert into mkt.quarantines as q (import_job_id, tenant_id, rules) values (:job, :tenant, cast(:rules as jsonb))"
        " on conflict (import_job_id) do update set rules = excluded.rules, quarantined_at = now()"
        " where q.released_at is null and q.rules <> excluded.rules",
        {"job": import_job_id, "tenant": unit.tenant_id, "rules": json.dumps(list(rules))},
    )
    return done.rowcount == 1


def lift(unit: Unit, import_job_id: UUID) -> bool:
    """Take a quarantine away that nobody has released: a job that was taken up again turned out well. False: there is none."""
    done = unit.execute(
        "delete from mkt.quarantines where import_job_id = :job and released_at is null", {"job": import_job_id}
    )
    return done.rowcount == 1


def is_held(unit: Unit, import_job_id: UUID) -> bool:
    """Return whether the job is in quarantine, and have it stay so, or not, until the unit ends."""
    row = unit.execute(
        "select released_at from mkt.quarantines where import_job_id = :job for share", {"job": import_job_id}
    ).one_or_none()
    return row is not None and row.released_at is None


def release(unit: Unit, import_job_id: UUID, *, user_id: UUID, note: str, inherited: str) -> list[UUID] | None:
    """Let campaigns have the job's contacts, and those of jobs that are in quarantine for its sake alone (rule ``inherited``).

    Returns the jobs, this one first; None: it is not in quarantine.
    """
    parameters = {"user": user_id, "note": note}
    set_ = "update mkt.quarantines set released_at = now(), released_by_user_id = :user, release_note = :note"
    done = unit.execute(
        f"{set_} where import_job_id = :job and released_at is null", {**parameters, "job": import_job_id}
    )
    if done.rowcount == 0:
        return None
    released = [import_job_id]
    for job in released:  # grows: a correction of a correction
        found = unit.execute(
            f"{set_} where released_at is null and jsonb_array_length(rules) = 1"
            " and rules @> jsonb_build_array(jsonb_build_object('rule', cast(:rule as text), 'import_job_id', cast(:job as text)))"
            " returning import_job_id",
            {**parameters, "rule": inherited, "job": str(job)},
        )
        released += sorted(row.import_job_id for row in found)
    return released


def of_job(unit: Unit, import_job_id: UUID) -> Quarantine | None:
    """Return the job's quarantine, in force or released."""
    row = unit.execute(f"{_SELECT} where q.import_job_id = :job", {"job": import_job_id}).one_or_none()
    return None if row is None else Quarantine(**row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)


def everything(unit: Unit) -> list[Quarantine]:
    """Return the tenant's quarantines, those in force first, then the newest."""
    found = unit.execute(f"{_SELECT} order by q.released_at is not null, q.import_job_id desc")
    return [Quarantine(**row._mapping) for row in found]  # noqa: SLF001 (as above)


def in_force(unit: Unit, jobs: Sequence[UUID]) -> set[UUID]:
    """Return which of the jobs are in quarantine."""
    found = unit.execute(
        "select import_job_id from mkt.quarantines where released_at is null and import_job_id = any(:jobs)",
        {"jobs": list(jobs)},
    )
    return {row[0] for row in found}
