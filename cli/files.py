"""Files that are named on the command line: opened, looked into, and refused before anything is made of them."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, Final

from cli.session import Session
from db import mappings
from pipeline.options import ImportOptions
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading import SavedMapping, Surroundings, UnpackLimits, WholeFile, read
from pipeline.sources import opened as open_regular

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
    if not path:  # to the system that is the folder where we are
        raise FileProblem(FileProblemCode.FILE_MISSING, file="''")
    with open_regular(Path(path), path) as stream:
        yield stream


def name_of(path: str, name: str | None) -> str:
    """Return what the file is called in reports."""
    return name or ("stdin" if path == STDIN else Path(path).name)


def understood(
    session: Session, stream: BinaryIO, name: str, options: ImportOptions, surroundings: Surroundings
) -> WholeFile:
    """Decide how the file is read, as the job would. Raises FileProblem for what is no list of contacts."""
    limits = UnpackLimits(session.settings.max_unpacked_bytes, session.settings.max_unpack_ratio)
    return read(stream, file_name=name, options=options.reading, surroundings=surroundings, limits=limits)


def surroundings_of(session: Session) -> Surroundings:
    """Return what the tenant brings to the reading of its files."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        kept = mappings.everything(unit)
    saved = tuple(SavedMapping(each.name, each.header, each.mapping) for each in kept)
    return Surroundings(session.tenant.locale, session.tenant.timezone, saved)


def sniff(session: Session, stream: BinaryIO, name: str, options: ImportOptions) -> WholeFile:
    """Decide how the file is read and see that it has a record; leaves the stream at its beginning.

    Raises FileProblem for what is no list of contacts.
    """
    file = understood(session, stream, name, options, surroundings_of(session))
    if not list(islice(file.rows(), 1)):
        raise FileProblem(FileProblemCode.HEADER_ONLY, file=name)
    stream.seek(0)
    return file
