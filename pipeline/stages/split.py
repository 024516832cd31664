"""Split: the one sequential pass over the file, from its bytes to canonical chunks.

Boundaries depend on nothing but the file and the job's chunk size, so a killed split goes on after the last chunk
that is in the database; parsing starts while it goes on. Nothing is in memory but the current chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from db import chunks, jobs, mappings, pauses, tenants, windows
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import FIRST_ROWS_CHUNK, ChunkStage, JobKind
from db.unit import Unit
from pipeline import corrections, tenant_limits
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.options import ImportOptions
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading import (
    FileReading,
    Package,
    RecordReader,
    SavedMapping,
    Surroundings,
    canonical,
    detect,
    detect_mended,
    unpack,
)

#: A chunk ends early where its records hold so many characters: memory must not grow with the cells either.
CHUNK_CHARACTERS = 8 << 20
#: Records that a resumed split skips between two signs of life.
SIGN_OF_LIFE = 200_000
#: A record with the number of its row.
Record = tuple[int, list[str]]


def run(context: Context, claim: Claim, job: Job) -> None:
    """Cut the file into chunks, part by part, until it is at its end, the job is paused, or it is no small one any more.

    Raises FileProblem where it is not a list of contacts, or has more rows than the tenant may bring in today.
    """
    with suppress(LeftError):
        _run(context, claim, job)


def _run(context: Context, claim: Claim, job: Job) -> None:
    options = ImportOptions.from_json(job.options)
    with context.store.open(job.file_key) as stream:
        package = unpack(stream, file_name=job.file_name, limits=context.unpack_limits, wanted=options.reading.sheets)
        reading = _understand(context, job, package, options)
        _begin(context, claim, reading)
        chunk_no, last_part, last_row = _resume(context, claim)
        left = Counts()
        for part in reading.parts:
            if part.part_no < last_part:
                continue  # all of it is stored
            reader = RecordReader(package, part, file_name=job.file_name)
            chunk_no, left = _split_part(
                context, claim, job, reader, chunk_no, last_row if part.part_no == last_part else 0, left
            )
        if chunk_no == FIRST_ROWS_CHUNK:
            raise FileProblem(FileProblemCode.HEADER_ONLY, file=job.file_name)
        _finish(context, claim, left)


def _split_part(
    context: Context, claim: Claim, job: Job, reader: RecordReader, chunk_no: int, last_row: int, before: Counts
) -> tuple[int, Counts]:
    """Store a part's chunks; returns the next chunk's number, and the blank records since the last one's end."""
    with reader.opened() as records:
        # What is stored is skipped: the next boundary depends only on where the last one was.
        _skip(context, claim, records, last_row)
        counted = Counted(reader, before)
        for rows in cut(records, job.chunk_rows):
            key = f"chunks/{claim.ref.tenant_id}/{job.import_job_id}/{chunk_no:06d}.csv"
            context.store.put(key, canonical.encode(rows))
            _add_chunk(context, claim, job, chunk_no, key, reader.part_no, rows, counted)
            context.give_way(job.import_job_id)
            chunk_no += 1
        return chunk_no, counted.since()


def _understand(context: Context, job: Job, package: Package, options: ImportOptions) -> FileReading:
    """Decide how the file is read, once per job; a job that mends another's rejects reads as that one did."""
    if job.reading is not None:
        return FileReading.from_json(job.reading)
    if job.kind is JobKind.CORRECTION:
        return corrections.READING
    around = surroundings(context, job)
    if options.mends is None:
        return detect(package, file_name=job.file_name, options=options.reading, surroundings=around)
    with context.database.unit(job.tenant_id) as unit:
        parent = jobs.load(unit, options.mends)
    if parent is None or parent.reading is None:
        raise LookupError(options.mends)
    return detect_mended(
        package,
        FileReading.from_json(parent.reading),
        file_name=job.file_name,
        options=options.reading,
        surroundings=around,
    )


def surroundings(context: Context, job: Job) -> Surroundings:
    """Return what the job's tenant brings to the reading of its files."""
    with context.database.unit(job.tenant_id) as unit:
        tenant = tenants.this(unit)
        kept = mappings.everything(unit)
    return Surroundings(
        tenant.locale, tenant.timezone, tuple(SavedMapping(each.name, each.header, each.mapping) for each in kept)
    )


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


class LeftError(Exception):
    """The attempt ends after a chunk, and the next one goes on there.

    Where somebody wants the job to rest, when it is resumed; where the file is too large for the processes of small jobs,
    at once, and in another.
    """


class Counts(NamedTuple):
    """Records seen, and blank ones among them."""

    seen: int = 0
    blank: int = 0


class Counted:
    """The records and blank rows since the last chunk's end; ``before``: those that a part before this one left over."""

    def __init__(self, reader: RecordReader, before: Counts) -> None:
        self._reader = reader
        self.mark()
        self._before = before

    def since(self) -> Counts:
        """Return what came since the last call of `mark`."""
        reader, before = self._reader, self._before
        return Counts(before.seen + reader.records_seen - self._seen, before.blank + reader.blank_rows - self._blank)

    def mark(self) -> None:
        """Begin to count anew."""
        self._seen, self._blank = self._reader.records_seen, self._reader.blank_rows
        self._before = Counts()


def _begin(context: Context, claim: Claim, reading: FileReading) -> None:
    def work(unit: Unit) -> list[ChunkRef]:
        jobs.set_reading(unit, claim.ref.import_job_id, reading.to_json())
        return []

    effects(context, claim, work)


def _resume(context: Context, claim: Claim) -> tuple[int, int, int]:
    """Return the number of the next chunk, and the part and row that the last one ended with (0: there is none yet)."""
    with context.database.unit(claim.ref.tenant_id) as unit:
        last_chunk, last_part, last_row = chunks.last_rows_chunk(unit, claim.ref.import_job_id)
    return last_chunk + 1, last_part, last_row


def _add_chunk(
    context: Context,
    claim: Claim,
    job: Job,
    chunk_no: int,
    key: str,
    part_no: int,
    rows: list[Record],
    counted: Counted,
) -> None:
    seen, blank = counted.since()
    leaves = False

    def work(unit: Unit) -> list[ChunkRef]:
        nonlocal leaves
        chunks.add_rows_chunk(
            unit,
            claim.ref.import_job_id,
            chunk_no,
            chunk_key=key,
            part_no=part_no,
            first_row=rows[0][0],
            last_row=rows[-1][0],
            records=seen,
            blank=blank,
        )
        tenant_limits.admit_rows(unit, context.settings, job)
        is_widened = tenant_limits.is_bulk(context.settings, job, chunk_no) and jobs.widen(unit, job.import_job_id)
        leaves = is_widened or pauses.is_asked_for(unit, job.import_job_id)
        if leaves:
            chunks.postpone(unit, claim, seconds=0, in_window=False)
        else:
            chunks.touch(unit, claim, grace=context.grace(ChunkStage.SPLIT), progress=True)
        return windows.fill_window(unit, context.hints)

    effects(context, claim, work)
    if leaves:
        raise LeftError
    counted.mark()


def _finish(context: Context, claim: Claim, left: Counts) -> None:
    def work(unit: Unit) -> list[ChunkRef]:
        jobs.set_stage(unit, claim.ref.import_job_id, ChunkStage.PARSE)
        counters = {"records_seen": left.seen, "blank_rows": left.blank}  # blank rows after the last record
        return move_on(context, unit, claim, ChunkStage.DONE, counters)

    effects(context, claim, work)
