"""How a job came out: its document for programs, and for people the sentence that adds up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from cli.audiences import find
from cli.cancelled import closing_cancelled, written
from cli.quarantines import document as quarantine_document
from cli.quarantines import quarantine_of
from cli.quarantines import tell as tell_quarantine
from cli.send_outcome import closing_send, send_document, show_exclusions
from cli.session import Session
from cli.suppression_outcome import closing_suppression, opted_out
from cli.undo_outcome import closing_undo, show_lines, tell_undo, undo_document, undo_of
from cli.waiting import looked_up, sentence, waiting_document
from db import audiences, import_rows, reports, suggestions, validations
from db.reports import JobReport
from db.statuses import JobKind, JobStatus, VerdictStatus
from pipeline.exports.sentences import failure_retold
from pipeline.problems import FileProblemCode, RowProblem
from pipeline.reading import FileReading
from pipeline.verdicts import ReasonCode

#: Exit code of a command whose job failed or was cancelled.
FAILED = 1
#: Exit code of a command that was interrupted: 128 and the number of SIGINT.
INTERRUPTED = 130
#: Characters of a cell that is shown as an example.
LONGEST_EXAMPLE = 60


def exit_code(report: JobReport) -> int:
    """Return 1 for a job that failed or was cancelled."""
    return FAILED if report.status in (JobStatus.FAILED, JobStatus.CANCELLED) else 0


def job_document(session: Session, report: JobReport, *, reused: bool = False) -> dict[str, Any]:
    """Return the job as other programs read it (the contract is in ``docs/cli.md``)."""
    with session.context.database.reading(session.tenant.tenant_id, reports.LIMITS) as unit:
        verdicts = validations.verdicts_of_job(unit, report.import_job_id)
        errors = import_rows.errors_by_code(unit, report.import_job_id)
        warnings = import_rows.warnings_by_code(unit, report.import_job_id)
        mended = import_rows.mended(unit, report.import_job_id)
    fields = (
        "import_job_id", "kind", "status", "stage", "file_name", "file_hash", "file_bytes", "audience", "audience_id", "uploaded_by",
        "options", "request_id", "records_seen", "total_rows", "ok_rows", "error_rows", "duplicate_rows", "blank_rows",
        "contacts_created", "contacts_updated", "contacts_unchanged", "links_added", "links_existing", "links_kept_out", "consents_unstated",
        "opt_outs_said", "opt_outs_added", "opt_outs_protected", "parent_job_id", "reading",
    )  # fmt: skip
    own: dict[str, Any] = {}
    if report.kind == JobKind.SUPPRESSION:
        own["opt_outs"] = opted_out(session, report)
    elif report.kind == JobKind.SEND:
        own |= send_document(session, report)
    elif report.kind == JobKind.UNDO:
        own |= undo_document(session, report)
    # A send that waits for verdicts says for how many, beside what its chunks wait for.
    waits = {**(waiting_document(looked_up(session, report), session.settings) or {}), **(own.get("waits_for") or {})}
    last = (
        "lane",
        "paused_at",
        "paused_by",
        "failure_code",
        "failure_detail",
        "created_at",
        "started_at",
        "finished_at",
        "erased_at",
        "files_deleted_at",
    )
    return {
        **{name: getattr(report, name) for name in fields},
        "verdicts": {str(status): verdicts.get(status, 0) for status in VerdictStatus},
        "errors_by_code": errors,
        "warnings_by_code": warnings,
        "mended_by_code": mended,
        **own,
        "waits_for": waits or None,
        "written": written(report),
        "quarantine": quarantine_document(quarantine_of(session, report)),
        "undo": undo_of(session, report),
        **{name: getattr(report, name) for name in last},
        "reused": reused,
    }


def show_job(session: Session, report: JobReport) -> None:
    """Print a job: what it is, what went wrong with rows, what its contacts are worth, and the closing sentence."""
    words, screen = session.words, session.screen
    screen.facts(
        [
            ("id", str(report.import_job_id)),
            ("status", words.say(f"status.{report.status}")),
            ("stage", words.say(f"stage.{report.stage}") if report.finished_at is None else None),
            ("campaign" if report.kind == JobKind.SEND else "file", report.file_name),
            ("audience", report.audience),
            ("user", report.uploaded_by),
            ("on_existing", str(report.options.get("on_existing", ""))),
            ("created_at", report.created_at),
            ("finished_at", report.finished_at),
        ]
    )
    if report.kind == JobKind.SEND:
        show_exclusions(session, report)
    if report.kind == JobKind.UNDO:
        show_lines(session, report)
    show_notices(session, report)
    show_errors(session, report)
    show_verdicts(session, report)
    closing(session, report)
    tell_undo(session, report)


def show_notices(session: Session, report: JobReport) -> None:
    """Print what must be said about how the file was read."""
    if report.reading is None:
        return
    reading = FileReading.from_json(report.reading)
    for notice in (*reading.notices, *(notice for part in reading.parts for notice in part.notices)):
        session.screen.line(session.words.notice(notice))


def show_errors(session: Session, report: JobReport) -> None:
    """Print the problems of rows, the most frequent first, each with its first row."""
    with session.context.database.reading(session.tenant.tenant_id, reports.LIMITS) as unit:
        found = reports.error_examples(unit, report.import_job_id)
    if not found:
        return
    session.screen.line()
    session.screen.table(
        ("rows", "problem", "code", "row", "example"),
        [
            (rows, session.words.problem(RowProblem(code)), code, str(number), shortened(raw))
            for code, rows, number, raw, _ in found
        ],
    )
    with session.context.database.reading(session.tenant.tenant_id, reports.LIMITS) as unit:
        mended = sum(import_rows.mended(unit, report.import_job_id).values())
    if mended:
        session.screen.say("rows_mended", n=mended)


def shortened(raw: str) -> str:
    """Return a cell of a file with its middle left out where it is long."""
    return raw if len(raw) <= LONGEST_EXAMPLE else f"{raw[: LONGEST_EXAMPLE // 2]}…{raw[-LONGEST_EXAMPLE // 2 + 1 :]}"


def show_verdicts(session: Session, report: JobReport) -> None:
    """Print how many of the job's contacts have which verdict now, and why, and which command says more."""
    with session.context.database.reading(session.tenant.tenant_id, reports.LIMITS) as unit:
        found = validations.reasons_of_job(unit, report.import_job_id)
        if not found:
            return
        mistyped = sum(each.contacts for each in suggestions.of_job(unit, report.import_job_id, report.audience_id))
    session.screen.line()
    session.screen.table(
        ("contacts", "verdict", "code", "reason"),
        [
            (number, session.words.say(f"verdict.{status}"), reason, session.words.reason(reason))
            for status, reason, number in found
        ],
    )
    if mistyped:
        session.screen.say(
            "verdicts.mistyped", addresses=session.words.count("mistyped", mistyped), id=str(report.import_job_id)
        )
    # A job ends with contacts that nobody has asked about only where the resolver is not believed.
    if report.finished_at is not None and any(reason == ReasonCode.NOT_YET_CHECKED for _, reason, _ in found):
        session.screen.say("verdicts.waiting")


