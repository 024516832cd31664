"""The rows of a chunk as statements name them: by part and by the numbers of the first and the last."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db.unit import Unit


@dataclass(frozen=True)
class RowRange:
    """The rows of one chunk: consecutive records of one part."""

    import_job_id: UUID
    part_no: int
    first_row: int
    last_row: int

    def parameters(self) -> dict[str, object]:
        """Return the range as statement parameters."""
        return {
            "job": self.import_job_id,
            "part_no": self.part_no,
            "first_row": self.first_row,
            "last_row": self.last_row,
        }


def of_job(unit: Unit, import_job_id: UUID) -> list[RowRange]:
    """Return the rows of every chunk of the job, in file order."""
    found = unit.execute(
        "select part_no, first_row, last_row from mkt.import_chunks where import_job_id = :job and kind = 'rows' order by part_no, first_row",
        {"job": import_job_id},
    )
    return [RowRange(import_job_id, row[0], row[1], row[2]) for row in found]
