"""An erased person: nothing of them in any table or file, nothing of others lost, and no way back in by a file."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from config.endpoints import database_url
from config.settings import Settings
from db.deliveries import Event
from db.statuses import DeliveryKind, JobKind, JobStatus, OverrideDecision
from pipeline import overrides
from pipeline.deliveries import record
from pipeline.erasures import ask
from pipeline.options import ImportOptions
from tests.pipeline.imports import Desk
from tests.privacy.traces import found
from tests.support.campaigns import make_campaign

#: Her address in ways in which it comes: as it is stored, with capitals, in other words, with dots, with a tag.
SPELLINGS = (
    "maria.sumida@gmail.com",
    "mariasumida@gmail.com",
    "m.aria.sumida@googlemail",
    "mariasumida+loja@gmail",
    "ria.sumida",
)
FILE = (
    "email;nome;obs;indicado por\n"
    "Maria.Sumida@Gmail.com;Maria da Sumida;gosta de chá;\n"
    "MariaSumida@gmail.com;Maria S.;;\n"
    "bia@empresa.com.br;Bia;amiga de mariasumida@gmail.com;Maria.Sumida+loja@gmail.com\n"
    "caio@empresa.com.br;Caio;;\n"
    "mailto:m.aria.sumida@googlemail.com oi@;Maria quebrada;;\n"
    "bia.segunda@empresa.com.br, maria.sumida @gmail.com;Bia 2;;\n"
    "mariana.sumida@gmail.com;Mariana;não é ela;\n"
)
#: Of others, with her address as links, programs and people write it.
DRESSED = (
    "email;nome;obs\n"
    "novo1@empresa.com.br;N;mailto:maria.sumida@gmail.com?subject=oi\n"
    "novo2@empresa.com.br;N;maria.sumida@gmail.com/bia@empresa.com.br\n"
    "novo3@empresa.com.br;N;https://s.co/u?email=maria.sumida%40gmail.com\n"
    "novo4@empresa.com.br;N;é a maria.sumida@gmail.com!\n"
    "ruim;N;{maria.sumida@gmail.com}\n"
    "ruim@;sumida@gmail.com.br é outra;\n"
)


def erase(work: Desk, address: str, reason: str = "pedido por telefone") -> None:
    tenant = work.tenant
    receipt = ask(work.threads.context, tenant.tenant_id, tenant.user_id, address, reason)
    job = work.finish(receipt.import_job_id)
    assert (job.status, job.failure_detail) == (JobStatus.DONE, None)


def live(work: Desk) -> None:
    """Have everything said of her that can be."""
    context, tenant = work.threads.context, work.tenant
    work.run(FILE, name="lista de maria.sumida@gmail.com.csv")
    work.run("email;cidade\nmaria.sumida@gmail.com;Natal\n", kind=JobKind.DRY_RUN)
    work.run(
        "email;cidade;descadastrado\nmaria.sumida@gmail.com;Natal;sim\n",
        ImportOptions(map={"descadastrado": "opt_out"}),
    )
    work.run(DRESSED)
    make_campaign(work.database, tenant, name="Só para maria.sumida@gmail.com")
    moment = datetime(2026, 3, 5, tzinfo=UTC)
    record(context, tenant.tenant_id, [Event("e1", "mariasumida@gmail.com", DeliveryKind.BOUNCE_HARD, moment)])
    overrides.decide(
        context, tenant.tenant_id, tenant.user_id, ["maria.sumida@gmail.com"], OverrideDecision.ALLOW, note=""
    )
    overrides.decide(
        context,
        tenant.tenant_id,
        tenant.user_id,
        ["empresa.com.br"],
        OverrideDecision.ALLOW,
        note="ver maria.sumida@gmail.com",
    )


def test_nothing_of_an_erased_person_is_found_anywhere(work: Desk, settings: Settings) -> None:
    live(work)
    assert len({place.partition(":")[0] for place in found(settings, *SPELLINGS)}) > 8

    erase(work, "MARIA.SUMIDA@gmail.com", "pedido de maria.sumida@gmail.com")

    assert found(settings, *SPELLINGS, "gosta de chá", "Maria da Sumida", "quebrada") == []


def test_what_is_others_stays(work: Desk) -> None:
    work.run(FILE)
    erase(work, "maria.sumida@gmail.com")

    rows = work.query(
        "select row_number, raw_email, raw_name, attributes, normalized_email, parse_status from mkt.import_rows order by 1"
    )
    by_number = {row.row_number: row for row in rows}
    assert by_number[4].attributes == {"obs": "amiga de [erased]", "indicado por": "[erased]"}
    assert by_number[5].raw_email == "caio@empresa.com.br"
    assert by_number[8].raw_name == "Mariana"
    assert by_number[2].normalized_email.endswith("@erased.invalid")
    contacts = work.contacts()
    assert contacts["bia@empresa.com.br"] == ("Bia", {"obs": "amiga de [erased]", "indicado por": "[erased]"})
    assert contacts["mariana.sumida@gmail.com"][0] == "Mariana"
    (job,) = work.query(
        "select total_rows, ok_rows, error_rows, duplicate_rows, erased_at from mkt.import_jobs where kind = 'import'"
    )
    assert job.total_rows == len(rows) == job.ok_rows + job.error_rows + job.duplicate_rows
    assert job.erased_at is not None


def test_the_log_of_the_server_has_no_row_that_it_stumbled_over(settings: Settings) -> None:
    columns = "import_job_id, part_no, row_number, tenant_id, raw_email, parse_status"
    row = f"{UUID(int=0)}\t0\t1\t{UUID(int=0)}\tzoe.logada@empresa.com.br\tneither\n"
    with psycopg.connect(database_url(settings)) as connection, pytest.raises(psycopg.errors.CheckViolation):  # noqa: SIM117 (the error is that of the inner end)
        with connection.cursor() as cursor, cursor.copy(f"copy mkt.import_rows_default ({columns}) from stdin") as copy:
            copy.write(row)
    log = (settings.home_path / "postgresql" / "server.log").read_text("utf-8")
    assert "violates check constraint" in log
    assert "zoe.logada" not in log


def test_an_erased_person_does_not_come_back_by_a_file(work: Desk, settings: Settings) -> None:
    work.run(FILE)
    erase(work, "maria.sumida@gmail.com")

    work.run(
        DRESSED,
        ImportOptions(evidence="carta de maria.sumida@gmail.com", consent_form="x?maria.sumida@gmail.com"),
        name="lista da maria.sumida@gmail.com.csv",
    )
    assert work.contacts()["novo1@empresa.com.br"] == ("N", {"obs": "mailto:[erased]?subject=oi"})
    kept = work.query("select raw_name from mkt.import_rows where raw_email = 'ruim@'")
    assert [row.raw_name for row in kept] == ["sumida@gmail.com.br é outra"]

    job = work.run(FILE)

    report = work.report(job)
    assert (report.status, report.total_rows) == ("done", 7)
    codes = [
        row.error_code
        for row in work.query(
            "select error_code from mkt.import_rows where import_job_id = :job order by row_number",
            job=job.import_job_id,
        )
    ]
    assert codes[:5] == ["erased_person", "erased_person", None, None, "erased_person"]
    assert [
        place for place in found(settings, *SPELLINGS) if place.startswith(("mkt.", "mtrk.", "ops.", "audit."))
    ] == []
    assert not [email for email in work.contacts() if email.startswith("maria.")]
