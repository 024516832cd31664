"""Who belongs to an audience, with what was said of consent: joined by imports, taken out and brought back by people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from db import audit
from db.contact_turns import share_contacts
from db.row_ranges import RowRange
from db.statements import statement
from db.statuses import ConsentSource, LegalBasis
from db.unit import Unit


@dataclass(frozen=True)
class Told:
    """What a job was told of consent beside its rows, and whether it brings people back who were taken out.

    ``form`` and ``evidence`` are in the words of whoever asked for the job.
    """

    basis: LegalBasis | None = None
    source: ConsentSource | None = None
    collected_at: datetime | None = None
    form: str | None = None
    evidence: str | None = None
    readmit: bool = False


@dataclass(frozen=True)
class Linked:
    """What became of a chunk's contacts: how many joined, were ``kept_out``, and joined without a legal basis (``unstated``)."""

    added: int
    kept_out: int
    unstated: int


def forecast(unit: Unit, rows: RowRange, audience_id: UUID, told: Told) -> Linked:
    """Return what `link` would do with the contacts of the chunk now."""
    unit.look_up_by_key()
    values = {**rows.parameters(), "audience": audience_id, "basis": told.basis, "readmit": told.readmit}
    row = unit.execute(statement("forecast_links"), values).one()
    return Linked(row.added, row.kept_out, row.unstated)


def link(unit: Unit, rows: RowRange, audience_id: UUID, told: Told, *, contacts: int, user_id: UUID) -> Linked:
    """Put every one of the chunk's ``contacts`` into the audience, with the row it came from and what was said of consent.

    Who is in it already keeps the provenance of the first time; where nobody had said why they may be written to, what is said
    now is taken. Who was taken out by people stays out, or comes back where the job was told so.
    """
    share_contacts(unit)
    unit.look_up_by_key()
    of_chunk = {**rows.parameters(), "audience": audience_id}
    said = {
        "basis": told.basis,
        "source": told.source,
        "collected_at": told.collected_at,
        "form": told.form,
        "evidence": json.dumps({} if told.evidence is None else {"evidence": told.evidence}),
    }
    back, back_unstated = 0, 0
    if told.readmit and _any_taken_out(unit, audience_id):
        back, back_unstated = unit.execute(statement("readmit_contacts"), {**of_chunk, "basis": told.basis}).one()
        if back:
            details = {"audience_id": str(audience_id), "contacts": back}
            job = str(rows.import_job_id)
            audit.record(unit, action="members_readmitted", subject=job, user_id=user_id, details=details)
    added, unstated = unit.execute(statement("link_contacts"), {**of_chunk, **said}).one()
    kept_out = 0
    if added < contacts:  # whom this statement put there has all that was said
        # New statements, which see who was put there meanwhile by others.
        unit.execute(statement("state_consents"), {**of_chunk, **said})
    if added < contacts and _any_taken_out(unit, audience_id):
        kept_out = unit.execute(statement("count_kept_out"), of_chunk).scalar_one()
    return Linked(back + added, kept_out, back_unstated + unstated)


def _any_taken_out(unit: Unit, audience_id: UUID) -> bool:
    return bool(
        unit.execute(
            "select exists (select from mkt.audience_contacts where audience_id = :audience"
            " and removed_at is not null and removed_by_job_id is null)",
            {"audience": audience_id},
        ).scalar_one()
    )


#: What a person of an audience is, for whoever takes them out or brings them back.
_MEMBER: Final = (
    "select l.rid from mtrk.contatos c join mkt.audience_contacts l on l.rid = c.rid and l.audience_id = :audience"
    " where c.tenant_id = :tenant and c.email = :email"
)


def remove(unit: Unit, audience_id: UUID, email: str, *, reason: str, user_id: UUID) -> bool:
    """Take somebody out of the audience, for good; False: they are not in it. ``email`` is in its stored form.

    That a job had brought them back is over with it: nobody takes that back any more. Whom a correction took out under
    this address is taken out by people from now on: no undo of it brings them back.
    """
    removed = unit.execute(
        "update mkt.audience_contacts set removed_at = now(), removed_by_user_id = :user, removal_reason = nullif(:reason, ''),"
        " removed_by_job_id = null, readmitted_by_job_id = null, readmitted_before = null"
        " where audience_id = :audience and (removed_at is null or removed_by_job_id is not null)"
        f" and rid = ({_MEMBER}) returning rid",
        {"audience": audience_id, "tenant": unit.tenant_id, "email": email, "user": user_id, "reason": reason},
    ).scalar_one_or_none()
    return removed is not None and _record(unit, "member_removed", audience_id, removed, user_id)


def readmit(unit: Unit, audience_id: UUID, email: str, *, user_id: UUID) -> bool:
    """Bring somebody back who was taken out of the audience by people; False: nobody took them out."""
    back = unit.execute(
        "update mkt.audience_contacts set removed_at = null, removed_by_user_id = null, removal_reason = null"
        " where audience_id = :audience and removed_at is not null and removed_by_job_id is null"
        f" and rid = ({_MEMBER}) returning rid",
        {"audience": audience_id, "tenant": unit.tenant_id, "email": email},
    ).scalar_one_or_none()
    return back is not None and _record(unit, "member_readmitted", audience_id, back, user_id)


def _record(unit: Unit, action: str, audience_id: UUID, rid: int, user_id: UUID) -> bool:
    audit.record(unit, action=action, subject=str(audience_id), user_id=user_id, details={"rid": rid})
    return True
