"""`mkt job rejects`: the rows that no contact came of, in the columns of their file, to be mended and imported again."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.exports import Delimiter, Force, FormatChoice, Output, Wanted
from cli.find_job import find_file_job
from cli.originals import Beside, export_rows
from cli.session import Session
from cli.words import help_text
from db.outcomes import Outcome, RowsWanted
from pipeline.exports.sentences import retold
from pipeline.job_rows import OriginalRow
from pipeline.problems import RowProblem
from pipeline.suggestions import suggestion


def rejects(
    session: Session,
    job: Annotated[str, typer.Argument(metavar="ID", help=help_text("job_id"))],
    output: Output = None,
    format_: FormatChoice = None,
    delimiter: Delimiter = None,
    force: Force = False,
) -> None:
    """Write the rejected rows into a file."""
    lang = session.words.lang

    def cells(found: OriginalRow) -> list[str]:
        row = found.row
        code = RowProblem(row.error_code or "")
        return [
            str(row.row_number),
            code,
            retold(code, row.error_detail or "", lang),
            suggestion(row.raw_email, code) or "",
        ]

    export_rows(
        session,
        find_file_job(session, job),
        Wanted(output, format_, delimiter, force),
        RowsWanted(outcome=Outcome.ERROR),
        Beside(("row_number", "error_code", "error_detail", "suggestion"), cells),
        action="rejects_exported",
        kind="rejects",
    )
