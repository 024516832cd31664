"""A file of several parts: numbered rows in each, one ledger, and a split that can be killed between them."""

from __future__ import annotations

import io
import zipfile

from db.statuses import JobStatus
from tests.pipeline.imports import Desk


def archive(**members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name, text in members.items():
            packed.writestr(f"{name}.csv", text)
    return data.getvalue()


def test_the_members_of_an_archive_are_parts_with_rows_and_readings_of_their_own(work: Desk) -> None:
    data = archive(
        sul="email;nome\nana@empresa.com.br;Ana\n\nbia;Bia\n\n\n",
        norte="Nome,E-mail\nCaio,caio@empresa.com.br\nAna,ana@empresa.com.br\n",
    )
    job = work.run(data, name="contatos.zip")
    assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
    rows = work.query(
        "select part_no, row_number, normalized_email, duplicate_of_part, duplicate_of_row from mkt.import_rows"
        " where import_job_id = :job order by 1, 2",
        job=job.import_job_id,
    )
    assert [tuple(row) for row in rows] == [
        (0, 2, "ana@empresa.com.br", None, None), (0, 4, None, None, None),
        (1, 2, "caio@empresa.com.br", None, None), (1, 3, "ana@empresa.com.br", 0, 2),
    ]  # fmt: skip
    assert (job.records_seen, job.blank_rows, job.total_rows) == (7, 3, 4)
    assert {part["delimiter"] for part in (job.reading or {})["parts"]} == {";", ","}


def test_a_member_that_is_no_list_of_contacts_is_left_out_and_named(work: Desk) -> None:
    job = work.run(archive(contatos="email\nana@empresa.com.br\n", leiame="Obrigado por baixar.\n"), name="c.zip")
    assert job.status is JobStatus.DONE
    assert [notice["params"] for notice in (job.reading or {})["notices"]] == [{"members": "leiame.csv"}]


def test_blank_rows_at_the_end_of_the_last_part_are_counted(work: Desk) -> None:
    job = work.run(archive(a="email\nana@empresa.com.br\n", b="email\nbia@empresa.com.br\n\n\n"), name="c.zip")
    assert (job.status, job.records_seen, job.blank_rows, job.total_rows) == (JobStatus.DONE, 4, 2, 2)
