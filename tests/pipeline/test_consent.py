"""Why each membership may be written to: who says it, who says it later, and that nobody replaces what was said."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db import audiences
from db.statuses import ConsentSource, JobKind, LegalBasis
from pipeline.intake import ImportRequest, Receipt, carry_out, intake
from pipeline.intake_problems import IntakeRefusedError
from pipeline.options import ImportOptions
from pipeline.reading.consent_words import consent_source, legal_basis
from tests.pipeline.imports import Desk

BASIS, SOURCE = LegalBasis.CONTRACT, ConsentSource.EVENT
COLUMNS = {"base": "legal_basis", "origem": "consent_source", "quando": "opt_in_time"}


def default(work: Desk, basis: LegalBasis | None, source: ConsentSource | None) -> None:
    with work.database.unit(work.tenant.tenant_id) as unit:
        audiences.set_consent(unit, work.tenant.audience_id, basis, source, user_id=work.tenant.user_id)


def options(**said: Any) -> ImportOptions:  # noqa: ANN401 (options of an import)
    return ImportOptions(map=COLUMNS, **said)


def consents(work: Desk) -> dict[str, tuple[str | None, str | None]]:
    found = work.query(
        "select c.email, a.legal_basis, a.consent_source from mkt.audience_contacts a join mtrk.contatos c using (rid)"
    )
    return {row.email.partition("@")[0]: (row.legal_basis, row.consent_source) for row in found}


def csv(*rows: str) -> str:
    return "\n".join(("email,base,origem,quando", *rows, ""))


@pytest.mark.parametrize(
    ("cells", "option", "audience", "said"),
    [
        ("Consentimento,Feira,", (BASIS, SOURCE), (LegalBasis.RESEARCH, ConsentSource.PUBLIC), ("consentimento", "event")),
        (",,", (BASIS, SOURCE), (LegalBasis.RESEARCH, ConsentSource.PUBLIC), ("execucao_de_contrato", "event")),
        (",,", (None, None), (LegalBasis.RESEARCH, ConsentSource.PUBLIC), ("pesquisa", "public")),
        (",,", (None, None), (None, None), ("nao_informada", None)),
        (",comprada,", (BASIS, None), (None, ConsentSource.PUBLIC), ("execucao_de_contrato", "purchased")),
        ("sei lá,do além,", (BASIS, SOURCE), (None, None), ("nao_informada", "other")),
    ],
)  # fmt: skip
def test_the_row_says_it_else_the_import_else_the_audience_else_nobody(
    work: Desk, cells: str, option: tuple[Any, Any], audience: tuple[Any, Any], said: tuple[Any, Any]
) -> None:
    default(work, *audience)
    asked = options(basis=option[0], source=option[1])
    planned = work.run(csv(f"ana@empresa.com.br,{cells}"), asked, kind=JobKind.DRY_RUN)
    job = work.run(csv(f"ana@empresa.com.br,{cells}"), asked)
    assert consents(work) == {"ana": said}
    unstated = int(said[0] == "nao_informada")
    assert [work.report(each).consents_unstated for each in (planned, job)] == [unstated, unstated]


def test_the_files_own_words_stay_as_evidence(work: Desk) -> None:
    work.run(csv("ana@empresa.com.br,sei lá,Formulário do site: rodapé,"), options())
    (row,) = work.query("select consent_evidence, consent_form from mkt.audience_contacts")
    assert row.consent_evidence == {
        "legal_basis": "nao_informada", "legal_basis_said": "sei lá",
        "source": "web_form", "source_said": "Formulário do site: rodapé",
    }  # fmt: skip
    assert row.consent_form == "Formulário do site: rodapé"


def test_a_later_import_says_what_nobody_had_and_replaces_nothing(work: Desk) -> None:
    first = work.run(csv("ana@empresa.com.br,,indicação,", "bia@empresa.com.br,contrato,,"), options())
    second = work.run(csv("ana@empresa.com.br,opt-in,,2025-03-05", "bia@empresa.com.br,opt-in,evento,"), options())
    third = work.run(csv("ana@empresa.com.br,,,", "bia@empresa.com.br,,,"), options(basis=LegalBasis.HEALTH))
    assert consents(work) == {"ana": ("consentimento", "referral"), "bia": ("execucao_de_contrato", None)}
    ana, bia = work.query(
        "select a.import_job_id, a.consent_job_id, a.consented_at, a.consent_evidence"
        " from mkt.audience_contacts a join mtrk.contatos c using (rid) order by c.email"
    )
    assert (ana.import_job_id, ana.consent_job_id) == (first.import_job_id, second.import_job_id)
    assert ana.consented_at == datetime(2025, 3, 5, 3, tzinfo=UTC)
    assert ana.consent_evidence["before"]["source"] == "referral"
    assert (bia.consent_job_id, bia.consented_at) == (None, None)
    assert [work.report(job).consents_unstated for job in (first, second, third)] == [1, 0, 0]


def evidence(work: Desk) -> dict[str, Any]:
    """Return what is kept as evidence of one membership."""
    (row,) = work.query("select consent_evidence from mkt.audience_contacts")
    found: dict[str, Any] = row.consent_evidence
    return found


def test_what_was_there_before_can_be_told_and_put_back(work: Desk) -> None:
    row = csv("ana@empresa.com.br,,,")
    work.run(row, options(source="purchased", collected_at="2024-02-01", consent_form="contrato 7"))
    before = work.query(
        "select legal_basis, consent_source, consented_at, consent_ip, consent_form, consent_evidence, consent_job_id"
        " from mkt.audience_contacts"
    )
    second = work.run(row, options(basis="consentimento", source="web_form", evidence="chamado 42"))
    assert consents(work) == {"ana": ("consentimento", "web_form")}
    kept = evidence(work)
    assert kept["evidence"] == "chamado 42"
    assert (kept["before"]["legal_basis"], kept["before"]["source"]) == ("nao_informada", "purchased")
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            "update mkt.audience_contacts a set legal_basis = b.value ->> 'legal_basis', consent_source = b.value ->> 'source',"
            " consented_at = cast(b.value ->> 'consented_at' as timestamptz), consent_ip = cast(b.value ->> 'ip' as inet),"
            " consent_form = b.value ->> 'form', consent_evidence = b.value -> 'evidence',"
            " consent_job_id = cast(b.value ->> 'consent_job_id' as uuid)"
            " from (select consent_evidence -> 'before' as value from mkt.audience_contacts where consent_job_id = :job) b"
            " where a.consent_job_id = :job",
            {"job": second.import_job_id},
        )
    assert before == work.query(
        "select legal_basis, consent_source, consented_at, consent_ip, consent_form, consent_evidence, consent_job_id"
        " from mkt.audience_contacts"
    )


def test_where_nobody_said_a_basis_a_source_alone_is_taken_and_a_bought_list_shows(work: Desk) -> None:
    row = csv("ana@empresa.com.br,,,")
    work.run(row, options())
    work.run(row, options(source="purchased"))
    assert consents(work) == {"ana": ("nao_informada", "purchased")}
    work.run(row, options(source="event"))
    assert consents(work) == {"ana": ("nao_informada", "purchased")}
    work.run(row, options(basis="consentimento"))
    assert consents(work) == {"ana": ("consentimento", "purchased")}
    assert evidence(work)["before"]["evidence"]["before"] == {"legal_basis": "nao_informada"}


def test_a_stated_basis_keeps_all_that_was_said_with_it(work: Desk) -> None:
    row = csv("ana@empresa.com.br,,,")
    work.run(row, options(basis="consentimento"))
    work.run(row, options(basis="pesquisa", source="purchased", consent_form="x", evidence="y"))
    assert consents(work) == {"ana": ("consentimento", None)}
    (kept,) = work.query("select consent_form, consent_evidence, consent_job_id from mkt.audience_contacts")
    assert tuple(kept) == (None, None, None)


def test_who_brings_the_file_says_on_which_form_and_what_else_shows_it(work: Desk) -> None:
    asked = options(basis="consentimento", consent_form="Landing page 3", evidence="chamado 42")
    work.run(csv("ana@empresa.com.br,,Formulário do site: rodapé,", "bia@empresa.com.br,,,"), asked)
    ana, bia = work.query(
        "select a.consent_form, a.consent_evidence from mkt.audience_contacts a join mtrk.contatos c using (rid) order by c.email"
    )
    assert (ana.consent_form, bia.consent_form) == ("Formulário do site: rodapé", "Landing page 3")
    assert ana.consent_evidence["evidence"] == "chamado 42"
    assert ana.consent_evidence["source_said"] == "Formulário do site: rodapé"
    assert bia.consent_evidence == {"evidence": "chamado 42"}


def test_a_plan_is_carried_out_on_the_terms_on_which_it_was_counted(work: Desk) -> None:
    default(work, BASIS, None)
    planned = work.run(csv("ana@empresa.com.br,,,"), options(), kind=JobKind.DRY_RUN)
    default(work, LegalBasis.RESEARCH, None)
    tenant = work.tenant
    work.finish(carry_out(work.threads.context, tenant.tenant_id, tenant.user_id, planned.import_job_id).import_job_id)
    assert consents(work) == {"ana": ("execucao_de_contrato", None)}


def test_the_same_file_is_another_request_once_the_audience_says_something_else(work: Desk) -> None:
    def ask() -> Receipt:
        tenant, data = work.tenant, io.BytesIO(csv("ana@empresa.com.br,,,").encode())
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", options())
        receipt = intake(work.threads.context, request, data)
        work.finish(receipt.import_job_id)
        return receipt

    assert [ask().reused, ask().reused] == [False, True]
    default(work, BASIS, None)
    assert [ask().reused, ask().reused] == [False, True]
    assert consents(work) == {"ana": ("execucao_de_contrato", None)}


def test_words_that_nobody_understands_are_warned_about(work: Desk) -> None:
    job = work.run(csv("ana@empresa.com.br,sei lá,do além,", "bia@empresa.com.br,Consentimento,Feira,"), options())
    rows = work.query(
        "select warnings from mkt.import_rows where import_job_id = :job order by row_number", job=job.import_job_id
    )
    assert [row.warnings for row in rows] == [
        [{"code": "consent_unread", "column": "origem"}, {"code": "consent_unread", "column": "base"}], None,
    ]  # fmt: skip


def test_the_day_of_collection_is_one_of_the_tenants_zone_and_the_row_knows_better(work: Desk) -> None:
    asked = options(collected_at="2024-02-01")
    rows = csv("ana@empresa.com.br,,,", "bia@empresa.com.br,,,2023-01-01", "caio@empresa.com.br,,,ontem")
    work.run(rows, asked)
    found = work.query(
        "select c.email, a.consented_at from mkt.audience_contacts a join mtrk.contatos c using (rid) order by c.email"
    )
    assert [row.consented_at for row in found] == [
        datetime(2024, 2, 1, 3, tzinfo=UTC), datetime(2023, 1, 1, 3, tzinfo=UTC), None,
    ]  # fmt: skip


@pytest.mark.parametrize("when", [datetime.now(UTC) + timedelta(days=2), datetime(1994, 12, 31, tzinfo=UTC)])
def test_addresses_that_nobody_can_have_collected_then_are_refused(work: Desk, when: datetime) -> None:
    with pytest.raises(IntakeRefusedError, match="`collected_at` lies between 1995 and today"):
        work.run(csv("ana@empresa.com.br,,,"), options(collected_at=when))
    assert work.query("select from mkt.import_jobs") == []


def test_a_commit_says_of_consent_what_its_dry_run_was_told(work: Desk) -> None:
    planned = work.run(
        csv("ana@empresa.com.br,,,"), options(basis=BASIS, collected_at="2024-02-01"), kind=JobKind.DRY_RUN
    )
    work.finish(
        carry_out(work.threads.context, work.tenant.tenant_id, work.tenant.user_id, planned.import_job_id).import_job_id
    )
    assert consents(work) == {"ana": ("execucao_de_contrato", None)}


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("Consentimento", "consentimento"), ("CONSENTIMENTO ", "consentimento"), ("opt-in", "consentimento"),
        ("legítimo interesse", "legitimo_interesse"), ("Legitimo Interesse", "legitimo_interesse"), ("Legitimate interest - prospect/lead", "legitimo_interesse"),
        ("Freely given consent from contact;Performance of a contract", "consentimento"), ("execução de contrato", "execucao_de_contrato"),
        ("sem consentimento", "nao_informada"), ("não informada", "nao_informada"), ("consentimento revogado", None), ("", None), ("???", None),
    ],
)  # fmt: skip
def test_a_legal_basis_is_understood_in_portuguese_and_english_as_a_whole(cell: str, meant: str | None) -> None:
    assert legal_basis(cell) == meant


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("comprada", "purchased"), ("Lista comprada da Acme", "purchased"), ("PURCHASED", "purchased"), ("formulário do site", "web_form"),
        ("Site de terceiros", "purchased"), ("Feira de Negócios 2026", "event"), ("Indicação", "referral"), ("xyz", None), ("", None),
    ],
)  # fmt: skip
def test_a_source_is_understood_by_the_words_that_it_begins_with(cell: str, meant: str | None) -> None:
    assert consent_source(cell) == meant


def test_what_is_understood_are_the_words_of_the_platform() -> None:
    assert all(legal_basis(basis) == basis for basis in LegalBasis)
    assert all(consent_source(source) == source for source in ConsentSource)
