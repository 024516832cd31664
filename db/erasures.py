"""Erasing a person (decision 19): the block by keyed hash, who must be waited for, and what goes from which table.

Nothing here commits by itself. Addresses are bound values, which neither the server's log nor its statistics show.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.faults import see_written
from db.opt_outs import SUPPRESSIONS, take_turns
from db.overrides import hold_evidence
from db.statements import statement
from db.unit import Unit

#: A mailbox as statements look for it: the parameters of `pipeline.spellings.Spellings`.
Person = Mapping[str, Any]


@dataclass(frozen=True)
class Traces:
    """What an erasure took away: contacts that were anonymised, and rows of the ledger, by job."""

    rids: tuple[int, ...]
    rows_by_job: Mapping[UUID, int]


def block_key(unit: Unit, mailbox: str) -> tuple[bytes, int] | None:
    """Return the keyed hash of a mailbox and the version of its key; None: there is no key to hash it with."""
    row = unit.execute(
        "select mkt.keyed_hash(p.inner_pad, p.outer_pad, :mailbox) as hash, p.key_version from mkt.current_pads(:tenant) p",
        {"tenant": unit.tenant_id, "mailbox": mailbox},
    ).one_or_none()
    return None if row is None else (bytes(row.hash), row.key_version)


def running(unit: Unit, known_as: str) -> UUID | None:
    """Return the erasure of the person with this hash (hexadecimal) that has not ended; others who ask wait for its commit."""
    take_turns(unit)
    return unit.execute(
        "select import_job_id from mkt.import_jobs where tenant_id = :tenant and kind = 'erasure' and file_hash = :hash"
        " and status in ('queued', 'processing') order by import_job_id limit 1",
        {"tenant": unit.tenant_id, "hash": known_as},
    ).scalar_one_or_none()


def block(unit: Unit, key: tuple[bytes, int], *, job: UUID, rid: int | None = None) -> None:
    """Block whoever has this keyed hash, from the unit's commit on: no message, no import, whatever the address looks like.

    ``rid``: of a contact that was anonymised, whose stand-in for an address is what is hashed. Raises PassedOverError.
    """
    take_turns(unit)
    blocked = unit.execute(
        "insert into ops.suppressions (tenant_id, mailbox_hash, key_version, kind, source, import_job_id, evidence)"
        " values (:tenant, :hash, :version, 'erasure', 'erasure', :job, cast(:evidence as jsonb))",
        {
            "tenant": unit.tenant_id,
            "hash": key[0],
            "version": key[1],
            "job": job,
            "evidence": json.dumps({} if rid is None else {"rid": rid}),
        },
    ).rowcount
    see_written(SUPPRESSIONS, asked=1, written=blocked)


def has_blocks(unit: Unit) -> bool:
    """Say whether the tenant has anybody who was erased: nobody else is known without an address."""
    found = unit.execute(
        "select exists (select from ops.suppressions where tenant_id = :tenant and email is null and kind = 'erasure' and lifted_at is null)",
        {"tenant": unit.tenant_id},
    )
    return bool(found.scalar_one())


def erased_among(unit: Unit, addresses: Collection[str]) -> set[str]:
    """Return those of the addresses whose owners were erased, under any key that the tenant's hashes were made with.

    Raises sqlalchemy.exc.DBAPIError where one of these keys is missing: nobody must come back for that reason.
    """
    if not addresses:
        return set()
    found = unit.execute(
        statement("erased_among"),
        {"tenant": unit.tenant_id, "addresses": json.dumps(sorted(addresses), ensure_ascii=False)},
    )
    return {row[0] for row in found}


def unname(unit: Unit) -> int:
    """Take the names off entries about erased people that other services added since; works in a unit bound to no tenant."""
    return int(unit.execute("select mkt.unname_erased()").scalar_one())


def unfinished(unit: Unit, *, until: datetime) -> list[UUID]:
    """Return the tenant's jobs that were made up to that moment and may still bring the person's rows in."""
    found = unit.execute(
        "select import_job_id from mkt.import_jobs where tenant_id = :tenant and kind not in ('erasure', 'send')"
        " and status in ('queued', 'processing') and created_at <= :until order by import_job_id",
        {"tenant": unit.tenant_id, "until": until},
    )
    return [row[0] for row in found]


def started_at(unit: Unit, job: UUID) -> datetime:
    """Return when the erasure was first taken up: after its block had been committed."""
    moment: datetime = unit.execute(
        "select coalesce(started_at, now()) from mkt.import_jobs where import_job_id = :job", {"job": job}
    ).scalar_one()
    return moment


def erase(unit: Unit, job: UUID, person: Person) -> Traces:
    """Take the person out of every table of the tenant, but for the keyed hash. Long: it reads the whole ledger.

    Verdicts, deliveries and opt-outs of the tenant wait from here to the commit; so the ledger comes first, which nobody writes
    the person's rows to any more.
    """
    contacts = _contacts(unit, person)
    stand_ins = {email: f"erased+{rid}@erased.invalid" for rid, email in contacts}
    rids = [rid for rid, _ in contacts]
    held = unit.execute(
        "select * from mkt.erase_rows(:job, :mailbox, :pattern, :needles, cast(:stand_ins as jsonb))",
        {"job": job, **person, "stand_ins": json.dumps(stand_ins)},
    ).all()
    hold_evidence(unit, change=True)
    take_turns(unit)
    unit.execute(
        "select mkt.erase_verdicts(:job, cast(:rids as bigint[]), :pattern, :needles)",
        {"job": job, "rids": rids, **person},
    )
    unit.execute("select mkt.erase_mailbox(:job, :mailbox, :pattern)", {"job": job, **person})
    for name in ("erase_memberships", "erase_contacts", "redact_contacts", "erase_overrides", "redact_consents"):
        unit.execute(statement(name), {"tenant": unit.tenant_id, "rids": rids, **person})
    for rid, email in contacts:
        # A campaign may have chosen the contact before: whoever looks it up from now on finds a block as for the person.
        if (key := block_key(unit, stand_ins[email])) is not None:
            block(unit, key, job=job, rid=rid)
    for name in ("redact_jobs", "redact_chunks", "redact_audiences", "redact_mappings", "redact_quarantines"):
        unit.execute(statement(name), {"tenant": unit.tenant_id, "job": job, **person})
    return Traces(tuple(rids), {row.held_by: row.rows for row in held})


def _contacts(unit: Unit, person: Person) -> list[tuple[int, str]]:
    found = unit.execute(
        "select rid, email from mtrk.contatos where tenant_id = :tenant and email >= :lower and email < :upper"
        " and mkt.mailbox(email) = :mailbox order by email for no key update",
        {"tenant": unit.tenant_id, **person},
    )
    return [(row.rid, row.email) for row in found]


def hold_jobs(unit: Unit, jobs: Sequence[UUID]) -> list[UUID]:
    """Write of these jobs, and of those with the same bytes, that they held somebody who was erased.

    Returns the ones among them that have not ended: then nothing may be kept of what this unit did.
    """
    held = unit.execute(
        "select import_job_id, finished_at is not null as ended from mkt.import_jobs"
        " where tenant_id = :tenant and (import_job_id = any(:jobs)"
        " or file_key <> '' and file_key in (select k.file_key from mkt.import_jobs k where k.import_job_id = any(:jobs)))"
        " order by import_job_id for no key update",
        {"tenant": unit.tenant_id, "jobs": list(jobs)},
    ).all()
    running = [row.import_job_id for row in held if not row.ended]
    if not running:
        unit.execute(
            "update mkt.import_jobs set erased_at = coalesce(erased_at, now()) where import_job_id = any(:jobs)",
            {"jobs": [row.import_job_id for row in held]},
        )
    return running


def forget_address(unit: Unit, job: UUID, options: Mapping[str, Any]) -> None:
    """Leave of what was asked of the erasure only what names nobody: the last trace of the address."""
    unit.execute(
        "update mkt.import_jobs set options = cast(:options as jsonb) where import_job_id = :job",
        {"job": job, "options": json.dumps(dict(options))},
    )
