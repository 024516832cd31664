"""The quality of sources, gathered for reports: of an audience as it is today, and of an import as it was when it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from db import quality
from db.audiences import Audience
from db.quality import ImportQuality, MembersGroup
from db.reports import JobReport
from db.statuses import JobKind, JobStatus
from db.tenants import Tenant
from db.unit import Limits, Unit
from pipeline.context import Context
from pipeline.reporting import (
    AudienceReport,
    History,
    ImportReport,
    Overlap,
    OverlapWith,
    People,
    Source,
    Usual,
    months,
    shares,
    worse_than_usual,
)
from pipeline.reporting.figures import FINDINGS, LEFT_OUT, STATUSES
from pipeline.reporting.history import OF_CONTACTS

#: Seconds that reading a report may take.
LIMITS = Limits(transaction=600)
#: Counts of an import, by their names in ``mkt.v_import_quality``.
COUNTS = (
    *("records", "error_rows", "duplicate_rows", "contacts", "contacts_known", "joined", "already_there", "measured"),
    *("valid", "not_yet_checked", *OF_CONTACTS),
)


def of_audience(context: Context, tenant: Tenant, audience: Audience) -> AudienceReport | None:
    """Return the report of an audience; None: it is empty."""
    with context.database.reading(tenant.tenant_id, LIMITS) as unit:
        people = _people(quality.members(unit, audience.audience_id))
        if not people.contacts:
            return None
        now = context.clock(unit)
        moves = quality.growth(unit, audience.audience_id, tenant.timezone)
        sources = [each for each in _sources(unit) if each[0] == audience.audience_id]
        return AudienceReport(
            audience_id=audience.audience_id,
            audience=audience.name,
            description=audience.description,
            status=str(audience.status),
            created_at=audience.created_at,
            made_at=now,
            people=people,
            growth=months(moves, now.astimezone(ZoneInfo(tenant.timezone)).date()),
            overlap=_overlap(unit, audience, None),
            imports=[source for _, source in reversed(sources)],
        )


def of_import(context: Context, tenant: Tenant, audience: Audience, job: JobReport) -> ImportReport:
    """Return the report of an import that has ended, or is on its way."""
    with context.database.reading(tenant.tenant_id, LIMITS) as unit:
        return ImportReport(
            audience_id=audience.audience_id,
            audience=audience.name,
            made_at=context.clock(unit),
            source=next(s for _, s in _sources(unit) if s.import_job_id == job.import_job_id),
            people=_people(quality.members(unit, audience.audience_id, job.import_job_id)),
            overlap=_overlap(unit, audience, job),
        )


def _people(groups: Sequence[MembersGroup]) -> People:
    counters: dict[str, Counter[str]] = {
        name: Counter() for name in ("left_out", "verdict", "opted_out", "basis", "source")
    }
    reasons: Counter[tuple[str, str]] = Counter()
    for group in groups:
        counters["left_out"][group.left_out_as or ""] += group.contacts
        counters["verdict"][group.status] += group.contacts
        counters["basis"][group.basis] += group.contacts
        counters["source"][group.source] += group.contacts
        reasons[group.status, group.reason_code] += group.contacts
        if group.opted_out_as is not None:
            counters["opted_out"][group.opted_out_as] += group.contacts
    return People(
        contacts=reasons.total(),
        reachable=counters["left_out"][""],
        left_out={why: counters["left_out"][why] for why in LEFT_OUT},
        verdicts={status: counters["verdict"][status] for status in STATUSES},
        reasons=[(*key, contacts) for key, contacts in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))],
        opted_out=dict(counters["opted_out"]),
        findings={name: sum(getattr(group, name) for group in groups) for name in FINDINGS},
        bases=dict(counters["basis"]),
        sources=dict(counters["source"]),
        quarantined=sum(group.quarantined for group in groups),
    )


def _sources(unit: Unit) -> list[tuple[UUID, Source]]:
    """Return every import of the tenant with its audience, the oldest first, each compared with those that had ended before."""
    history, found = History(), []
    for row in quality.of_imports(unit):
        counts: dict[str, int | None] = {name: getattr(row, name) for name in COUNTS}
        told, usual = shares(counts), history.usual()
        found.append((row.audience_id, _source(row, counts, usual=usual, worse=worse_than_usual(told, usual))))
        # Corrections are made of mistakes, and files without a contact are mistakes: neither is usual.
        if row.kind == JobKind.IMPORT and row.status == JobStatus.DONE and row.measured:
            history.add(told)
    return found


def _source(row: ImportQuality, counts: dict[str, int | None], *, usual: Usual | None, worse: list[str]) -> Source:
    verdicts = row.verdicts_by_reason or {}
    return Source(
        import_job_id=row.import_job_id,
        kind=row.kind,
        status=row.status,
        file_name=row.file_name,
        uploaded_by=row.uploaded_by,
        created_at=row.created_at,
        month=f"{row.month:%Y-%m}",
        counts=counts,
        errors_by_code=row.errors_by_code,
        reasons=[(status, reason, n) for status, reasons in verdicts.items() for reason, n in reasons.items()],
        usual=usual,
        worse_than_usual=worse,
        quarantine=None
        if row.quarantined_at is None
        else {
            "rules": row.quarantine_rules,
            "quarantined_at": row.quarantined_at,
            "released_at": row.released_at,
        },
    )


def _overlap(unit: Unit, audience: Audience, job: JobReport | None) -> Overlap:
    contacts, others = quality.overlap(unit, audience.audience_id, None if job is None else job.import_job_id)
    return Overlap(contacts, [OverlapWith(*other) for other in others])
