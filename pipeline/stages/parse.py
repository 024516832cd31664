"""Parse: a chunk of cells becomes ImportRows, each with an address or with one code and one sentence why not."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db import import_rows, jobs, quality
from db.chunks import ChunkRef, Claim
from db.import_rows import RejectedRow
from db.jobs import Job
from db.statuses import ChunkStage, JobKind, ParseStatus
from db.unit import Unit
from pipeline import corrections
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.erased import without_erased
from pipeline.options import ImportOptions, SuppressionOptions
from pipeline.problems import RowProblem, sentence
from pipeline.reading import FileReading, Layout, OptOut, Picked, canonical, printable, stored, strength
from pipeline.retention import NAMES_ERASED


def run(context: Context, claim: Claim, job: Job) -> None:
    """Judge the chunk's records and write their rows."""
    if claim.chunk_key is None or job.reading is None:
        msg = "a rows chunk without its bytes, or a job that was never split"
        raise LookupError(msg)
    options = ImportOptions.from_json(job.options)
    layout = Layout.of(
        FileReading.from_json(job.reading).part(claim.part_no),
        clear_token=options.clear_token,
        until=job.created_at.date(),  # not today: another attempt must write the same
    )
    records = canonical.decode(context.store.get(claim.chunk_key))
    if claim.halvings:  # the bytes are those of the whole
        records = ((number, cells) for number, cells in records if claim.first_row <= number <= claim.last_row)
    picked: Iterable[tuple[int, Picked]] = ((row_number, layout.pick(cells)) for row_number, cells in records)
    if job.kind is JobKind.CORRECTION and options.mends is not None:
        picked = corrections.fill(context, job, options.mends, picked)
    elif options.mends is not None:
        picked = _only_rejected(context, job, options.mends, picked)
    if job.kind is JobKind.SUPPRESSION:
        picked = opted_out(picked, OptOut(SuppressionOptions.from_json(job.options).suppress))
    picked, names_erased = without_erased(context, job.tenant_id, picked)
    parsed = rows_of(picked, job.import_job_id, claim.part_no, with_name=layout.has_name)

    def work(unit: Unit) -> list[ChunkRef]:
        for data, remarks in ((parsed.plain, False), (parsed.remarkable, True)):
            import_rows.copy(unit, job.import_job_id, data, with_name=layout.has_name, with_remarks=remarks)
        quality.note_errors(unit, claim, parsed.errors)
        counters = {
            "ok_rows": parsed.ok_rows,
            "error_rows": parsed.errors.total(),
            "opt_outs_said": parsed.opt_outs,
        }
        if names_erased:
            jobs.set_option(unit, job.import_job_id, NAMES_ERASED, True)  # noqa: FBT003 (a JSON value)
        return move_on(context, unit, claim, ChunkStage.PARSED, counters)

    effects(context, claim, work)


def opted_out(found: Iterable[tuple[int, Picked]], kind: OptOut) -> Iterator[tuple[int, Picked]]:
    """Have every row with a readable address opt out in this way, or in a stronger one that the row itself says."""
    for number, row in found:
        if row.email is None:
            yield number, row
            continue
        said = row._replace(opt_out=max(row.opt_out, kind, key=strength))
        # A word that cannot be read is no trouble where everybody is out whatever it says.
        is_unread = row.problem is RowProblem.OPT_OUT_UNREADABLE
        yield number, said._replace(problem=None, detail=None) if is_unread else said


def _only_rejected(
    context: Context, job: Job, parent: UUID, found: Iterable[tuple[int, Picked]]
) -> list[tuple[int, Picked]]:
    """Refuse rows that mend none of the parent's rejected rows."""
    picked = list(found)
    wanted = [row.mends for _, row in picked if row.mends is not None]
    with context.database.unit(job.tenant_id) as unit:
        there = import_rows.rejected(unit, parent, wanted)
    return [(number, _if_mended(row, there.get(row.mends or (-1, -1)))) for number, row in picked]


