"""A job's rows in the columns of their file, with what became of them beside, as a file that leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cli.exports import Export, Wanted, export, stem
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from db import outcomes
from db.outcomes import RowsWanted
from db.reports import JobReport
from pipeline.exports import ExportFormat, Originals, Table
from pipeline.job_rows import OriginalRow, original_rows, surplus
from pipeline.reading import FileReading, Format

#: The column that tells parts of a file from each other; only where there are several.
PART = "part_no"


@dataclass(frozen=True)
class Beside:
    """What stands beside the columns of the file: names, and the cells of a row in the same order."""

    columns: Sequence[str]
    cells: Callable[[OriginalRow], list[str]]


def export_rows(
    session: Session, report: JobReport, wanted: Wanted, rows: RowsWanted, beside: Beside, *, action: str, kind: str
) -> None:
    """Write the job's wanted rows into a file that is named after the job's, and after the ``kind`` of rows.

    Raises RefusedError where the rows are not known yet or the records are kept no more.
    """
    if report.reading is None:
        raise RefusedError(Refusal.NO_ROWS_YET, id=str(report.import_job_id))
    if report.erased_at is not None:
        raise RefusedError(Refusal.PRIVACY_FILE_ERASED, id=str(report.import_job_id))
    if report.files_deleted_at is not None:
        raise RefusedError(Refusal.PRIVACY_FILE_EXPIRED, id=str(report.import_job_id), when=report.files_deleted_at)
    reading = FileReading.from_json(report.reading)
    if report.finished_at is None:
        session.screen.tell("export_unfinished", id=str(report.import_job_id))
    what = Export(
        name=session.words.say(f"export_name.{kind}", stem=stem(report.file_name)),
        action=action,
        subject=str(report.import_job_id),
        details={"kind": kind},
        format=ExportFormat.XLSX if reading.parts[0].format is Format.WORKBOOK else ExportFormat.CSV,
        delimiter=reading.parts[0].delimiter,
    )
    export(session, what, wanted, lambda: _table(session, report, reading, rows, beside))


def _table(session: Session, report: JobReport, reading: FileReading, wanted: RowsWanted, beside: Beside) -> Table:
    several = len(reading.parts) > 1
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        chunks = outcomes.chunks(unit, report.import_job_id)
    store = session.context.store
    try:
        widest = surplus(store, chunks, reading)
    except FileNotFoundError:
        raise RefusedError(Refusal.RECORDS_GONE, id=str(report.import_job_id)) from None
    added = (PART, *beside.columns) if several else tuple(beside.columns)
    originals = Originals.of(reading.parts, added, surplus=widest)

    def rows() -> Iterator[list[str]]:
        # The transaction ends with the last row, not with the file.
        with session.context.database.reading(session.tenant.tenant_id, outcomes.LIMITS) as unit:
            try:
                for found in original_rows(unit, store, chunks, wanted):
                    part = [str(found.part_no)] if several else []
                    yield originals.row(found.part_no, found.cells, [*part, *beside.cells(found)])
            except FileNotFoundError:
                raise RefusedError(Refusal.RECORDS_GONE, id=str(report.import_job_id)) from None

    return Table(originals.header, rows())
