"""What became of rows and contacts, for people who take them away: page by page, in memory one page at a time.

A page is one statement that reaches its rows by their keys: the rows of a chunk, or some thousand contacts of an audience.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Any, Final
from uuid import UUID

from db.row_ranges import RowRange
from db.statements import statement
from db.statuses import JobKind, ParseStatus
from db.unit import Limits, Unit

#: Contacts of a page.
PAGE: Final = 5_000
#: Every page of an export sees the same moment, so all are one transaction: this long, in seconds.
LIMITS: Final = Limits(transaction=6 * 3600)


@unique
class Outcome(StrEnum):
    """What became of a row. Each row has one of the first five, and beside it may have one of the others."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    ERROR = "error"
    KEPT_OUT = (
        "kept_out"  # the contact was taken out of the audience before, and stays out; whatever else became of the row
    )
    OPTED_OUT = "opted_out"  # the row says so, whatever became of it


#: Outcomes that only a job has that wrote contacts.
EFFECTS: Final = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.KEPT_OUT})


@dataclass(frozen=True)
class RowsChunk:
    """A chunk of a job's rows: which they are, where their records lie, and how far they are."""

    rows: RowRange
    key: str
    error_rows: int
    upserted: bool  # its contacts are written


@dataclass(frozen=True)
class RowOutcome:
    """A row, and what became of it; ``outcome`` None: not known yet, or never (a dry run, a contact that is gone)."""

    row_number: int
    raw_email: str
    raw_name: str | None
    normalized_email: str | None
    parse_status: ParseStatus
    error_code: str | None
    error_detail: str | None
    duplicate_of_part: int | None
    duplicate_of_row: int | None
    warnings: list[dict[str, str]] | None
    opt_out: str | None
    outcome: Outcome | None


@dataclass(frozen=True)
class RowsWanted:
    """Which rows are wanted; None: all."""

    outcome: Outcome | None = None
    parse_status: ParseStatus | None = None
    error_code: str | None = None
    duplicates: bool | None = None


@dataclass(frozen=True)
class Member:
    """A contact of an audience, with its verdict and the ways in which it is opted out (comma-separated)."""

    rid: int
    email: str
    name: str | None
    attributes: dict[str, Any]
    added_at: datetime
    consent_source: str | None
    legal_basis: str | None
    consented_at: datetime | None
    verdict: str | None
    verdict_reason: str | None
    opted_out: str | None


def chunks(unit: Unit, import_job_id: UUID) -> list[RowsChunk]:
    """Return the chunks of the job's rows, in file order."""
    found = unit.execute(
        "select c.part_no, c.first_row, c.last_row, c.chunk_key, c.error_rows,"
        " c.contacts_created is not null and j.kind <> :dry as upserted"
        " from mkt.import_chunks c join mkt.import_jobs j using (import_job_id)"
        " where import_job_id = :job and c.kind = 'rows' order by c.part_no, c.first_row",
        {"job": import_job_id, "dry": JobKind.DRY_RUN},
    )
    return [
        RowsChunk(
            RowRange(import_job_id, row.part_no, row.first_row, row.last_row),
            row.chunk_key,
            row.error_rows,
            row.upserted,
        )
        for row in found
    ]


def rows(unit: Unit, chunk: RowsChunk, wanted: RowsWanted) -> list[RowOutcome]:
    """Return the wanted rows of one chunk, in file order. The rest of the transaction reaches rows by their keys."""
    unit.look_up_by_key()
    status = ParseStatus.ERROR if wanted.outcome is Outcome.ERROR else wanted.parse_status
    found = unit.execute(
        statement("row_outcomes"),
        {
            **chunk.rows.parameters(),
            "upserted": chunk.upserted,
            "outcome": wanted.outcome,
            "parse_status": status,
            "error_code": wanted.error_code,
        },
    )
    picked = (_row_outcome(dict(row._mapping)) for row in found)  # noqa: SLF001 (SQLAlchemy's public name for it)
    if wanted.duplicates is None:
        return list(picked)
    return [row for row in picked if (row.duplicate_of_row is not None) == wanted.duplicates]


def _row_outcome(row: dict[str, Any]) -> RowOutcome:
    outcome = row["outcome"]
    return RowOutcome(
        **row
        | {
            "parse_status": ParseStatus(row["parse_status"]),
            "outcome": None if outcome is None else Outcome(outcome),
        }
    )


def attribute_names(unit: Unit, audience_id: UUID) -> list[str]:
    """Return the names of all attributes that contacts of the audience have, in the order of their code points."""
    found = unit.execute(
        'select distinct k.name collate "C" from mkt.audience_contacts l join mtrk.contatos c on c.rid = l.rid'
        " cross join lateral jsonb_object_keys(c.attributes) as k (name)"
        " where l.audience_id = :audience and l.removed_at is null order by 1",
        {"audience": audience_id},
    )
    return [row[0] for row in found]


def members(unit: Unit, audience_id: UUID) -> Iterator[Member]:
    """Yield the contacts of an audience, the oldest first. The rest of the transaction reaches rows by their keys."""
    unit.look_up_by_key()
    after = 0
    while True:
        page = unit.execute(
            statement("audience_page"),
            {"tenant": unit.tenant_id, "audience": audience_id, "after": after, "size": PAGE},
        ).fetchall()
        for row in page:
            yield Member(**row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)
        if len(page) < PAGE:
            return
        after = page[-1].rid
