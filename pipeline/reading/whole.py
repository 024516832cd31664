"""A whole file in one process: how it is read, and what each of its records comes to. For previews, and for small files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.reading.detection import detect
from pipeline.reading.layout import Layout
from pipeline.reading.picked import Picked
from pipeline.reading.reader import RecordReader
from pipeline.reading.reading import FileReading, ReadingOptions, Surroundings
from pipeline.reading.unpacking import Package, UnpackLimits, unpack


@dataclass
class WholeFile:
    """A file that was understood; iterate over `rows` once for ``(part_no, row_number, picked)``."""

    file_name: str
    package: Package
    reading: FileReading
    blank_rows: int = 0  # so far

    def rows(self, *, clear_token: str | None = None) -> Iterator[tuple[int, int, Picked]]:
        """Yield what the records come to, in file order. Raises FileProblem where the file turns out to be damaged."""
        for part in self.reading.parts:
            layout = Layout.of(part, clear_token=clear_token)
            reader = RecordReader(self.package, part, file_name=self.file_name)
            before = self.blank_rows
            with reader.opened() as records:
                for row_number, cells in records:
                    self.blank_rows = before + reader.blank_rows
                    yield part.part_no, row_number, layout.pick(cells)
            self.blank_rows = before + reader.blank_rows


def read(
    stream: BinaryIO,
    *,
    file_name: str,
    options: ReadingOptions | None = None,
    surroundings: Surroundings | None = None,
    limits: UnpackLimits | None = None,
) -> WholeFile:
    """Decide how the file in ``stream``, which is seekable and stays open, is read. Raises FileProblem, as `detect` does."""
    options = options or ReadingOptions()
    package = unpack(stream, file_name=file_name, limits=limits or UnpackLimits(), wanted=options.sheets)
    reading = detect(package, file_name=file_name, options=options, surroundings=surroundings)
    return WholeFile(file_name, package, reading)
