"""`mkt preview`: how a file would be read, and what would become of its first rows; touches nothing."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Annotated, Any, Final

import typer

from cli.command import MOST, command
from cli.files import name_of, opened, surroundings_of, understood
from cli.reading_options import READING, with_options
from cli.session import Session
from cli.words import help_text
from pipeline.options import ImportOptions
from pipeline.problems import RowProblem
from pipeline.reading import FileReading, OptOut, Picked, Reading, Surroundings, WholeFile, printable, stored

app = typer.Typer()

#: Rows in which problems are looked for, where fewer are shown.
SAMPLED: Final = 1_000
#: Confidence below which a decision is said to be a guess.
CONFIDENT: Final = 0.8


@command(app, "preview", "preview")
@with_options(READING)
def preview(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help=help_text("file"))],
    options: ImportOptions,
    rows: Annotated[int, typer.Option("--rows", min=0, max=MOST, metavar="N", help=help_text("preview_rows"))] = 10,
) -> None:
    """Show the reading and the first rows."""
    name = name_of(file, None)
    with opened(file) as stream:
        # Mappings that were saved are asked for where the database runs anyway; a preview starts nothing.
        surroundings = surroundings_of(session) if session.is_database_running else Surroundings()
        whole = understood(session, stream, name, options, surroundings)
        sampled = list(islice(_rows(whole, options), max(rows, SAMPLED) if rows else None))
    problems = Counter(row["error_code"] for row in sampled if row["error_code"])
    warnings = Counter(code for row in sampled for code in {each["code"] for each in row["warnings"]})
    shown = sampled[: rows or None]
    if session.asked.json:
        first, of_file = whole.reading.parts[0].to_json(), whole.reading.to_json()
        session.screen.document(
            {
                **first,
                **of_file,
                "notices": [*of_file["notices"], *first["notices"]],
                "rows": shown,
                "sampled": len(sampled),
                "blank_rows": whole.blank_rows,
                "problems": dict(problems),
                "warnings": dict(warnings),
            }
        )
        return
    show_reading(session, name, whole.reading)
    _show_rows(session, shown)
    if problems or warnings:
        session.screen.line()
        session.screen.say("preview_problems", n=len(sampled))
        session.screen.table(
            ("rows", "problem", "code"),
            [(n, session.words.problem(RowProblem(code)), code) for code, n in (problems + warnings).most_common()],
        )


def _rows(whole: WholeFile, options: ImportOptions) -> Any:  # noqa: ANN401 (an iterator of JSON objects)
    for part_no, row_number, picked in whole.rows(clear_token=options.clear_token):
        yield _document(part_no, row_number, picked)


def _document(part_no: int, row_number: int, picked: Picked) -> dict[str, Any]:
    """Return what parse would make of a record."""
    ok = picked.problem is None
    return {
        "part_no": part_no,
        "row_number": row_number,
        "raw_email": printable(picked.raw_email),
        "raw_name": printable(picked.raw_name),
        "normalized_email": picked.email if ok else None,
        "name": picked.name if ok else None,
        "parse_status": "ok" if ok else "error",
        "error_code": picked.problem,
        "error_detail": picked.detail,
        "warnings": stored(picked.warnings),
        "opt_out": None if picked.opt_out is OptOut.NONE else picked.opt_out,
        "attributes": {
            printable(key): None if value is None else printable(value) for key, value in picked.attributes.items()
        },
    }


def show_reading(session: Session, name: str, reading: FileReading) -> None:
    """Print how a file is read: its packing, and each part with its columns and what must be said about it."""
    screen, words = session.screen, session.words
    screen.facts([("file", name), ("packing", ", ".join(reading.packing))])
    for notice in reading.notices:
        screen.line(words.notice(notice))
    for part in reading.parts:
        _show_part(session, part)


def _show_part(session: Session, part: Reading) -> None:
    screen, words = session.screen, session.words
    delimiter = {"\t": "tab", " ": words.say("spaces")}.get(part.delimiter, part.delimiter)
    screen.facts(
        [
            ("part", part.part_name),
            ("format", words.say(f"format.{part.format}")),
            ("encoding", part.encoding + (" BOM" if part.has_bom else "")),
            ("delimiter", delimiter),
            ("header_row", words.say("no_header") if part.header_row is None else part.header_row),
            ("preset", part.preset),
            ("mapping", part.saved_mapping),
            (
                "columns",
                ", ".join(f"{column} → {words.say(f'field.{part.mapping[column]}')}" for column in part.columns),
            ),
            ("confidence", f"{part.confidence:.0%}" if part.confidence < CONFIDENT else None),
        ]
    )
    for notice in part.notices:
        screen.line(words.notice(notice))
    screen.line()


def _show_rows(session: Session, rows: list[dict[str, Any]]) -> None:
    session.screen.table(
        ("row", "raw_email", "name", "normalized_email", "attributes", "problem"),
        [
            (
                str(row["row_number"]),
                row["raw_email"],
                row["name"] or row["raw_name"],
                row["normalized_email"],
                ", ".join(f"{key}: {value}" for key, value in row["attributes"].items()),
                problem_title(session, row["error_code"]),
            )
            for row in rows
        ],
    )


def problem_title(session: Session, code: str | None) -> str:
    """Return the title of a row's problem in the reader's language; nothing for none."""
    return "" if code is None else session.words.problem(RowProblem(code))
