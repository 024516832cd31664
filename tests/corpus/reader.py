"""The one place where the corpus meets the reader: a file goes in, rows as they would be stored come out."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline import reading
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading import FileReading, Picked, ReadingOptions, Surroundings


@dataclass(frozen=True)
class Got:
    """What a record became."""

    part: int
    number: int
    email: str | None
    name: str
    attributes: Mapping[str, str | None]
    problem: str | None
    warnings: frozenset[str]
    opt_out: str
    consent: Mapping[str, str] | None

    @classmethod
    def of(cls, part: int, number: int, picked: Picked) -> Got:
        """Make it from what the layout picked."""
        return cls(
            part,
            number,
            picked.email,
            picked.name,
            {column: None if text is None else reading.printable(text) for column, text in picked.attributes.items()},
            None if picked.problem is None else str(picked.problem),
            frozenset(str(warning.code) for warning in picked.warnings),
            str(picked.opt_out),
            picked.consent,
        )


@dataclass
class Outcome:
    """What became of a file: its rows, up to where it turned out to be damaged (``failure``)."""

    reading: FileReading | None = None
    rows: list[Got] = field(default_factory=list)
    blank_rows: int = 0
    failure: FileProblem | None = None


def read(
    data: bytes, *, file_name: str, options: ReadingOptions | None = None, surroundings: Surroundings | None = None
) -> Outcome:
    """Read a file as an import would."""
    outcome = Outcome()
    try:
        with io.BytesIO(data) as stream:
            file = reading.read(stream, file_name=file_name, options=options, surroundings=surroundings)
            outcome.reading = file.reading
            outcome.rows += (Got.of(part_no, row_number, picked) for part_no, row_number, picked in file.rows())
            outcome.blank_rows = file.blank_rows
    except FileProblem as problem:
        outcome.failure = problem
    if outcome.failure is None and not outcome.rows:  # as an import says it when it has seen the whole file
        outcome.failure = FileProblem(FileProblemCode.HEADER_ONLY, file=file_name)
    return outcome
