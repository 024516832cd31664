"""Single entries of ops.suppressions, as people see, add and lift them; what a job said is taken back as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from db import audit
from db.faults import see_written
from db.opt_outs import SUPPRESSIONS, take_turns
from db.statements import statement
from db.statuses import OptOutKind
from db.unit import Unit

#: Entries of a page.
PAGE: Final = 5_000


@dataclass(frozen=True)
class Entry:
    """What was said against writing to somebody. ``email`` None: of a person who was erased, known by ``mailbox_hash``.

    ``audience`` None: it holds for the whole tenant. ``lifted_at`` None: it holds.
    """

    suppression_id: int
    email: str | None
    mailbox_hash: str | None
    kind: str
    audience_id: UUID | None
    audience: str | None
    source: str
    evidence: dict[str, Any]
    import_job_id: UUID | None
    occurred_at: datetime
    created_at: datetime
    lifted_at: datetime | None
    lifted_as: str | None
    lifted_by: str | None
    lift_evidence: dict[str, Any] | None


def entries(
    unit: Unit,
    *,
    email: str | None = None,
    kind: OptOutKind | None = None,
    audience_id: UUID | None = None,
    lifted: bool = False,
    limit: int | None = None,
    before: int | None = None,
) -> list[Entry]:
    """Return entries, the newest first: those that hold, or those that were lifted; of one address, kind or audience where asked.

    ``email`` is in its stored form; entries of every spelling of its mailbox come, and those that know it by its hash alone.
    ``before``: only those that are older than the entry of this number.
    """
    found = unit.execute(
        statement("list_suppressions"),
        {
            "tenant": unit.tenant_id,
            "email": email,
            "kind": kind,
            "audience": audience_id,
            "lifted": lifted,
            "limit": limit,
            "before": before,
        },
    )
    return [Entry(**row._mapping) for row in found]  # noqa: SLF001 (SQLAlchemy's public name for it)


def pages(unit: Unit, *, kind: OptOutKind | None, audience_id: UUID | None, lifted: bool) -> Iterator[Entry]:
    """Yield all such entries, in memory one page at a time."""
    before = None
    while page := entries(unit, kind=kind, audience_id=audience_id, lifted=lifted, limit=PAGE, before=before):
        yield from page
        before = page[-1].suppression_id


def add(
    unit: Unit,
    email: str,
    kind: OptOutKind,
    *,
    audience_id: UUID | None,
    source: str,
    evidence: dict[str, Any],
    user_id: UUID,
) -> bool:
    """Add an entry; returns whether nobody had said so of the mailbox before. ``email`` is in its stored form. Raises PassedOverError."""
    take_turns(unit)
    before = entries(unit, email=email, kind=kind)
    added = unit.execute(
        "insert into ops.suppressions (tenant_id, audience_id, email, kind, source, evidence)"
        " values (:tenant, :audience, :email, :kind, :source, cast(:evidence as jsonb)) returning suppression_id",
        {
            "tenant": unit.tenant_id,
            "audience": audience_id,
            "email": email,
            "kind": kind,
            "source": source,
            "evidence": json.dumps(evidence),
        },
    ).scalar_one_or_none()
    see_written(SUPPRESSIONS, asked=1, written=int(added is not None))
    scope = None if audience_id is None else str(audience_id)
    details = {"suppression_id": added, "kind": str(kind), "audience_id": scope}
    audit.record(unit, action="opt_out_added", subject="suppressions", user_id=user_id, details=details)
    return not any(entry.audience_id in (None, audience_id) for entry in before)


def lift(
    unit: Unit,
    email: str,
    *,
    audience_id: UUID | None,
    evidence: dict[str, Any],
    user_id: UUID,
    kinds: Sequence[OptOutKind],
) -> list[str]:
    """Lift the mailbox's entries of these kinds in exactly this scope (None: the whole tenant's); returns their kinds.

    The database writes the audit trail itself, and refuses where there is no evidence.
    """
    found = unit.execute(
        "select kind from mkt.lift_opt_outs(:email, :audience, cast(:evidence as jsonb), :user, cast(:kinds as text[])) order by suppression_id",
        {
            "email": email,
            "audience": audience_id,
            "evidence": json.dumps(evidence),
            "user": user_id,
            "kinds": [str(kind) for kind in kinds],
        },
    )
    return [row[0] for row in found]


@dataclass(frozen=True)
class Retracted:
    """What taking back a job's opt-outs did: ``entries`` lifted, of so many ``addresses``, ``staying`` of which stay opted out."""

    entries: int
    addresses: int
    staying: int


def retract(unit: Unit, import_job_id: UUID, *, reason: str, user_id: UUID) -> Retracted:
    """Lift whatever this job said and what followed from it alone. The database writes the audit trail itself."""
    row = unit.execute(
        "select entries, addresses, staying from mkt.retract_opt_outs(:job, :reason, :user)",
        {"job": import_job_id, "reason": reason, "user": user_id},
    ).one()
    return Retracted(row.entries, row.addresses, row.staying)


@dataclass(frozen=True)
class JobOptOuts:
    """What a job said: its ``entries``, the ``contacts`` that they are about, and how many entries were ``lifted`` since."""

    entries: int
    contacts: int
    lifted: int


def of_job(unit: Unit, import_job_id: UUID) -> JobOptOuts:
    """Return what the job said, as far as entries of its own tell."""
    row = unit.execute(
        "select count(*) as entries, count(distinct c.rid) as contacts, count(s.lifted_at) as lifted"
        " from ops.suppressions s left join lateral ("
        "  select k.rid from mtrk.contatos k where k.tenant_id = s.tenant_id and k.email = s.email offset 0) c on true"
        " where s.import_job_id = :job and s.tenant_id = :tenant",
        {"job": import_job_id, "tenant": unit.tenant_id},
    ).one()
    return JobOptOuts(row.entries, row.contacts, row.lifted)
