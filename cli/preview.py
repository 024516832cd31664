"""`mkt preview`: how a file would be read, and what would become of its first rows; touches nothing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Annotated, Any

import typer

from cli.command import command
from cli.files import columns_to_fields, name_of, opened, sniff
from cli.session import Session
from cli.words import help_text
from pipeline.addresses import judge
from pipeline.problems import RowProblem
from pipeline.reading import Layout, Reading, RecordReader, printable

app = typer.Typer()

#: A file has one part until it can be an archive or a workbook.
PART = 0


@command(app, "preview", "preview")
def preview(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help=help_text("file"))],
    rows: Annotated[int, typer.Option("--rows", min=0, metavar="N", help=help_text("preview_rows"))] = 10,
    mapping: Annotated[list[str], typer.Option("--map", metavar="COLUMN=FIELD", help=help_text("map"))] = [],  # noqa: B006 (never changed)
) -> None:
    """Show the reading and the first rows."""
    name = name_of(file, None)
    with opened(file) as stream:
        reading = sniff(stream, name, columns_to_fields(mapping))
        shown = list(previewed(islice(RecordReader(stream, reading, file_name=name), rows or None), Layout.of(reading)))
    if session.asked.json:
        session.screen.document({**reading.to_json(), "rows": shown})
    else:
        _show(session, name, reading, shown)


def previewed(records: Iterable[tuple[int, list[str]]], layout: Layout) -> Iterable[dict[str, Any]]:
    """Yield what parse would make of each record."""
    for row_number, cells in records:
        raw_email, raw_name, attributes, problem = layout.pick(cells)
        judged = judge(raw_email) if problem is None else None
        problem = problem or (judged.problem if judged else None)
        yield {
            "part_no": PART,
            "row_number": row_number,
            "raw_email": printable(raw_email),
            "raw_name": printable(raw_name) if layout.has_name else None,
            "normalized_email": judged.normalized if judged and problem is None else None,
            "parse_status": "ok" if problem is None else "error",
            "error_code": problem,
            "attributes": {printable(key): printable(value) for key, value in attributes.items()},
        }


def _show(session: Session, name: str, reading: Reading, rows: list[dict[str, Any]]) -> None:
    screen, words = session.screen, session.words
    encoding = reading.encoding + (" BOM" if reading.has_bom else "")
    delimiter = {"\t": "tab"}.get(reading.delimiter, reading.delimiter)
    screen.facts(
        [
            ("file", name),
            ("encoding", encoding),
            ("delimiter", delimiter),
            ("header_row", words.say("no_header") if reading.header_row is None else reading.header_row),
            (
                "columns",
                ", ".join(f"{column} → {words.say(f'field.{field}')}" for column, field in reading.mapping.items()),
            ),
        ]
    )
    screen.line()
    screen.table(
        ("row", "raw_email", "name", "normalized_email", "problem"),
        [
            (
                str(row["row_number"]),
                row["raw_email"],
                row["raw_name"],
                row["normalized_email"],
                problem_title(session, row["error_code"]),
            )
            for row in rows
        ],
    )


def problem_title(session: Session, code: str | None) -> str:
    """Return the title of a row's problem in the reader's language; nothing for none."""
    return "" if code is None else session.words.problem(RowProblem(code))
