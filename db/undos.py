"""Undo of an import: who is asked about it, whom it touched, what becomes of each thing that it did, and what is left.

What the import did is judged and taken back chunk by chunk, in one transaction each, contacts first and memberships after them,
both in the order of their keys. Nobody creates or links contacts of the tenant meanwhile (`hold_contacts`): otherwise an import
could find a contact that is about to go, and count on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from db.chunks import Claim
from db.contact_turns import hold_contacts
from db.contacts import Policies
from db.jobs import Job
from db.statements import statement
from db.statuses import FIRST_ROWS_CHUNK, JobKind, JobStatus, UndoOutcome, UndoReason, UndoThing
from db.unit import Unit


@dataclass(frozen=True)
class Target:
    """The import that is taken back, with what it was allowed to change."""

    job: Job
    policies: Policies

    def parameters(self) -> dict[str, object]:
        """Return what statements about it need."""
        return {
            "tenant": self.job.tenant_id,
            "import": self.job.import_job_id,
            "parent": self.job.parent_job_id,
            "is_correction": self.job.kind is JobKind.CORRECTION,
            "audience": self.job.audience,
            **self.policies.parameters(),
        }


@dataclass(frozen=True)
class LastUndo:
    """The newest undo of an import that was not cancelled: under way, failed or done."""

    import_job_id: UUID
    status: JobStatus
    is_ending: bool
    finished_at: datetime | None
    user: str | None


@dataclass(frozen=True)
class Undone:
    """How many things were taken back, are kept, and could not be taken back."""

    reversed: int = 0
    kept: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Summary:
    """One kind of lines and how many there are."""

    thing: UndoThing
    outcome: UndoOutcome
    reason: UndoReason | None
    things: int


@dataclass(frozen=True)
class Line:
    """What became of one thing; ``email`` is that of the contact, or, where it is gone, of the row that brought it in."""

    rid: int
    email: str | None
    part_no: int | None
    row_number: int | None
    thing: UndoThing
    outcome: UndoOutcome
    reason: UndoReason | None
    fields: list[str] | None


def last_undo(unit: Unit, target: UUID) -> LastUndo | None:
    """Return the import's newest undo, unless there was none or only such as were cancelled."""
    row = unit.execute(
        "select u.import_job_id, u.status, u.cancel_requested_at is not null as is_ending, u.finished_at, a.name from mkt.import_jobs u"
        " left join auth.users a on a.user_id = u.uploaded_by_user_id"
        " where u.parent_job_id = :target and u.kind = 'undo' and u.status <> 'cancelled' order by u.import_job_id desc limit 1",
        {"target": target},
    ).one_or_none()
    return None if row is None else LastUndo(row[0], JobStatus(row[1]), *row[2:])


def newest_undo(unit: Unit, target: UUID) -> UUID | None:
    """Return the newest undo of the import, however it ended."""
    return unit.execute(
        "select import_job_id from mkt.import_jobs where parent_job_id = :target and kind = 'undo' order by import_job_id desc limit 1",
        {"target": target},
    ).scalar_one_or_none()


def note_request(unit: Unit, target: UUID) -> None:
    """Write on the import that somebody asked for it to be taken back: it answers no request any more. Its row is locked."""
    unit.execute(
        "update mkt.import_jobs set undo_requested_at = coalesce(undo_requested_at, now()) where import_job_id = :target",
        {"target": target},
    )


def standing_corrections(unit: Unit, target: UUID) -> list[UUID]:
    """Return the corrections of the import that have written something, or may, and are not taken back."""
    found = unit.execute(
        "select c.import_job_id from mkt.import_jobs c where c.parent_job_id = :target and c.kind = 'correction'"
        " and (c.status in ('queued', 'processing') or exists (select from mkt.import_chunks k"
        " where k.import_job_id = c.import_job_id and k.contacts_created is not null))"
        " and not exists (select from mkt.import_jobs u where u.parent_job_id = c.import_job_id and u.kind = 'undo' and u.status = 'done')"
        " order by c.import_job_id",
        {"target": target},
    )
    return [row[0] for row in found]


def is_anything_left(unit: Unit, target: Target) -> bool:
    """Whether there is anything that the import did and that no undo has taken back."""
    return bool(unit.execute(f"select exists ({statement('touched_by_import')})", target.parameters()).scalar_one())


def kept_for(unit: Unit, undo_job_id: UUID) -> list[UUID]:
    """Return the imports that it is worth while to undo again because of this undo, its own among them.

    Those are the ones that kept something of somebody whom an import names that was taken back since.
    """
    found = unit.execute(statement("kept_for_import"), {"job": undo_job_id})
    return [row[0] for row in found]


def has_lost_rows(unit: Unit, target: UUID) -> bool:
    """Whether the rows of the import, which say what it wrote, are not kept any more."""
    return bool(
        unit.execute(
            "select j.total_rows > 0 and not exists (select from mkt.import_rows r where r.import_job_id = j.import_job_id)"
            " from mkt.import_jobs j where j.import_job_id = :target",
            {"target": target},
        ).scalar_one()
    )


def deal(unit: Unit, job: Job, target: Target) -> int:
    """Deal everybody whom the import touched into chunks; returns how many chunks."""
    values = {"job": job.import_job_id, "chunk_rows": job.chunk_rows, "first": FIRST_ROWS_CHUNK, **target.parameters()}
    return unit.execute(statement("deal_undo").replace("{touched}", statement("touched_by_import")), values).rowcount


