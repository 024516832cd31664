"""The quality of sources: counted chunk by chunk while an import runs, read as sums afterwards; and of whole audiences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from db.chunks import ChunkRef, Claim
from db.row_ranges import RowRange
from db.statements import statement
from db.statuses import ChunkStage
from db.unit import Unit
from db.validations import Contacts, Terms

#: Members from which on an audience is read whole, table by table.
LARGE: Final = 20_000


@dataclass(frozen=True)
class Measured:
    """What is known of a job's contacts, summed over the chunks that ended: ``verdicts`` are {status: contacts}."""

    contacts: int
    verdicts: Mapping[str, int]
    findings: Mapping[str, int]


@dataclass(frozen=True)
class ImportQuality:
    """One row of ``mkt.v_import_quality``; what is None was not measured (the job ran before there was anything to)."""

    import_job_id: UUID
    kind: str
    status: str
    audience_id: UUID
    audience: str
    parent_job_id: UUID | None
    file_name: str
    uploaded_by: str | None
    created_at: datetime
    finished_at: datetime | None
    month: date
    records: int
    error_rows: int
    duplicate_rows: int
    contacts: int
    contacts_new: int
    contacts_known: int
    joined: int
    already_there: int
    basis_not_stated: int
    measured: int | None
    valid: int | None
    invalid: int | None
    risky: int | None
    unknown: int | None
    not_yet_checked: int | None
    role_accounts: int | None
    disposable: int | None
    typos: int | None
    known_bounces: int | None
    opted_out: int | None
    in_other_audiences: int | None
    errors_by_code: dict[str, int]
    verdicts_by_reason: dict[str, dict[str, int]] | None
    quarantine_rules: list[dict[str, Any]] | None
    quarantined_at: datetime | None
    released_at: datetime | None


@dataclass(frozen=True)
class MembersGroup:
    """Members of an audience who are alike in everything that is counted."""

    status: str
    reason_code: str
    left_out_as: str | None
    opted_out_as: str | None
    basis: str
    source: str
    contacts: int
    role_accounts: int
    disposable: int
    typos: int
    known_bounces: int
    quarantined: int


@dataclass(frozen=True)
class WaitingChunk:
    """A chunk of a job that has ended, with contacts that nobody had asked about by then."""

    ref: ChunkRef
    rows: RowRange
    audience_id: UUID


_COLUMNS = ", ".join(ImportQuality.__dataclass_fields__)


def note_errors(unit: Unit, claim: Claim, errors: Mapping[str, int]) -> None:
    """Keep how many rows of a fenced chunk were refused, by code."""
    if errors:
        unit.execute(
            "update mkt.import_chunks set errors = cast(:errors as jsonb) where import_job_id = :job and chunk_no = :chunk_no",
            {"job": claim.ref.import_job_id, "chunk_no": claim.ref.chunk_no, "errors": json.dumps(dict(errors))},
        )


def note(unit: Unit, chunk: ChunkRef, contacts: Contacts, audience_id: UUID, terms: Terms) -> None:
    """Keep what the contacts of a chunk that is locked are worth, by verdict, and what else is known of them."""
    # Most tenants that import for the first time have no opt-outs, and then there is nothing to look up.
    opt_outs = unit.execute("select exists (select from ops.suppressions)").scalar_one()
    unit.look_up_by_key()
    unit.execute(
        statement("note_quality").replace("{contacts}", contacts.select),
        {
            **contacts.parameters,
            "chunk_no": chunk.chunk_no,
            "tenant": unit.tenant_id,
            "audience": audience_id,
            "unanswered": terms.unanswered,
            "opt_outs": opt_outs,
        },
    )


def waiting(unit: Unit, now: datetime, *, most: int) -> list[WaitingChunk]:
    """Lock and return chunks with contacts who waited for DNS when they were last measured, if it is time to look again."""
    found = unit.execute(statement("waiting_chunks"), {"now": now, "most": most})
    return [
        WaitingChunk(
            ChunkRef(unit.tenant_id, row.import_job_id, row.chunk_no, ChunkStage.DONE, row.attempts),
            RowRange(row.import_job_id, row.part_no, row.first_row, row.last_row),
            row.audience_id,
        )
        for row in found
    ]


def measured(unit: Unit, import_job_id: UUID) -> Measured:
    """Return the sums over the chunks of a job whose contacts have been judged."""
    verdicts = {
        row.status: row.contacts
        for row in unit.execute(
            "select s.key as status, sum(r.value::bigint)::bigint as contacts"
            " from mkt.import_chunks c, jsonb_each(c.quality) s, jsonb_each_text(s.value) r"
            " where c.import_job_id = :job group by s.key",
            {"job": import_job_id},
        )
    }
    findings = {
        row.finding: row.contacts
        for row in unit.execute(
            "select f.key as finding, sum(f.value::bigint)::bigint as contacts"
            " from mkt.import_chunks c, jsonb_each_text(c.findings) f where c.import_job_id = :job group by f.key",
            {"job": import_job_id},
        )
    }
    return Measured(sum(verdicts.values()), verdicts, findings)


def of_imports(unit: Unit) -> list[ImportQuality]:
    """Return the quality of every import of the tenant, the oldest first."""
    found = unit.execute(f"select {_COLUMNS} from mkt.v_import_quality order by import_job_id")
    return [ImportQuality(**row._mapping) for row in found]  # noqa: SLF001 (SQLAlchemy's public name for it)


def members(unit: Unit, audience_id: UUID, import_job_id: UUID | None = None) -> list[MembersGroup]:
    """Return who is in the audience, in groups; of a job's, only those whom it brought in."""
    _read_all_at_once(unit, audience_id)
    found = unit.execute(statement("members_by_quality"), {"audience": audience_id, "job": import_job_id})
    return [MembersGroup(**row._mapping) for row in found]  # noqa: SLF001 (as above)


def overlap(
    unit: Unit, audience_id: UUID, import_job_id: UUID | None = None
) -> tuple[int, list[tuple[UUID, str, int]]]:
    """Return how many members are in other audiences as well, and (id, name, members) of each of those audiences."""
    found = unit.execute(statement("audience_overlap"), {"audience": audience_id, "job": import_job_id})
    rows = [(row.audience_id, row.name, row.contacts) for row in found]
    return next((n for key, _, n in rows if key is None), 0), [row for row in rows if row[0] is not None]


def growth(unit: Unit, audience_id: UUID, timezone: str) -> list[tuple[date, int, int]]:
    """Return (month, joined, left) for every month, in the tenant's time zone, in which somebody joined or left."""
    found = unit.execute(statement("audience_growth"), {"audience": audience_id, "timezone": timezone})
    return [(row.month, row.joined, row.gone) for row in found]


def _read_all_at_once(unit: Unit, audience_id: UUID) -> None:
    """Have the rest of the transaction read whole tables where the audience is large: row by row it would take minutes.

    The planner has old statistics, or none, of what was imported a moment ago, and would believe that there is little.
    """
    is_large = unit.execute(
        "select count(*) = :large from (select from mkt.audience_contacts where audience_id = :audience limit :large) m",
        {"audience": audience_id, "large": LARGE},
    ).scalar_one()
    if is_large:
        unit.execute(
            "select set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true),"
            " set_config('work_mem', '128MB', true)"
        )
