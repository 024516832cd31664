"""What must hold whatever breaks, as SQL over all tenants: each query finds what breaks the law, and must find nothing.

I1 every row is accounted for · I2 effects are there once · I3 every job ends · I4 statuses move only along the table, and nothing
is written after an end · I5 no tenant's rows are touched by another · I6 nothing that is due is forgotten · I7 the sums agree ·
I8 attempts are bounded, and whatever fails says why · I9 nothing is left behind.

`ALWAYS` is true at every moment, `AT_REST` when every job has ended. The numbers are those of docs/reliability.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg

from config.endpoints import database_url
from config.settings import Settings
from db.statuses import JOB_TRANSITIONS, JobStatus

#: Jobs whose rows stand in the ledger.
LEDGER: Final = "('import', 'dry_run', 'correction', 'suppression')"

ALWAYS: Final[Mapping[str, str]] = {
    "I1 a reader counts other rows than the job says": f"""
        select j.import_job_id, j.total_rows, count(r) from mkt.import_jobs j left join mkt.import_rows r using (import_job_id)
        where j.kind in {LEDGER} group by j.import_job_id having j.total_rows <> count(r)""",
    "I5 a row belongs to another tenant than its job": """
        select 'row', r.import_job_id from mkt.import_rows r join mkt.import_jobs j using (import_job_id) where r.tenant_id <> j.tenant_id
        union all select 'chunk', c.import_job_id from mkt.import_chunks c join mkt.import_jobs j using (import_job_id) where c.tenant_id <> j.tenant_id
        union all select 'change', c.import_job_id from mkt.contact_changes c join mtrk.contatos k using (rid) where c.tenant_id <> k.tenant_id
        union all select 'link', l.import_job_id from mkt.audience_contacts l join mtrk.contatos k using (rid) where l.tenant_id <> k.tenant_id
        union all select 'verdict', null from mkt.email_validations v join mtrk.contatos k using (rid) where v.tenant_id <> k.tenant_id""",
    "I6 a chunk is due and nobody looks": """
        select c.import_job_id, c.chunk_no, c.stage, clock_timestamp() - c.due_at from mkt.import_chunks c join mkt.import_jobs j using (import_job_id)
        where c.due_at < clock_timestamp() - make_interval(secs => %(patience)s) and j.status in ('queued', 'processing')
          and (c.kind = 'settle' or (j.cancel_requested_at is null and j.pause_requested_at is null and j.failure_code is null))""",
    "I8 a chunk has had more attempts than are allowed": """
        select import_job_id, chunk_no, stage, stage_attempts from mkt.import_chunks
        where stage_attempts > %(attempts)s + 1 and kind <> 'settle'""",
    "I8 something failed and does not say why": """
        select import_job_id, null from mkt.import_jobs where status = 'failed' and coalesce(failure_detail, '') = ''
        union all select import_job_id, chunk_no from mkt.import_chunks where failed_at is not null and coalesce(failure_detail, '') = ''""",
}

AT_REST: Final[Mapping[str, str]] = {
    "I1 a job is done and a record is not accounted for": """
        select import_job_id, records_seen, blank_rows, total_rows from mkt.import_jobs
        where status = 'done' and (total_rows <> records_seen - blank_rows or total_rows <> ok_rows + error_rows + duplicate_rows)""",
    "I2 contacts were counted as created that are not there, or not counted": """
        select tenant_id, noted, counted from
          (select tenant_id, count(*) filter (where change = 'created') as noted from mkt.contact_changes group by 1) n
          full join (select c.tenant_id, coalesce(sum(contacts_created), 0) as counted from mkt.import_chunks c
                     join mkt.import_jobs j using (import_job_id) where j.kind <> 'dry_run' group by 1) c using (tenant_id)
        where coalesce(noted, 0) <> coalesce(counted, 0)""",
    "I2 links were counted as added that are not there, or not counted": """
        select import_job_id, there, counted from
          (select import_job_id, count(*) as there from mkt.audience_contacts where import_job_id is not null group by 1) l
          full join (select c.import_job_id, coalesce(sum(links_added), 0) as counted from mkt.import_chunks c
                     join mkt.import_jobs j using (import_job_id) where j.kind in ('import', 'correction') group by 1) c using (import_job_id)
        where coalesce(there, 0) <> coalesce(counted, 0)""",
    "I2 a contact was judged twice from the same evidence": """
        select rid, reason_code, count(*) from mkt.email_validation_history
        group by rid, reason_code, score, validator_version, details_json having count(*) > 1""",
    "I2 an opt-out was taken twice from one job": """
        select import_job_id, coalesce(email, encode(mailbox_hash, 'hex')), kind, count(*) from ops.suppressions
        where import_job_id is not null group by 1, 2, 3 having count(*) > 1""",
    "I2 a recipient has no message, or somebody else has one": """
        select cid, rid, k.outcome, m.message_id from mkt.campaign_contacts k full join mtrk.mensagens m using (cid, rid)
        where (m.rid is null) <> (k.outcome is distinct from 'recipient')""",
    "I3 a job has not ended": """
        select import_job_id, kind, status, stage from mkt.import_jobs where status not in ('done', 'failed', 'cancelled')""",
    "I4 a job has ended and was not settled, or has work left": """
        select import_job_id, chunk_no, c.kind, c.stage, j.status from mkt.import_chunks c join mkt.import_jobs j using (import_job_id)
        where j.status = 'done' and c.stage <> 'done' or c.kind = 'settle' and c.stage <> 'done' or c.due_at is not null or c.hinted_at is not null""",
    "I4 something was written after its job had ended": """
        select 'row', import_job_id, max(r.created_at) - min(j.finished_at) from mkt.import_rows r join mkt.import_jobs j using (import_job_id)
        where r.created_at > j.finished_at group by 2
        union all select 'change', import_job_id, max(c.changed_at) - min(j.finished_at) from mkt.contact_changes c join mkt.import_jobs j using (import_job_id)
        where c.changed_at > j.finished_at group by 2
        union all select 'link', import_job_id, max(l.added_at) - min(j.finished_at) from mkt.audience_contacts l join mkt.import_jobs j using (import_job_id)
        where l.added_at > j.finished_at group by 2
        union all select 'chunk', import_job_id, max(c.updated_at) - min(j.finished_at) from mkt.import_chunks c join mkt.import_jobs j using (import_job_id)
        where c.updated_at > j.finished_at group by 2""",
    "I7 the sums of the job, of its chunks and of the ledger differ": f"""
        select j.import_job_id, j.status, j.ok_rows, c.ok, r.ok, j.error_rows, c.bad, r.bad, j.duplicate_rows, c.dup, r.dup from mkt.import_jobs j
        join lateral (select coalesce(sum(ok_rows), 0) as ok, coalesce(sum(error_rows), 0) as bad, coalesce(sum(duplicate_rows), 0) as dup
                      from mkt.import_chunks c where c.import_job_id = j.import_job_id) c on true
        join lateral (select count(*) filter (where parse_status = 'ok' and duplicate_of_row is null) as ok, count(*) filter (where parse_status = 'error') as bad,
                      count(*) filter (where duplicate_of_row is not null) as dup from mkt.import_rows r where r.import_job_id = j.import_job_id) r on true
        where j.kind in {LEDGER} and (j.ok_rows, j.error_rows, j.duplicate_rows) is distinct from (r.ok, r.bad, r.dup)
           or (j.ok_rows, j.error_rows, j.duplicate_rows) is distinct from (c.ok, c.bad, c.dup)""",
    "I8 statements deadlocked": """
        select deadlocks from pg_stat_database where datname = current_database() and deadlocks > 0""",
    "I9 a lock or an open transaction was left behind": """
        select pid, state, now() - xact_start, left(query, 80) from pg_stat_activity
        where datname = current_database() and state like 'idle in transaction%%' and now() - xact_start > make_interval(secs => %(patience)s)""",
}


@dataclass(frozen=True)
class Limits:
    """How long something may be due before somebody must have looked, in seconds; and how many attempts are allowed."""

    patience: float
    attempts: int


@dataclass
class Watch:
    """Looks at the whole database from outside, again and again, and keeps what it finds wrong."""

    settings: Settings
    limits: Limits
    findings: dict[str, list[Any]] = field(default_factory=dict)
    _statuses: dict[UUID, tuple[JobStatus, Any]] = field(default_factory=dict)
    _connection: psycopg.Connection | None = None

    def look(self) -> None:
        """Check what is true at every moment. While the database is away there is nothing to see."""
        with contextlib.suppress(psycopg.OperationalError):
            self._check(ALWAYS)
            self._follow_statuses()

    def at_rest(self) -> dict[str, list[Any]]:
        """Check everything, and return all that was ever found."""
        self._check(ALWAYS)
        self._follow_statuses()
        self._check(AT_REST)
        return self.findings

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query as the owner sees them. Raises psycopg.OperationalError."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(database_url(self.settings), autocommit=True, connect_timeout=5)
        return self._connection.execute(text.encode(), parameters).fetchall()

    def _check(self, laws: Mapping[str, str]) -> None:
        values = {"patience": self.limits.patience, "attempts": self.limits.attempts}
        for law, text in laws.items():
            found = self.query(text, values)
            if found:
                self.findings.setdefault(law, found)

    def _follow_statuses(self) -> None:
        """I4: from one look to the next a job only goes where the table leads, and an end stays as it was."""
        for job, name, finished_at in self.query("select import_job_id, status, finished_at from mkt.import_jobs"):
            status = JobStatus(name)
            before = self._statuses.get(job)
            if before is not None and before != (status, finished_at) and not _leads(before[0], status):
                self.findings.setdefault("I4 a job's status moved as it may not", []).append((job, before, name))
            self._statuses[job] = (status, finished_at)


def _leads(old: JobStatus, new: JobStatus) -> bool:
    """Whether moves of the table lead from one status to the other; we may have missed some in between."""
    reached: set[JobStatus] = set()
    edge = {old}
    while edge:
        edge = {to for (start, to) in JOB_TRANSITIONS if start in edge} - reached
        reached |= edge
    return new in reached
