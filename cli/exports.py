"""Tables that leave as files: where to, in what form, and written down in the audit trail before anybody has them."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from typing import Annotated, BinaryIO, Final

import typer

from cli.files import STDIN as STDOUT
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import PORTUGUESE, help_text
from db import audit
from pipeline.exports import ExportFormat, Table, TooLargeForWorkbookError, Written, write_delimited, write_workbook

Output = Annotated[str | None, typer.Option("--output", metavar="FILE", help=help_text("export_output"))]
FormatChoice = Annotated[ExportFormat | None, typer.Option("--format", help=help_text("export_format"))]
Delimiter = Annotated[str | None, typer.Option("--delimiter", metavar="CHAR", help=help_text("export_delimiter"))]
Force = Annotated[bool, typer.Option("--force", help=help_text("export_force"))]

#: Delimiters of files that an export keeps; any other form of a file becomes the reader's usual one.
_KEPT: Final = frozenset(",;\t|:")
_PACKINGS: Final = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})
#: Characters that names of files cannot have, on this system or on the one that the file is taken to.
_NOT_IN_NAMES: Final = re.compile(r'[<>:"/\\|?*]')
_LONGEST_NAME: Final = 100


@dataclass(frozen=True)
class Wanted:
    """What was asked for; None: by default."""

    output: str | None = None
    format: ExportFormat | None = None
    delimiter: str | None = None
    force: bool = False

    @property
    def is_stream(self) -> bool:
        """Whether the file goes to standard output."""
        return self.output == STDOUT

    def form(self, default: ExportFormat) -> ExportFormat:
        """Return the form: as asked for, else as the file's name says."""
        if self.format is not None:
            return self.format
        suffix = Path(self.output or "").suffix.lower().lstrip(".")
        return ExportFormat(suffix) if suffix in set(ExportFormat) else default


@dataclass(frozen=True)
class Export:
    """What leaves: the file's name without its ending, its usual form and delimiter, and the words of the audit trail."""

    name: str
    action: str
    subject: str
    details: Mapping[str, object]
    format: ExportFormat = ExportFormat.CSV
    delimiter: str | None = None


def export(session: Session, what: Export, wanted: Wanted, make_table: Callable[[], Table]) -> None:
    """Write a table and say where it is; nothing is to be had before the audit trail has it.

    Raises RefusedError where the file is there already, or for more than a workbook can hold.
    """
    form = wanted.form(what.format)
    target = _target(session, what, wanted, form)
    delimiter = _delimiter(session, what, wanted)
    user_id = session.user_id
    with spool(target) as stream:
        table = make_table()
        try:
            written = (
                write_workbook(stream, table)
                if form is ExportFormat.XLSX
                else write_delimited(stream, table, delimiter=delimiter)
            )
        except TooLargeForWorkbookError:
            raise RefusedError(Refusal.WORKBOOK_TOO_LARGE) from None
        with session.context.database.unit(session.tenant.tenant_id) as unit:
            audit.record(
                unit,
                action=what.action,
                subject=what.subject,
                user_id=user_id,
                details={**what.details, "format": form, "rows": written.rows},
            )
        if target is None:
            stream.seek(0)
            copyfileobj(stream, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    _tell(session, table, written, target, form)


def stem(name: str) -> str:
    """Return what files that come of this one are called, without an ending: its name, as far as any system takes it."""
    path = Path(re.split(r"[/\\]", name)[-1])
    while path.suffix.lower() in _PACKINGS:
        path = path.with_suffix("")
    return plain_name(path.stem)


def plain_name(name: str) -> str:
    """Return a name that any system takes for a file, and that no command takes for an option."""
    printable = "".join(character if character.isprintable() else "_" for character in name)
    return _NOT_IN_NAMES.sub("_", printable).strip(" .-")[:_LONGEST_NAME] or "mkt"


def _target(session: Session, what: Export, wanted: Wanted, form: ExportFormat) -> Path | None:
    """Return where the file will be; None: standard output."""
    if wanted.is_stream:
        if session.asked.json:
            raise RefusedError(Refusal.ONE_STDOUT)
        return None
    target = Path(wanted.output or ".")
    if target.is_dir():
        target /= f"{what.name}.{form}"
    if target.exists() and not wanted.force:
        raise RefusedError(Refusal.EXPORT_EXISTS, file=str(target))
    return target


def _delimiter(session: Session, what: Export, wanted: Wanted) -> str:
    if wanted.delimiter is not None:
        delimiter = {"tab": "\t", "\\t": "\t"}.get(wanted.delimiter, wanted.delimiter)
        if len(delimiter) != 1 or delimiter in '"\r\n\0':
            raise RefusedError(Refusal.BAD_OPTION, option="--delimiter", value=wanted.delimiter)
        return delimiter
    if what.delimiter is not None and what.delimiter in _KEPT:
        return what.delimiter
    # What a spreadsheet splits at where the comma is the decimal sign.
    return ";" if session.words.lang == PORTUGUESE else ","


@contextlib.contextmanager
def spool(target: Path | None) -> Iterator[BinaryIO]:
    """Open a file that becomes ``target`` at the end of the block, readable for its owner alone; of an error nothing stays."""
    if target is None:
        with tempfile.TemporaryFile() as stream:
            yield stream
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:_LONGEST_NAME]}.", dir=target.parent)
    try:
        with open(descriptor, "w+b") as stream:  # noqa: PTH123 (a descriptor is no path)
            yield stream
        os.replace(name, target)  # noqa: PTH105 (as above: the name is mkstemp's)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108 (as above)
        raise


def _tell(session: Session, table: Table, written: Written, target: Path | None, form: ExportFormat) -> None:
    screen = session.screen
    if session.asked.json:
        screen.document(
            {
                "file": target,
                "format": form,
                "columns": list(table.columns),
                "rows": written.rows,
                "shortened": written.shortened,
            }
        )
    elif target is not None:
        screen.say("exported", file=str(target), rows=session.words.count("row", written.rows))
    if written.shortened:
        screen.tell("export_shortened", n=written.shortened)
