"""`mkt job quarantines` and `mkt job release`: imports that campaigns leave out until somebody has looked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from cli.find_job import find_job
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import Words, help_text
from db import quarantines as db_quarantines
from db.quarantines import Quarantine
from db.reports import JobReport
from pipeline import quarantine
from pipeline.quarantine import NotQuarantinedError
from pipeline.reporting import Manner, broken_rules

#: Columns of `mkt job quarantines`.
_COLUMNS: Final = ("id", "file", "audience", "contacts", "quality.why", "quality.since", "quality.released")


def quarantines(session: Session) -> None:
    """List the quarantines, those in force first."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = db_quarantines.everything(unit)
    if session.asked.json:
        session.screen.document([_listed(each) for each in found])
    elif found:
        session.screen.table(_COLUMNS, [_line(session.words, each) for each in found])
    else:
        session.screen.say("quarantine.none")


def release(
    session: Session,
    job: Annotated[str, typer.Argument(metavar="ID", help=help_text("job_id"))],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help=help_text("quarantine.note"))],
) -> None:
    """Let campaigns have the contacts of an import in quarantine."""
    report = find_job(session, job)
    if not note.strip():
        raise RefusedError(Refusal.QUALITY_NO_NOTE)
    try:
        released = quarantine.release(
            session.context, session.tenant.tenant_id, session.user_id, report.import_job_id, note.strip()
        )
    except NotQuarantinedError:
        raise RefusedError(Refusal.QUALITY_NOT_QUARANTINED, id=str(report.import_job_id)) from None
    found = quarantine_of(session, report)
    if session.asked.json:
        session.screen.document({"released": released, "quarantine": document(found)})
        return
    session.screen.say(
        "quarantine.released", contacts=session.words.count("contact", report.links_added), file=report.file_name
    )
    for other in released[1:]:
        session.screen.say("quarantine.released_too", id=str(other))


def quarantine_of(session: Session, report: JobReport) -> Quarantine | None:
    """Return the job's quarantine, in force or released."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        return db_quarantines.of_job(unit, report.import_job_id)


def document(found: Quarantine | None) -> dict[str, Any] | None:
    """Return a quarantine as the job's document has it."""
    names = ("rules", "quarantined_at", "released_at", "released_by", "release_note")
    return None if found is None else {name: getattr(found, name) for name in names}


def tell(session: Session, report: JobReport) -> None:
    """Say that campaigns leave the job's contacts out, and why, or that somebody has released them."""
    found = quarantine_of(session, report)
    if found is None:
        return
    why = ", ".join(why_of(session.words, found))
    if found.is_in_force and report.links_added:
        # What counts is whom it brought in: who was there before is not in its quarantine.
        joined = session.words.count("contact", report.links_added)
        session.screen.say("quarantine.held", contacts=joined, why=why, id=str(report.import_job_id))
    elif not found.is_in_force:
        session.screen.say(
            "quarantine.was_held",
            why=why,
            at=found.released_at,
            user=found.released_by or "",
            note=found.release_note or "",
        )


def why_of(words: Words, found: Quarantine) -> list[str]:
    """Return the rules that were broken, in words."""
    return broken_rules(found.rules, Manner(words.lang, words.timezone))


def _listed(found: Quarantine) -> dict[str, Any]:
    return asdict(found)


def _line(words: Words, found: Quarantine) -> tuple[object, ...]:
    return (
        str(found.import_job_id)[-12:], found.file_name, found.audience, found.contacts, ", ".join(why_of(words, found)),
        found.quarantined_at, "" if found.is_in_force else f"{words.value(found.released_at)} ({found.released_by})",
    )  # fmt: skip
