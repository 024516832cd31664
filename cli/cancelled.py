"""What a job that was cancelled had written by then, and how it is taken back."""

from __future__ import annotations

from typing import Any

from cli.session import Session
from db.reports import JobReport
from db.statuses import FILE_KINDS, JobKind, JobStatus


def written(report: JobReport) -> dict[str, Any] | None:
    """Return what stays of a job of a file that was cancelled, as other programs read it; None: it was not."""
    if report.status != JobStatus.CANCELLED or report.kind not in FILE_KINDS:
        return None
    is_trial = report.kind == JobKind.DRY_RUN  # its counters foresee
    return {
        "rows": report.total_rows,
        "contacts_created": 0 if is_trial else report.contacts_created,
        "contacts_updated": 0 if is_trial else report.contacts_updated,
        "links_added": 0 if is_trial else report.links_added,
        "opt_outs_added": 0 if is_trial else report.opt_outs_added,
    }


def closing_cancelled(session: Session, report: JobReport) -> None:
    """Print what stays of a job that was cancelled, and the command that takes it back."""
    words, screen = session.words, session.screen
    stays = written(report) or {}
    rows = words.count("row", stays.pop("rows", 0))
    if not any(stays.values()):
        screen.say("closing.cancelled_early", rows=rows)
        return
    screen.say(
        "closing.cancelled",
        rows=rows,
        new=stays["contacts_created"],
        updated=stays["contacts_updated"],
        joined=stays["links_added"],
        audience=report.audience,
        opt_outs=stays["opt_outs_added"],
        id=str(report.import_job_id),
    )
