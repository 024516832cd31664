"""Rejected rows come back mended, as a child of the job that rejected them."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from db import import_rows
from db.statuses import JobStatus
from pipeline.intake_problems import IntakeRefusedError
from pipeline.options import ImportOptions
from pipeline.problems import FileProblemCode, RowProblem
from tests.pipeline.imports import Desk
from tests.pipeline.undos import undo

FILE = "Contato;Nome;Cidade\nana@empresa.com.br;Ana;Recife\nbia;Bia;Olinda\ncaio@;Caio;\n"
MAPPED = ImportOptions(map={"Contato": "email"}, on_existing="overwrite")
HEADER = "Contato;Nome;Cidade;row_number;error_code;error_detail;suggestion"


def mended(*rows: str) -> str:
    return "\n".join((HEADER, *rows))


def test_a_mended_file_reads_as_its_parent_and_the_parent_shows_what_was_mended(work: Desk) -> None:
    parent = work.run(FILE, MAPPED)
    assert work.report(parent).error_rows == 2
    data = mended("bia@empresa.com.br;Bia;Olinda;3;syntax_no_at;text;", "caio@;Caio;;4;syntax_domain;text;")
    job = work.run(data, ImportOptions(mends=parent.import_job_id))
    report = work.report(job)
    assert (job.status, job.parent_job_id, report.ok_rows, report.error_rows) == (
        JobStatus.DONE, parent.import_job_id, 1, 1,
    )  # fmt: skip
    assert work.contacts()["bia@empresa.com.br"] == ("Bia", {"Cidade": "Olinda"})
    assert job.options["on_existing"] == "overwrite"
    with work.database.reading(work.tenant.tenant_id) as unit:
        assert import_rows.mended(unit, parent.import_job_id) == {"syntax_no_at": 1}


def test_what_was_undone_counts_as_mended_no_more_and_takes_no_mended_rows(work: Desk) -> None:
    parent = work.run(FILE, MAPPED)
    data = mended("bia@empresa.com.br;Bia;Olinda;3;syntax_no_at;text;")
    undo(work, work.run(data, ImportOptions(mends=parent.import_job_id)))
    with work.database.reading(work.tenant.tenant_id) as unit:
        assert import_rows.mended(unit, parent.import_job_id) == {}
    work.run(data, ImportOptions(mends=parent.import_job_id))
    with work.database.reading(work.tenant.tenant_id) as unit:
        assert import_rows.mended(unit, parent.import_job_id) == {"syntax_no_at": 1}
    undo(work, parent)
    with pytest.raises(IntakeRefusedError, match=f"Job {parent.import_job_id} was undone"):
        work.run(data, ImportOptions(mends=parent.import_job_id))


def test_only_rejected_rows_are_taken(work: Desk) -> None:
    parent = work.run(FILE, MAPPED)
    rows = [
        "ana@outra.com.br;Ana;;2;;;", "novo@empresa.com.br;Novo;;;;;", "novo@empresa.com.br;Novo;;x;;;",
        "bia@empresa.com.br;Bia;;3;;;", "longe@empresa.com.br;L;;999;;;",
    ]  # fmt: skip
    job = work.run(mended(*rows), ImportOptions(mends=parent.import_job_id))
    found = work.query(
        "select row_number, error_code from mkt.import_rows where import_job_id = :job order by 1",
        job=job.import_job_id,
    )
    assert [tuple(row) for row in found] == [
        (2, RowProblem.NOT_REJECTED), (3, RowProblem.NOT_REJECTED), (4, RowProblem.NOT_REJECTED), (5, None), (6, RowProblem.NOT_REJECTED),
    ]  # fmt: skip
    assert set(work.contacts()) == {"ana@empresa.com.br", "bia@empresa.com.br"}


def test_the_apostrophe_that_keeps_a_spreadsheet_from_calculating_is_taken_away_again(work: Desk) -> None:
    parent = work.run("email;nome;fone\nbia;=1+1;+55 11 98765-4321\n")
    data = "email;nome;fone;row_number;error_code\nbia@empresa.com.br;'=1+1;'+55 11 98765-4321;2;x\n"
    work.run(data, ImportOptions(mends=parent.import_job_id))
    name, attributes = work.contacts()["bia@empresa.com.br"]
    assert (name, attributes["fone"]) == ("=1+1", "+55 11 98765-4321")


def test_a_workbook_is_mended_as_its_parent_was_mapped(work: Desk) -> None:
    parent = work.run(
        "quem;onde\nAna;ana@empresa.com.br\nBia;bia\n", ImportOptions(map={"quem": "email", "onde": "name"})
    )
    assert work.report(parent).error_rows == 2
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((["quem", "onde", "row_number"], ["bia@empresa.com.br", "Bia", "3"])):
            sheet.write_row(number, 0, row)
    job = work.run(data.getvalue(), ImportOptions(mends=parent.import_job_id), name="rejects.xlsx")
    assert (job.status, set(work.contacts())) == (JobStatus.DONE, {"bia@empresa.com.br"})


def test_a_file_without_row_numbers_mends_nothing(work: Desk) -> None:
    parent = work.run(FILE, MAPPED)
    job = work.run("Contato;Nome\nbia@empresa.com.br;Bia\n", ImportOptions(mends=parent.import_job_id))
    assert (job.status, job.failure_code) == (JobStatus.FAILED, FileProblemCode.NO_ROW_NUMBERS)


def test_another_tenants_job_cannot_be_mended(work: Desk) -> None:
    with pytest.raises(IntakeRefusedError, match="There is no import"):
        work.run(mended("bia@empresa.com.br;B;;3;;;"), ImportOptions(mends=work.tenant.user_id))


def test_a_row_whose_cells_were_out_of_place_must_be_changed_before_it_is_taken(work: Desk) -> None:
    data = "email;ano;Cidade\n" + "".join(f"p{n}@empresa.com.br;2020;Recife\n" for n in range(9))
    parent = work.run(data + "bia@empresa.com.br;2021\ncaio@empresa.com.br;2022\n")
    assert work.report(parent).error_rows == 2
    header = "email;ano;Cidade;row_number;error_code\n"
    job = work.run(
        header + "bia@empresa.com.br;2021;;11;too_few_cells\ncaio@empresa.com.br;;2022;12;too_few_cells\n",
        ImportOptions(mends=parent.import_job_id),
    )
    found = work.query(
        "select normalized_email, error_code from mkt.import_rows where import_job_id = :job order by row_number",
        job=job.import_job_id,
    )
    assert [tuple(row) for row in found] == [(None, "too_few_cells"), ("caio@empresa.com.br", None)]
