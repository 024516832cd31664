"""Split: the one sequential pass over the file, from its bytes to canonical chunks.

Boundaries depend on nothing but the file and the job's chunk size, so a killed split goes on after the last chunk
that is in the database; parsing starts while it goes on. Nothing is in memory but the current chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from db import chunks, jobs
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import FIRST_ROWS_CHUNK, ChunkStage
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading import SAMPLE_BYTES, Reading, ReadingOptions, RecordReader, canonical, detect

#: A chunk ends early where its records hold so many characters: memory must not grow with the cells either.
CHUNK_CHARACTERS = 8 << 20
#: Records that a resumed split skips between two signs of life.
SIGN_OF_LIFE = 200_000
#: A record with the number of its row.
Record = tuple[int, list[str]]
#: A file has one part until it can be an archive or a workbook.
PART = 0


def run(context: Context, claim: Claim, job: Job) -> None:
    """Cut the file into chunks. Raises FileProblem where it is not a list of contacts."""
    with context.store.open(job.file_key) as stream:
        reading = understand(stream, job)
        _begin(context, claim, reading)
        reader = RecordReader(stream, reading, file_name=job.file_name)
        records = iter(reader)
        chunk_no, last_row = _resume(context, claim)
        # What is stored is skipped: the next boundary depends only on where the last one was.
        _skip(context, claim, records, last_row)
        counted = Counted(reader)
        for rows in cut(records, job.chunk_rows):
            key = f"chunks/{claim.ref.tenant_id}/{job.import_job_id}/{chunk_no:06d}.csv"
            context.store.put(key, canonical.encode(rows))
            _add_chunk(context, claim, chunk_no, key, rows, counted)
            chunk_no += 1
        if chunk_no == FIRST_ROWS_CHUNK:
            raise FileProblem(FileProblemCode.HEADER_ONLY, file=job.file_name)
        _finish(context, claim, counted)


def understand(stream: BinaryIO, job: Job) -> Reading:
    """Decide how the file is read, once per job; leaves the stream at its beginning."""
    if job.reading is not None:
        return Reading.from_json(job.reading)
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    return detect(sample, file_name=job.file_name, overrides=ReadingOptions(mapping=job.options.get("map", {})))


def cut(records: Iterator[Record], chunk_rows: int) -> Iterator[list[Record]]:
    """Yield the records in lists of at most ``chunk_rows``, or of so many as hold `CHUNK_CHARACTERS`.

    Nothing is read ahead: while a list is out, the reader stands at its last record.
    """
    rows: list[Record] = []
    size = 0
    for record in records:
        rows.append(record)
        size += sum(map(len, record[1]))
        if len(rows) == chunk_rows or size >= CHUNK_CHARACTERS:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _skip(context: Context, claim: Claim, records: Iterator[Record], last_row: int) -> None:
    """Leave the reader at the record of that number (0: at the beginning), and say on the way that it goes on."""
    for count, (row_number, _) in enumerate(records if last_row else (), 1):
        if row_number == last_row:
            return
        if count % SIGN_OF_LIFE == 0:
            with context.database.unit(claim.ref.tenant_id) as unit:
                chunks.touch(unit, claim, grace=context.grace(ChunkStage.SPLIT))


class Counted:
    """The records and blank rows since the last chunk's end."""

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader
        self.mark()

    def since(self) -> tuple[int, int]:
        """Return (records seen, blank rows among them) since the last call of `mark`."""
        return self._reader.records_seen - self._seen, self._reader.blank_rows - self._blank

    def mark(self) -> None:
        """Begin to count anew."""
        self._seen, self._blank = self._reader.records_seen, self._reader.blank_rows


def _begin(context: Context, claim: Claim, reading: Reading) -> None:
    def work(unit: Unit) -> list[ChunkRef]:
        jobs.set_reading(unit, claim.ref.import_job_id, reading.to_json())
        return []

    effects(context, claim, work)


def _resume(context: Context, claim: Claim) -> tuple[int, int]:
    """Return the number of the next chunk and the row that the last one ended with (0: there is none yet)."""
    with context.database.unit(claim.ref.tenant_id) as unit:
        last_chunk, last_row = chunks.last_rows_chunk(unit, claim.ref.import_job_id)
    return last_chunk + 1, last_row


def _add_chunk(context: Context, claim: Claim, chunk_no: int, key: str, rows: list[Record], counted: Counted) -> None:
    seen, blank = counted.since()

    def work(unit: Unit) -> list[ChunkRef]:
        chunks.add_rows_chunk(
            unit,
            claim.ref.import_job_id,
            chunk_no,
            chunk_key=key,
            part_no=PART,
            first_row=rows[0][0],
            last_row=rows[-1][0],
            records=seen,
            blank=blank,
        )
        chunks.touch(unit, claim, grace=context.grace(ChunkStage.SPLIT), progress=True)
        return chunks.fill_window(unit, context.hints)

    effects(context, claim, work)
    counted.mark()


def _finish(context: Context, claim: Claim, counted: Counted) -> None:
    seen, blank = counted.since()  # blank rows after the last record

    def work(unit: Unit) -> list[ChunkRef]:
        jobs.set_stage(unit, claim.ref.import_job_id, ChunkStage.PARSE)
        return move_on(context, unit, claim, ChunkStage.DONE, {"records_seen": seen, "blank_rows": blank})

    effects(context, claim, work)
