"""How an undo came out: for people in sentences that add up, for programs as figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cli.session import Session
from db import reports, undos
from db.reports import JobReport
from db.statuses import JobStatus, UndoOutcome
from db.undos import Summary


def counted(lines: Sequence[Summary]) -> dict[str, Any]:
    """Return how many things were taken back, are kept and failed; and by thing, with the reasons."""
    things: dict[str, dict[str, Any]] = {}
    for line in lines:
        of_thing = things.setdefault(str(line.thing), {"reversed": 0, "kept": {}, "failed": {}})
        if line.reason is None:
            of_thing["reversed"] += line.things
        else:
            of_thing[str(line.outcome)][str(line.reason)] = line.things
    sums = {str(each): sum(line.things for line in lines if line.outcome is each) for each in UndoOutcome}
    return {**sums, "things": things}


def undo_document(session: Session, report: JobReport) -> dict[str, Any]:
    """Return what an undo did, as other programs read it (the contract is in ``docs/cli.md``)."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        lines = undos.summary(unit, report.import_job_id)
        again = undos.kept_for(unit, report.import_job_id)
    return {"undoes": report.parent_job_id, **counted(lines), "undo_again": again}


def undo_of(session: Session, report: JobReport) -> dict[str, Any] | None:
    """Return the newest undo of an import, as the import's own document has it; None: nobody asked for one."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = undos.newest_undo(unit, report.import_job_id)
        undo = None if found is None else reports.job(unit, found)
    if undo is None:
        return None
    return {
        "import_job_id": undo.import_job_id,
        "status": undo.status,
        "requested_at": undo.created_at,
        "requested_by": undo.uploaded_by,
        "finished_at": undo.finished_at,
        "reversed": undo.ok_rows,
        "not_reversed": undo.error_rows,
    }


def show_lines(session: Session, of: JobReport | Sequence[Summary]) -> None:
    """Print how many of which things were taken back, kept or failed, and why."""
    if isinstance(of, JobReport):
        with session.context.database.reading(session.tenant.tenant_id) as unit:
            of = undos.summary(unit, of.import_job_id)
    words = session.words
    if of:
        session.screen.line()
        session.screen.table(
            ("undo.things", "undo.thing", "undo.outcome", "undo.reason"),
            [
                (
                    line.things,
                    words.say(f"undo.thing.{line.thing}"),
                    words.say(f"undo.outcome.{line.outcome}"),
                    "" if line.reason is None else words.say(f"undo.reason.{line.reason}"),
                )
                for line in of
            ],
        )


def closing_undo(session: Session, report: JobReport) -> None:
    """Print how the undo ended: every thing that the import did is accounted for."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        told = counted(undos.summary(unit, report.import_job_id))
        again = undos.kept_for(unit, report.import_job_id)
    sums = {str(each): told[str(each)] for each in UndoOutcome}
    ids = {"id": str(report.import_job_id), "job": str(report.parent_job_id)}
    if report.status == JobStatus.CANCELLED:
        session.screen.say("undo.cancelled", **sums, **ids)
        return
    session.screen.say("undo.sum", things=session.words.count("thing", report.total_rows), **sums)
    if report.error_rows:
        session.screen.say("undo.more", **ids)
    for each in again:
        session.screen.say("undo.again", id=str(each))


def tell_undo(session: Session, report: JobReport) -> None:
    """Say that an import was taken back, when and by whom, or that somebody has begun to."""
    undo = undo_of(session, report)
    if undo is None:
        return
    session.screen.say(
        f"undo.was.{undo['status']}",
        when=undo["finished_at"] or undo["requested_at"],
        user=undo["requested_by"] or "?",
        reversed=undo["reversed"],
        others=undo["not_reversed"],
        id=str(undo["import_job_id"]),
    )
