"""Everything that the database knows of one person when a campaign is to explain itself: opt-outs, memberships, verdict, messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db.statements import statement
from db.statuses import AudienceStatus
from db.unit import ResultRow, Unit


@dataclass(frozen=True)
class Contact:
    """A contact of the tenant."""

    rid: int
    email: str
    created_at: datetime


@dataclass(frozen=True)
class Origin:
    """Where a row came from: the file, the record in it, who uploaded it and when; None where no import did it."""

    import_job_id: UUID | None
    part_no: int | None
    row_number: int | None
    file_name: str | None
    uploaded_by: str | None
    uploaded_at: datetime | None


@dataclass(frozen=True)
class Said:
    """An opt-out that is not lifted; ``audience`` None: of the whole tenant."""

    kind: str
    audience: str | None
    source: str
    occurred_at: datetime
    origin: Origin


@dataclass(frozen=True)
class Membership:
    """A membership, also one that has ended; ``chosen``: the campaign reaches the audience, ``excluded``: it leaves it out."""

    rid: int
    audience: str
    status: AudienceStatus
    chosen: bool
    excluded: bool
    added_at: datetime
    removed_at: datetime | None
    legal_basis: str | None
    consent_source: str | None
    is_quarantined: bool
    origin: Origin


@dataclass(frozen=True)
class State:
    """The verdict on a contact's address."""

    status: str
    reason_code: str
    validated_at: datetime
    flags: tuple[str, ...]


def contact(unit: Unit, email: str) -> Contact | None:
    """Return the contact of an address in its stored form."""
    row = unit.execute(
        "select rid, email, created_at from mtrk.contatos where tenant_id = :tenant and email = :email",
        {"tenant": unit.tenant_id, "email": email},
    ).one_or_none()
    return None if row is None else Contact(*row)


def of_mailbox(unit: Unit, mailbox: str) -> list[Contact]:
    """Return the contacts whose mailbox it is; all forms of one begin with the same letter."""
    found = unit.execute(
        "select rid, email, created_at from mtrk.contatos where tenant_id = :tenant and email >= left(:mailbox, 1)"
        ' and email < chr(ascii(:mailbox) + 1) collate "C" and mkt.mailbox(email) = :mailbox order by rid',
        {"tenant": unit.tenant_id, "mailbox": mailbox},
    )
    return [Contact(*row) for row in found]


def said_of(unit: Unit, cid: UUID, mailbox: str) -> list[Said]:
    """Return what was said against writing to a mailbox and holds for the campaign, the oldest first."""
    is_hashed = unit.execute(
        "select exists (select from ops.suppressions where tenant_id = :tenant and email is null and lifted_at is null)",
        {"tenant": unit.tenant_id},
    ).scalar_one()
    hashes = "mkt.mailbox_hashes(:tenant, :mailbox)" if is_hashed else "cast('{}' as bytea[])"
    found = unit.execute(
        statement("explain_opt_outs").replace("{hashes}", hashes),
        {"tenant": unit.tenant_id, "cid": cid, "mailbox": mailbox},
    )
    return [Said(row.kind, row.audience, row.source, row.occurred_at, _origin(row)) for row in found]


def memberships(unit: Unit, cid: UUID, rids: Sequence[int]) -> list[Membership]:
    """Return all memberships of these contacts, those of the campaign first."""
    found = unit.execute(statement("explain_memberships"), {"cid": cid, "rids": list(rids)})
    return [
        Membership(
            row.rid,
            row.audience,
            AudienceStatus(row.status),
            row.chosen,
            row.excluded,
            row.added_at,
            row.removed_at,
            row.legal_basis,
            row.consent_source,
            row.is_quarantined,
            _origin(row),
        )
        for row in found
    ]


def _origin(row: ResultRow) -> Origin:
    return Origin(row.import_job_id, row.part_no, row.row_number, row.file_name, row.uploaded_by, row.uploaded_at)


def states(unit: Unit, rids: Sequence[int]) -> dict[int, State]:
    """Return the verdicts on these contacts."""
    found = unit.execute(
        "select rid, status, reason_code, validated_at, details_json -> 'flags' as flags"
        " from mkt.email_validations where rid = any(cast(:rids as bigint[]))",
        {"rids": list(rids)},
    )
    return {row.rid: State(row.status, row.reason_code, row.validated_at, tuple(row.flags or ())) for row in found}


def messages(unit: Unit, cid: UUID, rids: Sequence[int], since: timedelta) -> dict[int, list[datetime]]:
    """Return when other campaigns wrote to these contacts lately, by contact."""
    found = unit.execute(
        "select rid, created_at from mtrk.mensagens where tenant_id = :tenant and rid = any(cast(:rids as bigint[]))"
        " and cid <> :cid and created_at > now() - make_interval(secs => :seconds) order by created_at",
        {"tenant": unit.tenant_id, "rids": list(rids), "cid": cid, "seconds": since.total_seconds()},
    )
    sent: dict[int, list[datetime]] = {}
    for row in found:
        sent.setdefault(row.rid, []).append(row.created_at)
    return sent


def frozen(unit: Unit, cid: UUID, rid: int) -> dict[str, Any] | None:
    """Return what was frozen of a contact when the campaign was sent."""
    row = unit.execute(
        "select outcome, rule, reason, decided_at from mkt.campaign_contacts where cid = :cid and rid = :rid",
        {"cid": cid, "rid": rid},
    ).one_or_none()
    return None if row is None else dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)
