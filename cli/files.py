"""Files that are named on the command line: opened, looked into, and refused before anything is made of them."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, Final

from cli.refusals import Refusal, RefusedError
from pipeline.intake import opened as open_regular
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading import SAMPLE_BYTES, Reading, ReadingOptions, RecordReader, detect

#: The name that means standard input.
STDIN: Final = "-"


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open a regular file, or standard input (kept in a temporary file, because it is read twice). Raises FileProblem."""
    if path == STDIN:
        with tempfile.TemporaryFile() as kept:
            copyfileobj(sys.stdin.buffer, kept)
            kept.seek(0)
            yield kept
        return
    with open_regular(Path(path), path) as stream:
        yield stream


def name_of(path: str, name: str | None) -> str:
    """Return what the file is called in reports."""
    return name or ("stdin" if path == STDIN else Path(path).name)


def columns_to_fields(pairs: list[str]) -> dict[str, str]:
    """Return ``COLUMN=FIELD`` pairs as a mapping. Raises RefusedError for one without ``=``; columns may contain it."""
    mapping = {}
    for pair in pairs:
        column, equals, field = pair.rpartition("=")
        if not (column and equals and field):
            raise RefusedError(Refusal.BAD_MAP, pair=pair)
        mapping[column] = field
    return mapping


def sniff(stream: BinaryIO, name: str, mapping: Mapping[str, str]) -> Reading:
    """Decide how the file is read and see that it has a record; leaves the stream at its beginning.

    Raises FileProblem for what is no list of contacts.
    """
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    reading = detect(sample, file_name=name, overrides=ReadingOptions(mapping=mapping))
    if next(iter(RecordReader(stream, reading, file_name=name)), None) is None:
        raise FileProblem(FileProblemCode.HEADER_ONLY, file=name)
    stream.seek(0)
    return reading
