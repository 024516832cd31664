"""How a suppression came out: for people in sentences that add up, for programs as figures."""

from __future__ import annotations

from typing import Any

from cli.session import Session
from db import suppressions
from db.reports import JobReport
from db.statuses import JobStatus


def opted_out(session: Session, report: JobReport) -> dict[str, Any]:
    """Return what the job has said: entries of its own, those that were new, contacts among them, and entries lifted since."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        said = suppressions.of_job(unit, report.import_job_id)
    return {
        "entries": said.entries,
        "new": report.opt_outs_added,
        "already": said.entries - report.opt_outs_added,
        "contacts": said.contacts,
        "lifted": said.lifted,
    }


def closing_suppression(session: Session, report: JobReport) -> None:
    """Print how many addresses the file had, and how many of them are opted out by it alone."""
    screen, said = session.screen, opted_out(session, report)
    if report.status == JobStatus.CANCELLED:
        screen.say("suppress.cancelled", entries=said["entries"])
        return
    screen.say(
        "suppress.sum",
        records=session.words.count("record", report.records_seen),
        blank=report.blank_rows,
        errors=report.error_rows,
        duplicates=report.duplicate_rows,
        addresses=session.words.count("address", report.ok_rows),
    )
    if more := said["entries"] - report.ok_rows:
        screen.say("suppress.more", n=more)
    screen.say(
        "suppress.effect",
        entries=said["entries"],
        new=said["new"],
        already=said["already"],
        contacts=session.words.count("contact", said["contacts"]),
    )
    if said["lifted"]:
        screen.say("suppress.since", n=said["lifted"])