def closing(session: Session, report: JobReport) -> None:
    """Print how the job ended, in a sentence that adds up."""
    words, screen = session.words, session.screen
    screen.line()
    if report.cancel_requested_at is not None and report.status == JobStatus.DONE:
        screen.say("closing.cancel_late", at=report.cancel_requested_at)
    if report.kind == JobKind.SEND:
        closing_send(session, report)
    elif report.status == JobStatus.FAILED:
        # The bytes of a file stay as they are: trying the same ones again helps against everything but themselves.
        key = "closing.failed_file" if report.failure_code in set(FileProblemCode) else "closing.failed"
        reason = failure_retold(report.failure_code or "", report.failure_detail or "", words.lang)
        screen.say(key, reason=reason, id=str(report.import_job_id))
    elif report.status in (JobStatus.DONE, JobStatus.CANCELLED) and report.kind in _OWN_CLOSINGS:
        _OWN_CLOSINGS[JobKind(report.kind)](session, report)
    elif report.status == JobStatus.CANCELLED:
        closing_cancelled(session, report)
    elif report.status == JobStatus.DONE:
        _closing_import(session, report)
    else:
        screen.say("closing.running", stage=words.say(f"stage.{report.stage}"), id=str(report.import_job_id))
    if (found := looked_up(session, report)) is not None:
        screen.line(sentence(words, found, session.settings))


def _closing_import(session: Session, report: JobReport) -> None:
    words, screen = session.words, session.screen
    screen.say(
        "closing.sum",
        records=words.count("record", report.records_seen),
        blank=report.blank_rows,
        errors=report.error_rows,
        duplicates=report.duplicate_rows,
        contacts=words.count("contact", report.ok_rows),
    )
    screen.say(
        "closing.planned" if report.kind == JobKind.DRY_RUN else "closing.contacts",
        new=report.contacts_created,
        updated=report.contacts_updated,
        unchanged=report.contacts_unchanged,
    )
    if report.opt_outs_said or report.opt_outs_protected:
        screen.say(
            "closing.opt_outs",
            said=report.opt_outs_said,
            added=report.opt_outs_added,
            protected=report.opt_outs_protected,
        )
    if report.links_kept_out:
        screen.say("consent.kept_out", contacts=words.count("contact", report.links_kept_out))
    if report.consents_unstated:
        screen.say("consent.unstated", contacts=words.count("contact", report.consents_unstated))
    if report.kind == JobKind.DRY_RUN:
        screen.say("closing.dry_run", id=str(report.import_job_id))
        return
    audience = find(session, str(report.audience_id))
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        contacts = audiences.count_contacts(unit, audience.audience_id)
    screen.say(
        "closing.audience",
        audience=report.audience,
        joined=report.links_added,
        already=report.links_existing,
        contacts=words.count("contact", contacts),
    )
    if report.kind == JobKind.CORRECTION:
        with session.context.database.reading(session.tenant.tenant_id) as unit:
            left = words.count("contact", suggestions.retired(unit, report.import_job_id))
        screen.say("closing.correction", left=left)
    tell_quarantine(session, report)


def close_erasure(session: Session, report: JobReport) -> None:
    """Print what an erasure took away."""
    if report.status == JobStatus.CANCELLED:
        session.screen.say("privacy.cancelled")
        return
    erased = report.options.get("erased", {})
    contacts, rows, jobs = erased.get("contacts", 0), erased.get("rows", 0), len(erased.get("jobs", ()))
    count = session.words.count
    if contacts or rows or jobs:
        told = {"contacts": count("contact", contacts), "rows": count("row", rows), "jobs": count("job", jobs)}
        session.screen.say("privacy.done", **told)
    else:
        session.screen.say("privacy.done_unknown")


#: Kinds of jobs that say in sentences of their own how they ended.
_OWN_CLOSINGS: Final[Mapping[JobKind, Callable[[Session, JobReport], None]]] = {
    JobKind.SUPPRESSION: closing_suppression,
    JobKind.ERASURE: close_erasure,
    JobKind.UNDO: closing_undo,
}
