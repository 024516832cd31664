"""How fast a plain file is read, as ratios to what Python's own csv module needs for the same file in the same run."""

from __future__ import annotations

import csv
import io
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from pipeline.reading import Layout, RecordReader, WholeFile, canonical, read
from pipeline.stages.parse import rows_of

RUNS = 5
CHUNK = 5_000


class Reading(NamedTuple):
    """Processor seconds, medians: the csv module alone, records, records to canonical chunks, chunks to rows for COPY."""

    rows: int
    csv_module: float
    records: float
    split: float
    parse: float


def measure(path: Path) -> Reading:
    """Read the file in each way, turn by turn."""
    with path.open("rb") as stream:
        whole = read(stream, file_name=path.name)
        ways: tuple[Callable[[], int], ...] = (
            lambda: _csv_module(path),
            lambda: sum(1 for _ in _records(whole)),
            lambda: len(_chunks(whole)),
            lambda: _parse(whole, data),
        )
        data = _chunks(whole)
        seconds: list[list[float]] = [[] for _ in ways]
        for _ in range(RUNS):
            for way, taken in zip(ways, seconds, strict=True):
                begin = time.process_time()
                way()
                taken.append(time.process_time() - begin)
        rows = sum(1 for _ in _records(whole))
    return Reading(rows, *map(statistics.median, seconds))


def _csv_module(path: Path) -> int:
    with path.open("rb") as stream, io.TextIOWrapper(stream, "utf-8", newline="") as text:
        return sum(1 for _ in csv.reader(text))


def _records(whole: WholeFile) -> Iterator[tuple[int, list[str]]]:
    reader = RecordReader(whole.package, whole.reading.parts[0], file_name=whole.file_name)
    with reader.opened() as records:
        yield from records


def _chunks(whole: WholeFile) -> list[bytes]:
    records = _records(whole)
    chunks = []
    while rows := list(islice(records, CHUNK)):
        chunks.append(canonical.encode(rows))
    return chunks


def _parse(whole: WholeFile, chunks: list[bytes]) -> int:
    layout = Layout.of(whole.reading.parts[0])
    ok_rows = 0
    for data in chunks:
        picked = ((number, layout.pick(cells)) for number, cells in canonical.decode(data))
        ok_rows += rows_of(picked, UUID(int=1), 0, with_name=layout.has_name).ok_rows
    return ok_rows


def render(reading: Reading) -> str:
    """Return the section of the page."""
    ratios = [figure / reading.csv_module for figure in reading[2:]]
    lines = [
        "## Reading",
        "",
        f"The same plain file of {reading.rows:,} rows, one process, processor time: medians of {RUNS} turns of each.",
        "",
        "| step | ratio to the csv module alone |",
        "|---|---:|",
        *(
            f"| {name} | {ratio:.2f} |"
            for name, ratio in zip(
                ("records", "records to canonical chunks (split)", "canonical chunks to rows for COPY (parse)"),
                ratios,
                strict=True,
            )
        ),
        "",
    ]
    return "\n".join(lines)
