"""Parse: a chunk of cells becomes ImportRows, each with an address or with one code and one sentence why not."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from uuid import UUID

from db import import_rows
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage, ParseStatus
from db.unit import Unit
from pipeline.addresses import judge
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.problems import sentence
from pipeline.reading import Layout, Reading, canonical, contact_name, printable


def run(context: Context, claim: Claim, job: Job) -> None:
    """Judge the chunk's records and write their rows."""
    if claim.chunk_key is None or job.reading is None:
        msg = "a rows chunk without its bytes, or a job that was never split"
        raise LookupError(msg)
    layout = Layout.of(Reading.from_json(job.reading))
    parsed = parse(context.store.get(claim.chunk_key), layout, job.import_job_id, claim.part_no)

    def work(unit: Unit) -> list[ChunkRef]:
        import_rows.copy(unit, job.import_job_id, parsed.csv_data, with_name=layout.has_name)
        return move_on(
            context, unit, claim, ChunkStage.PARSED, {"ok_rows": parsed.ok_rows, "error_rows": parsed.error_rows}
        )

    effects(context, claim, work)


@dataclass(frozen=True)
class Parsed:
    """A chunk's rows as data for COPY, and how they came out."""

    csv_data: bytes
    ok_rows: int
    error_rows: int


def parse(data: bytes, layout: Layout, import_job_id: UUID, part_no: int) -> Parsed:
    """Turn a canonical chunk into rows; pure, so that a second attempt writes the same."""
    lines = io.StringIO()
    # With this line end the writer quotes cells with a carriage return too; COPY refuses one that is bare.
    write = csv.writer(lines, lineterminator="\r\n").writerow
    job, has_name = str(import_job_id), layout.has_name
    ok_rows = error_rows = 0
    for row_number, cells in canonical.decode(data):
        raw_email, raw_name, attributes, problem = layout.pick(cells)
        email = detail = ""
        if problem is None:
            normalized, problem, detail_ = judge(raw_email)
            email, detail = normalized or "", detail_ or ""
        if problem is None:
            ok_rows += 1
        else:
            error_rows += 1
            detail = detail or sentence(problem)
        names = (printable(raw_name),) if has_name else ()
        write(
            (
                job,
                part_no,
                row_number,
                printable(raw_email),
                *names,
                _json(attributes),
                email,
                contact_name(raw_name) if problem is None else "",
                ParseStatus.OK if problem is None else ParseStatus.ERROR,
                problem or "",
                printable(detail),
            )
        )
    return Parsed(lines.getvalue().encode("utf-8"), ok_rows, error_rows)


def _json(attributes: dict[str, str]) -> str:
    if not attributes:
        return "{}"
    return json.dumps(
        {printable(key): printable(value) for key, value in attributes.items()},
        ensure_ascii=False,
        separators=(",", ":"),
    )