def _if_mended(row: Picked, rejected: RejectedRow | None) -> Picked:
    """Return the row, refused if the parent did not reject it, or if it comes back as it was.

    A row whose cells did not stand under their columns does so in the export; unless somebody put them right, they are
    as wrong as before.
    """
    if rejected is None:
        problem = RowProblem.NOT_REJECTED
        return row._replace(problem=problem, detail=sentence(problem), opt_out=OptOut.NONE)
    if row.problem is None and rejected.error_code in _OF_THE_RECORD and _is_as_it_was(row, rejected):
        return row._replace(problem=RowProblem(rejected.error_code), detail=rejected.error_detail)
    return row


_OF_THE_RECORD: Final = frozenset(
    {
        RowProblem.TOO_FEW_CELLS,
        RowProblem.TOO_MANY_CELLS,
        RowProblem.MALFORMED_QUOTES,
        RowProblem.MALFORMED_RECORD,
        RowProblem.CELL_TOO_LARGE,
        RowProblem.UNDECODABLE,
    }
)


def _is_as_it_was(row: Picked, rejected: RejectedRow) -> bool:
    attributes = {printable(key): None if value is None else printable(value) for key, value in row.attributes.items()}
    return (printable(row.raw_email), printable(row.raw_name), attributes) == (
        rejected.raw_email,
        rejected.raw_name or "",
        dict(rejected.attributes),
    )


@dataclass(frozen=True)
class Parsed:
    """A chunk's rows as data for COPY, and how they came out. Most rows have nothing in the columns of `remarkable`."""

    plain: bytes
    remarkable: bytes
    ok_rows: int
    errors: Counter[str]  # rows by error code
    opt_outs: int


def rows_of(picked: Iterable[tuple[int, Picked]], import_job_id: UUID, part_no: int, *, with_name: bool) -> Parsed:
    """Turn a chunk's records into rows; pure, so that a second attempt writes the same."""
    plain, remarkable = io.StringIO(), io.StringIO()
    # With this line end the writer quotes cells with a carriage return too; COPY refuses one that is bare.
    write_plain = csv.writer(plain, lineterminator="\r\n").writerow
    write_remarkable = csv.writer(remarkable, lineterminator="\r\n").writerow
    job = str(import_job_id)
    ok_rows = opt_outs = 0
    errors: Counter[str] = Counter()
    for row_number, row in picked:
        raw_email, raw_name, email, name, attributes, problem, detail, warnings, opt_out, consent, mends = row
        told: tuple[object, ...]
        if problem is None:  # then nothing stands in it that PostgreSQL could not store
            ok_rows += 1
            told = (_encode(attributes) if attributes else "{}", email, name, ParseStatus.OK, "", "")
        else:
            errors[problem] += 1
            raw_email, raw_name = printable(raw_email), printable(raw_name)
            told = (_json(attributes), _opted_out(row), "", ParseStatus.ERROR, problem, printable(detail or ""))
        cells = (job, part_no, row_number, raw_email, *((raw_name,) if with_name else ()), *told)
        if not warnings and opt_out is OptOut.NONE and consent is None and mends is None:
            write_plain(cells)
        else:
            opt_outs += opt_out is not OptOut.NONE
            write_remarkable((*cells, *_remarks(row)))
    return Parsed(plain.getvalue().encode("utf-8"), remarkable.getvalue().encode("utf-8"), ok_rows, errors, opt_outs)


def _opted_out(row: Picked) -> str | None:
    """Return the address of a row that becomes no contact and opts out all the same."""
    return row.email if row.opt_out is not OptOut.NONE else None


def _remarks(row: Picked) -> tuple[object, ...]:
    return (
        _encode(stored(row.warnings)) if row.warnings else "",
        "" if row.opt_out is OptOut.NONE else row.opt_out,
        _encode(row.consent) if row.consent else "",
        *(row.mends or ("", "")),
    )


def _json(attributes: Mapping[str, str | None]) -> str:
    """Return attributes of a row in which anything may stand."""
    return _encode({printable(key): None if value is None else printable(value) for key, value in attributes.items()})


_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
