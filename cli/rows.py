"""`mkt job rows`: what became of each row, on the screen or in a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any, Final

import typer

from cli.command import MOST
from cli.exports import Delimiter, Force, FormatChoice, Output, Wanted
from cli.find_job import find_file_job
from cli.originals import Beside, export_rows
from cli.preview import problem_title
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import import_rows, outcomes
from db.import_rows import RowFilter
from db.outcomes import EFFECTS, Outcome, RowOutcome, RowsWanted
from db.reports import JobReport
from db.statuses import JobKind, ParseStatus
from pipeline.exports.sentences import retold
from pipeline.job_rows import OriginalRow

#: Rows on the screen where nobody said how many.
SCREENFUL: Final = 100


class RowStatus(StrEnum):
    """What a row came out as, for people: a duplicate has an address too, but is counted apart."""

    OK = "ok"
    ERROR = "error"
    DUPLICATE = "duplicate"


_FILTERS: Final = {
    None: (None, None),
    RowStatus.OK: (ParseStatus.OK, False),
    RowStatus.ERROR: (ParseStatus.ERROR, None),
    RowStatus.DUPLICATE: (None, True),
}


def rows(
    session: Session,
    job: Annotated[str, typer.Argument(metavar="ID", help=help_text("job_id"))],
    outcome: Annotated[Outcome | None, typer.Option("--outcome", help=help_text("row_outcome"))] = None,
    status: Annotated[RowStatus | None, typer.Option("--status", help=help_text("row_status"))] = None,
    code: Annotated[str | None, typer.Option("--code", metavar="CODE", help=help_text("row_code"))] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=MOST, metavar="N", help=help_text("rows_limit"))
    ] = SCREENFUL,
    output: Output = None,
    format_: FormatChoice = None,
    delimiter: Delimiter = None,
    force: Force = False,
) -> None:
    """Show what became of each row; with a file or a format, write the rows into a file."""
    report = find_file_job(session, job)
    if outcome in EFFECTS and report.kind == JobKind.DRY_RUN:
        raise RefusedError(Refusal.NO_EFFECTS, id=str(report.import_job_id))
    parse_status, duplicates = _FILTERS[status]
    wanted = RowsWanted(outcome, parse_status, code, duplicates)
    if output is not None or format_ is not None:
        _export(session, report, wanted, Wanted(output, format_, delimiter, force))
        return
    found = list(islice(_found(session, report, wanted, limit), limit or None))
    if session.asked.json:
        session.screen.document(found)
    else:
        _show(session, found, limit)


def _found(session: Session, report: JobReport, wanted: RowsWanted, limit: int) -> Iterator[dict[str, Any]]:
    """Yield the wanted rows as they are shown; which of them had which effect is looked up only where that was asked."""
    job = report.import_job_id
    with session.context.database.reading(session.tenant.tenant_id, outcomes.LIMITS) as unit:
        if wanted.outcome is None:
            rows_wanted = RowFilter(wanted.parse_status, wanted.error_code, wanted.duplicates)
            yield from import_rows.rows(unit, job, rows_wanted, limit=limit or None)
            return
        for chunk in outcomes.chunks(unit, job):
            for row in outcomes.rows(unit, chunk, wanted):
                yield {"part_no": chunk.rows.part_no, **asdict(row)}


def _show(session: Session, found: list[dict[str, Any]], limit: int) -> None:
    columns = ("row", "status", "raw_email", "name", "normalized_email", "problem", "detail")
    session.screen.table(columns, [_line(session, row) for row in found])
    if limit and len(found) == limit:
        session.screen.say("rows_cut", n=limit)
    for problem in Counter(row["error_code"] for row in found if row["error_code"]):
        session.screen.line(session.words.remedy(problem))


def _line(session: Session, row: dict[str, Any]) -> tuple[object, ...]:
    words = session.words
    duplicate_of, outcome = row["duplicate_of_row"], row.get("outcome")
    status = RowStatus.DUPLICATE if duplicate_of is not None else RowStatus(row["parse_status"])
    state = words.say(f"row_status.{status}") if outcome is None else words.say(f"row_outcome.{outcome}")
    detail = words.say("duplicate_of", row=str(duplicate_of)) if duplicate_of is not None else row["error_detail"]
    return (
        str(row["row_number"]), state, row["raw_email"], row["raw_name"], row["normalized_email"],
        problem_title(session, row["error_code"]), detail,
    )  # fmt: skip


def _export(session: Session, report: JobReport, rows_wanted: RowsWanted, wanted: Wanted) -> None:
    lang = session.words.lang

    def cells(found: OriginalRow) -> list[str]:
        row = found.row
        return [
            str(row.row_number),
            row.outcome or "",
            row.opt_out or "",
            row.normalized_email or "",
            row.error_code or "",
            retold(row.error_code, row.error_detail or "", lang) if row.error_code else "",
            ", ".join(warning["code"] for warning in row.warnings or ()),
            _place(found.part_no, row),
        ]

    export_rows(
        session,
        report,
        wanted,
        rows_wanted,
        Beside(
            (
                "row_number",
                "outcome",
                "opt_out",
                "normalized_email",
                "error_code",
                "error_detail",
                "warnings",
                "duplicate_of",
            ),
            cells,
        ),
        action="rows_exported",
        kind=str(rows_wanted.outcome or "rows"),
    )


def _place(part_no: int, row: RowOutcome) -> str:
    """Return the number of the row that this one is a duplicate of; with its part's, ``part:row``, where that is another."""
    if row.duplicate_of_row is None:
        return ""
    part = "" if row.duplicate_of_part == part_no else f"{row.duplicate_of_part}:"
    return f"{part}{row.duplicate_of_row}"
