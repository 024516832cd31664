"""A job that rests: since when, and who asked for it."""

from __future__ import annotations

from typing import Any

from cli.session import Session
from db.reports import JobReport


def tell_paused(session: Session, report: JobReport) -> None:
    """Say on the way that the job rests, if it does."""
    if report.paused_at is not None:
        session.screen.tell("paused.since", **_told(report))


def show_paused(session: Session, report: JobReport) -> None:
    """Print that the job rests, if it does."""
    if report.paused_at is not None:
        session.screen.say("paused.since", **_told(report))


def _told(report: JobReport) -> dict[str, Any]:
    return {"since": report.paused_at, "by": report.paused_by or "-", "id": str(report.import_job_id)}
