"""Who somebody is, what is kept of them, and how they are erased, at the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from config.settings import Settings
from db import endings, jobs
from db.statuses import JobStatus
from db.unit import Database
from tests.cli.conftest import Mkt
from tests.conftest import Tenant
from tests.support.workers import Inline

pytestmark = pytest.mark.usefixtures("workers")

FILE = "nome;e-mail;cidade\nAna;ana@gmail.com;Natal\nAna;A.na@gmail.com;\nBia;bia@uol.com.br;Recife\nCaio;caio@;ver ana@gmail.com\n"


@pytest.fixture
def known(mkt: Mkt, imported: Callable[[Path], str], tmp_path: Path) -> Mkt:
    """Return the command, after an import."""
    path = tmp_path / "feira.csv"
    path.write_text(FILE, encoding="utf-8")
    imported(path)
    return mkt


def test_a_contact_is_shown_with_every_row_it_came_from(known: Mkt) -> None:
    shown = known("contact", "show", " <mailto:ANA@gmail.com> ".strip("<> "))
    assert shown.code == 0, shown.err
    for said in (
        "ana@gmail.com",
        "a.na@gmail.com",
        "people",
        "feira.csv",
        "system",
        "created",
        "Audiences",
        "Rows of files",
    ):
        assert said in shown.out
    document = known("contact", "show", "ana@gmail.com", "--json").json
    assert {row["row_number"] for row in document["rows"]} == {2, 3}
    assert [member["audience"] for member in document["memberships"]] == ["people", "people"]
    assert document["known"]
    assert document["states"]


def test_whoever_is_to_be_erased_is_not_said_to_be_gone_before(
    known: Mkt, unattended: Mkt, settings: Settings, database: Database, tenant: Tenant
) -> None:
    job = unattended("privacy", "erase", "bia@uol.com.br", "--reason", "pedido", "--detach", "--json").json[
        "import_job_id"
    ]
    shown = unattended("contact", "show", "bia@uol.com.br")
    assert f"that is not done yet: `mkt job show {job}`" in shown.out
    assert "Recife" in shown.out
    document = unattended("contact", "show", "bia@uol.com.br", "--json").json
    assert (document["erased_at"], document["erasing"]) == (None, job)
    assert "what follows is still there" in unattended("privacy", "export", "bia@uol.com.br", "--lang", "en").out
    with Inline(settings) as inline:
        with database.unit(tenant.tenant_id) as unit:
            jobs.set_status(unit, UUID(job), JobStatus.QUEUED, JobStatus.PROCESSING)
            hint = endings.fail(unit, UUID(job), code="attempts_exhausted", detail="no", hints=inline.context.hints)
        assert hint is not None
        inline.context.dispatch([hint])
        assert inline.finish(tenant.tenant_id, UUID(job)).status is JobStatus.FAILED
    assert f"`mkt job retry {job}` tries again" in unattended("contact", "show", "bia@uol.com.br").out
    assert known("job", "retry", job).code == 0
    assert known("job", "watch", job).code == 0
    document = known("contact", "show", "bia@uol.com.br", "--json").json
    assert (document["erased_at"] is not None, document["erasing"]) == (True, None)


def test_somebody_unknown_and_a_text_that_is_no_address_are_one_sentence(mkt: Mkt) -> None:
    unknown = mkt("contact", "show", "nobody@empresa.com.br")
    assert (unknown.code, len(unknown.out.splitlines())) == (0, 1)
    wrong = mkt("contact", "show", "nobody")
    assert (wrong.code, len(wrong.err.splitlines())) == (2, 1)
    assert "no @" in wrong.err.lower()


def test_the_answer_of_article_19_is_in_portuguese_and_names_the_source(known: Mkt, tmp_path: Path) -> None:
    target = tmp_path / "resposta.md"
    written = known("privacy", "export", "ana@gmail.com", "--output", str(target), "--lang", "pt-BR")
    assert written.code == 0, written.err
    text = target.read_text(encoding="utf-8")
    for said in ("art. 19", "feira.csv, linha 2, enviado por system", "não informada", "people", "Natal", "citam você"):
        assert said in text
    assert text.count("feira.csv") == 3  # her two rows, and the one that names her
    assert target.stat().st_mode & 0o077 == 0
    assert known("privacy", "export", "ana@gmail.com", "--output", str(target)).code == 2
    assert "no record" in known("privacy", "export", "outra@gmail.com", "--lang", "en").out


def test_an_erased_person_is_known_no_more_and_stays_out(known: Mkt, tmp_path: Path) -> None:
    erased = known("privacy", "erase", "ana@gmail.com", "--reason", "pedido de 3 de março")
    assert erased.code == 0, erased.err
    assert "2 contacts anonymised, 3 rows of files emptied, the files of 1 job deleted" in erased.out
    assert "was erased on" in known("contact", "show", "a.n.a@gmail.com").out
    assert "You were erased" in known("privacy", "export", "ana@gmail.com").out

    (job,) = [each for each in known("job", "list", "--json").json if each["kind"] == "import"]
    for refused in (
        ("job", "rejects", job["import_job_id"]),
        ("job", "rows", job["import_job_id"], "--output", str(tmp_path)),
    ):
        answer = known(*refused)
        assert (answer.code, len(answer.err.splitlines())) == (2, 1)
        assert "erased" in answer.err
    mended = known("import", str(tmp_path / "feira.csv"), "--mends", job["import_job_id"])
    assert (mended.code, "erased" in mended.err) == (2, True)

    again = known("import", str(tmp_path / "feira.csv"), "--audience", "people", "--again", "--json").json
    assert again["errors_by_code"] == {"erased_person": 3}
    assert again["contacts_unchanged"] == 1


def test_an_erasure_needs_a_reason_and_an_address(mkt: Mkt) -> None:
    for wrong in (("privacy", "erase", "ana@gmail.com", "--reason", " "), ("privacy", "erase", "ana", "--reason", "x")):
        answer = mkt(*wrong)
        assert (answer.code, len(answer.err.splitlines())) == (2, 1)


def test_somebody_unknown_is_blocked_all_the_same(mkt: Mkt) -> None:
    answer = mkt("privacy", "erase", "ninguem@empresa.com.br", "--reason", "pedido", "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["kind"], answer.json["status"]) == ("erasure", "done")
    assert "address" not in answer.json["options"]
    assert mkt("job", "show", answer.json["import_job_id"]).out.count("no record") == 1


def test_the_answer_does_not_tell_one_person_about_another(known: Mkt) -> None:
    answer = known("privacy", "export", "ana@gmail.com")
    assert "cidade: ver ana@gmail.com" in answer.out
    assert "Caio" not in answer.out
