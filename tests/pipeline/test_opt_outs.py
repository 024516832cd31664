"""Law 5: an import can strengthen an opt-out, never weaken one; a flood stops before any effect."""

from __future__ import annotations

from itertools import product

import pytest

from db.statuses import Duplicates, JobKind, JobStatus, OnExisting
from pipeline import control
from pipeline.options import ImportOptions
from pipeline.problems import FileProblemCode
from tests.pipeline.imports import Desk
from tests.support.examples import few

ASKED = ImportOptions(map={"saiu": "opt_out"})


def file(*rows: str) -> str:
    return "\n".join(("email;nome;saiu", *rows))


@pytest.mark.parametrize("asked", few(product(OnExisting, Duplicates), 4))
def test_the_last_duplicate_opts_out_whatever_the_policy(work: Desk, asked: tuple[OnExisting, Duplicates]) -> None:
    policy, duplicates = asked
    work.run(file("ana@empresa.com.br;Ana;"))
    options = ASKED.model_copy(update={"on_existing": policy, "duplicates": duplicates})
    rows = [f"p{n}@empresa.com.br;P;" for n in range(5)]
    job = work.run(file("ana@empresa.com.br;Ana;não", *rows, "ANA@empresa.com.br;;sim"), options)
    assert job.status is JobStatus.DONE
    assert work.opted_out() == [("ana@empresa.com.br", "unsubscribe")]


def test_nobody_comes_back_by_a_file_that_does_not_say_it(work: Desk) -> None:
    work.run(file("ana@empresa.com.br;Ana;sim", "bia@empresa.com.br;Bia;"), ASKED)
    job = work.run(file("ana@empresa.com.br;Ana;não", "bia@empresa.com.br;Bia;não"), ASKED)
    assert work.opted_out() == [("ana@empresa.com.br", "unsubscribe")]
    report = work.report(job)
    assert (report.opt_outs_said, report.opt_outs_added, report.opt_outs_protected) == (0, 0, 1)


def test_a_row_with_an_error_opts_out_if_its_address_can_be_read(work: Desk) -> None:
    job = work.run(file("ana@empresa.com.br;Ana;sim;a;b", *[f"p{n}@empresa.com.br;P;" for n in range(4)]), ASKED)
    assert (job.status, work.report(job).error_rows) == (JobStatus.DONE, 1)
    assert work.opted_out() == [("ana@empresa.com.br", "unsubscribe")]


def test_all_addresses_of_a_row_are_one_person(work: Desk) -> None:
    work.run(file("ana@empresa.com.br, ana@casa.com.br;Ana;sim", "bia@empresa.com.br;Bia;"), ASKED)
    assert work.opted_out() == [("ana@casa.com.br", "unsubscribe"), ("ana@empresa.com.br", "unsubscribe")]


def test_a_word_that_is_in_no_list_costs_the_row_and_opts_nobody_out(work: Desk) -> None:
    job = work.run(file("ana@empresa.com.br;Ana;talvez", "bia@empresa.com.br;Bia;"), ASKED)
    assert [
        tuple(row)
        for row in work.query(
            "select error_code from mkt.import_rows where import_job_id = :job and parse_status = 'error'",
            job=job.import_job_id,
        )
    ] == [("opt_out_unreadable",)]
    assert work.opted_out() == []


def test_a_column_that_nobody_spoke_of_is_no_opt_out(work: Desk) -> None:
    work.run("email;nome;Situação\nana@empresa.com.br;Ana;Inativo\n")
    assert work.opted_out() == []
    assert work.contacts()["ana@empresa.com.br"][1] == {"Situação": "Inativo"}


def base(size: int) -> str:
    return file(*[f"p{n}@empresa.com.br;P {n};" for n in range(size)])


def outs(count: int) -> str:
    return file(*[f"p{n}@empresa.com.br;;sim" for n in range(count)], "novo@empresa.com.br;Novo;")


def test_a_flood_stops_before_any_effect_until_somebody_wants_it(work: Desk) -> None:
    work.run(base(100))
    before = work.contacts()
    job = work.run(outs(6), ASKED)
    assert (job.status, job.failure_code) == (JobStatus.FAILED, FileProblemCode.OPT_OUT_FLOOD)
    assert "--allow-opt-outs 6" in (job.failure_detail or "")
    assert (work.opted_out(), work.contacts()) == ([], before)
    control.retry(work.threads.context, work.tenant.tenant_id, job.import_job_id, allow_opt_outs=5)
    assert work.finish(job.import_job_id).failure_code == FileProblemCode.OPT_OUT_FLOOD
    control.retry(work.threads.context, work.tenant.tenant_id, job.import_job_id, allow_opt_outs=6)
    assert work.finish(job.import_job_id).status is JobStatus.DONE
    assert len(work.opted_out()) == 6
    assert "novo@empresa.com.br" in work.contacts()


def test_a_twentieth_of_the_base_is_no_flood_and_those_who_are_out_already_do_not_count(work: Desk) -> None:
    work.run(base(100))
    assert work.run(outs(5), ASKED).status is JobStatus.DONE
    assert work.run(outs(9), ASKED).status is JobStatus.DONE  # four more of ninety-five
    assert len(work.opted_out()) == 9


def test_people_who_are_no_contacts_yet_can_come_opted_out_in_any_number(work: Desk) -> None:
    assert work.run(outs(50), ASKED).status is JobStatus.DONE
    assert len(work.opted_out()) == 50


def test_a_dry_run_counts_opt_outs_and_writes_none(work: Desk) -> None:
    work.run(base(100))
    job = work.run(outs(5), ASKED, kind=JobKind.DRY_RUN)
    assert (job.status, work.report(job).opt_outs_added, work.opted_out()) == (JobStatus.DONE, 5, [])
    flood = work.run(outs(6), ASKED, kind=JobKind.DRY_RUN)
    assert flood.failure_code == FileProblemCode.OPT_OUT_FLOOD
