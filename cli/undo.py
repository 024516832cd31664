"""`mkt job undo` and `mkt job undone`: taking an import back, and what became of each thing that it did."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from cli.command import MOST
from cli.crew import require_broker
from cli.exports import Delimiter, Export, Force, FormatChoice, Output, Wanted, export, stem
from cli.find_job import find_job
from cli.finishing import finish, load
from cli.outcome import closing
from cli.refusals import Refusal, RefusedError
from cli.rows import SCREENFUL
from cli.session import Session
from cli.undo_outcome import counted, show_lines
from cli.words import help_text
from db import outcomes, undos
from db.reports import JobReport
from db.statuses import JobKind, UndoOutcome
from db.undos import Line
from pipeline.exports import Table
from pipeline.undoing import UndoRefusedError, forecast, request

Id = Annotated[str, typer.Argument(metavar="ID", help=help_text("job_id"))]
_COLUMNS: Final = ("rid", "email", "part_no", "row_number", "thing", "outcome", "reason", "fields")


def undo(
    session: Session,
    job: Id,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=help_text("undo.dry_run"))] = False,
    again: Annotated[bool, typer.Option("--again", help=help_text("undo.again"))] = False,
    detach: Annotated[bool, typer.Option("--detach", help=help_text("detach"))] = False,
) -> None:
    """Take an import back, but for what somebody has built on since."""
    target = find_job(session, job)
    try:
        if dry_run:
            _foresee(session, target, again=again)
            return
        require_broker(session)
        receipt = request(session.context, session.tenant.tenant_id, session.user_id, target.import_job_id, again=again)
    except UndoRefusedError as refused:
        raise RefusedError(Refusal(f"undo.{refused.problem}"), **refused.params) from None
    report = load(session, receipt.import_job_id)
    if receipt.reused:
        told = {"when": report.created_at, "user": report.uploaded_by or "?", "id": str(report.import_job_id)}
        session.screen.tell("undo.running", file=report.file_name, **told)
    asked = session.words.say("undo.requested", id=str(report.import_job_id), file=report.file_name)
    finish(session, report, reused=receipt.reused, detach=detach, asked=asked, show=_show)


def _show(session: Session, report: JobReport) -> None:
    show_lines(session, report)
    closing(session, report)


def _foresee(session: Session, target: JobReport, *, again: bool) -> None:
    lines = forecast(session.context, session.tenant.tenant_id, target.import_job_id, again=again)
    told = counted(lines)
    if session.asked.json:
        session.screen.document({"undoes": target.import_job_id, "dry_run": True, **told})
        return
    show_lines(session, lines)
    session.screen.line()
    things = session.words.count("thing", sum(told[str(each)] for each in UndoOutcome))
    sums = {str(each): told[str(each)] for each in UndoOutcome}
    session.screen.say("undo.foreseen", things=things, id=str(target.import_job_id), **sums)


def undone(
    session: Session,
    job: Id,
    outcome: Annotated[UndoOutcome | None, typer.Option("--outcome", help=help_text("undo.outcome"))] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=MOST, metavar="N", help=help_text("rows_limit"))
    ] = SCREENFUL,
    output: Output = None,
    format_: FormatChoice = None,
    delimiter: Delimiter = None,
    force: Force = False,
) -> None:
    """Show what an undo did with each thing, or write that into a file."""
    undo_job, target = _which(session, job)
    if output is not None or format_ is not None:
        what = Export(
            name=session.words.say("export_name.undone", stem=stem(undo_job.file_name)),
            action="undo_exported",
            subject=str(undo_job.import_job_id),
            details={"outcome": outcome},
        )
        with session.context.database.reading(session.tenant.tenant_id, outcomes.LIMITS) as unit:
            found = undos.lines(unit, undo_job.import_job_id, target, outcome)
            export(session, what, Wanted(output, format_, delimiter, force), lambda: Table(_COLUMNS, _cells(found)))
        return
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        shown = list(islice(undos.lines(unit, undo_job.import_job_id, target, outcome), limit or None))
    if session.asked.json:
        session.screen.document([_document(line) for line in shown])
        return
    columns = ("normalized_email", "undo.thing", "undo.outcome", "undo.reason", "undo.fields")
    session.screen.table(columns, [_line(session, line) for line in shown])
    if limit and len(shown) == limit:
        session.screen.say("rows_cut", n=limit)


def _which(session: Session, job: str) -> tuple[JobReport, UUID]:
    """Return the newest undo of the import that is meant, or the undo itself, and the import."""
    report = find_job(session, job)
    if report.kind == JobKind.UNDO and report.parent_job_id is not None:
        return report, report.parent_job_id
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = undos.newest_undo(unit, report.import_job_id)
    if found is None:
        raise RefusedError(Refusal.UNDO_NOT_UNDONE, id=str(report.import_job_id))
    return load(session, found), report.import_job_id


def _cells(found: Iterator[Line]) -> Iterator[list[str]]:
    for line in found:
        values = _document(line)
        values["fields"] = ", ".join(line.fields or ())
        yield ["" if values[name] is None else str(values[name]) for name in _COLUMNS]


def _document(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in _COLUMNS}


def _line(session: Session, line: Line) -> tuple[object, ...]:
    words = session.words
    why = "" if line.reason is None else words.say(f"undo.reason.{line.reason}")
    return (
        line.email, words.say(f"undo.thing.{line.thing}"), words.say(f"undo.outcome.{line.outcome}"), why,
        ", ".join(line.fields or ()),
    )  # fmt: skip