def undo(unit: Unit, claim: Claim, target: Target) -> Undone:
    """Take back what the import did with the contacts of a chunk, but for what somebody has built on since."""
    hold_contacts(unit, claim.ref.chunk_no)
    unit.look_up_by_key()
    values = {
        "job": claim.ref.import_job_id, "first_rid": claim.first_rid, "last_rid": claim.last_rid, **target.parameters(),
        **behind(unit, target),
    }  # fmt: skip
    unit.execute(statement("lock_undone_contacts"), values)
    unit.execute(statement("lock_undone_members"), values)
    # A new statement: it sees what those have written for whom we waited.
    row = unit.execute(statement("undo_chunk").replace("{judge}", statement("judge_undo")), values).one()
    refused = unit.execute("select mkt.take_away_undone(:job, :first_rid, :last_rid)", values).scalar_one()
    return Undone(row.reversed - refused, row.kept, row.failed + refused)


def behind(unit: Unit, target: Target) -> dict[str, list[UUID]]:
    """Return the imports that ended after this one had begun, or have not (``later``), and those of them that are not taken back (``others``)."""
    found = unit.execute(
        "select j.import_job_id, not exists (select from mkt.import_jobs u"
        " where u.parent_job_id = j.import_job_id and u.kind = 'undo' and u.status = 'done') as stands"
        " from mkt.import_jobs j where j.tenant_id = :tenant and j.kind in ('import', 'correction')"
        " and j.import_job_id <> :import and (j.finished_at is null or j.finished_at >= :since)",
        {
            "tenant": unit.tenant_id,
            "import": target.job.import_job_id,
            "since": target.job.started_at or target.job.created_at,
        },
    ).all()
    return {"later": [row[0] for row in found], "others": [row[0] for row in found if row.stands]}


def forecast(unit: Unit, target: Target, *, contacts: int) -> list[Summary]:
    """Return what an undo would do now, in a unit that sees one moment; nothing is written. ``contacts``: of a step."""
    unit.execute("select set_config('work_mem', '64MB', true)")
    touched = statement("touched_by_import")
    steps = unit.execute(
        f"select min(s.rid), max(s.rid) from (select t.rid, (row_number() over (order by t.rid) - 1) / :contacts as seat from ({touched}) t) s"
        " group by s.seat order by 1",
        {"contacts": contacts, **target.parameters()},
    ).all()
    unit.look_up_by_key()
    values = {**target.parameters(), **behind(unit, target)}
    counted: dict[tuple[str, str, str | None], int] = {}
    judge = f"select thing, outcome, reason, count(*) from ({statement('judge_undo')}) j group by 1, 2, 3"
    for first, last in steps:
        for *key, number in unit.execute(judge, {**values, "first_rid": first, "last_rid": last}):
            counted[key[0], key[1], key[2]] = counted.get((key[0], key[1], key[2]), 0) + number
    return _summaries([(*key, number) for key, number in counted.items()])


def summary(unit: Unit, undo_job_id: UUID) -> list[Summary]:
    """Return what the undo did so far, by thing, outcome and reason."""
    found = unit.execute(
        "select thing, outcome, reason, count(*) from mkt.undo_items where import_job_id = :job group by 1, 2, 3",
        {"job": undo_job_id},
    )
    return _summaries([tuple(row) for row in found])


def _summaries(rows: Sequence[tuple[Any, ...]]) -> list[Summary]:
    made = [
        Summary(UndoThing(thing), UndoOutcome(outcome), None if reason is None else UndoReason(reason), number)
        for thing, outcome, reason, number in rows
    ]
    things, outcomes, reasons = list(UndoThing), list(UndoOutcome), [None, *UndoReason]
    return sorted(made, key=lambda s: (outcomes.index(s.outcome), things.index(s.thing), reasons.index(s.reason)))


def imbalance(unit: Unit, job: Job) -> str | None:
    """Return what does not add up in an undo whose chunks are all done; None: everything is accounted for."""
    row = unit.execute(
        statement("account_for_undo"),
        {"job": job.import_job_id, "import": job.parent_job_id, "audience": job.audience_id},
    ).one()
    counted = row.ok_rows, job.total_rows - row.ok_rows
    left = row.changes_left, row.links_left
    if (row.reversed, row.others) == counted and (row.changes_kept, row.links_kept) == left:
        return None
    return (
        f"{row.reversed} things were taken back and {row.others} were not, the chunks count {counted[0]} and {counted[1]};"
        f" of changes {row.changes_kept} were kept and {left[0]} are left, of memberships {row.links_kept} and {left[1]}"
    )


#: Lines of a page.
_PAGE: Final = 5_000


def lines(unit: Unit, undo_job_id: UUID, target: UUID, outcome: UndoOutcome | None) -> Iterator[Line]:
    """Yield the lines of an undo in the order of contacts; None: of all outcomes. In memory one page at a time."""
    unit.look_up_by_key()
    after: tuple[int, str] = (0, "")
    while True:
        page = unit.execute(
            statement("undo_page"),
            {"tenant": unit.tenant_id, "job": undo_job_id, "import": target, "outcome": outcome, "rid": after[0], "thing": after[1], "size": _PAGE},
        ).fetchall()  # fmt: skip
        for row in page:
            told = dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)
            told |= {"thing": UndoThing(row.thing), "outcome": UndoOutcome(row.outcome)}
            yield Line(**told | {"reason": None if row.reason is None else UndoReason(row.reason)})
        if len(page) < _PAGE:
            return
        after = (page[-1].rid, page[-1].thing)
