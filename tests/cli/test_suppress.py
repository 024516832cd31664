"""`mkt suppress`: files of opt-outs, single ones, and how they are taken back; one sentence for what cannot be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings
from db.unit import Database
from tests.cli.conftest import Mkt
from tests.conftest import Tenant
from tests.pipeline.neighbours import IN_SILENCE, guarded
from tests.support.opt_outs import holding, suppress, suppress_erased

OUT = b"email;nome\r\nana@gmail.com;Ana\r\nbad;x\r\n;\r\nANA@gmail.com;\r\nzoe@uol.com.br;Zoe\r\n"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    path = tmp_path / "saiu.csv"
    path.write_bytes(OUT)
    return path


@pytest.mark.usefixtures("workers")
def test_a_file_ends_in_sentences_that_add_up(mkt: Mkt, out: Path, contacts: Path, tenant: Tenant) -> None:
    mkt("import", str(contacts), "--audience", "people")
    answer = mkt("suppress", "import", str(out), "--kind", "complaint")
    assert answer.code == 0, answer.err
    assert "5 records - 1 blank - 1 errors - 1 duplicates = 2 addresses." in answer.out
    assert "2 opt-outs: 2 new, 0 were said before; 1 contact among them." in answer.out
    again = mkt("suppress", "import", str(out), "--kind", "complaint", "--json").json
    assert (again["reused"], again["kind"], again["audience"]) == (True, "suppression", None)
    assert again["opt_outs"] == {"entries": 2, "new": 2, "already": 0, "contacts": 1, "lifted": 0}
    insisted = mkt("suppress", "import", str(out), "--kind", "complaint", "--again", "--audience", "people")
    assert "2 opt-outs: 0 new, 2 were said before; 1 contact among them." in insisted.out
    job = again["import_job_id"]
    assert [row["error_code"] for row in mkt("job", "rows", job, "--status", "error", "--json").json] == [
        "syntax_no_at"
    ]
    rejects = out.with_name("rejects.csv")
    assert mkt("job", "rejects", job, "--output", str(rejects)).code == 0
    assert b"syntax_no_at" in rejects.read_bytes()
    assert "2 opt-outs: 2 new" in mkt("job", "show", job).out
    shown = mkt("job", "list", "--json").json
    assert [(each["kind"], each["audience"]) for each in shown[:2]] == [
        ("suppression", "people"),
        ("suppression", None),
    ]
    assert mkt("job", "suggestions", job).code == 0
    assert mkt("job", "suggestions", job, "--accept", "all").code == 2  # it has no contacts
    retracted = mkt("suppress", "retract", job, "--reason", "o arquivo errado", "--json").json
    assert (retracted["addresses"], retracted["staying"]) == (2, 0)
    assert "2 of these opt-outs were lifted since." in mkt("job", "show", job).out
    twice = mkt("suppress", "retract", job, "--reason", "o arquivo errado")
    assert twice.code == 2
    assert "has opted nobody out" in twice.err
    assert tenant.slug not in twice.err


def test_single_ones_are_added_listed_and_lifted_by_evidence(
    mkt: Mkt, database: Database, tenant: Tenant, settings: Settings, tmp_path: Path
) -> None:
    suppress(database, tenant, "A.NA@gmail.com", source="crm")
    suppress_erased(settings, database, tenant, "rui@uol.com.br")
    assert "is opted out (blocked by hand)" in mkt("suppress", "add", "ana@gmail.com", "--reason", "ligou").out
    assert mkt("suppress", "add", "ANA@gmail.com", "--reason", "ligou de novo", "--json").json == {
        "address": "ana@gmail.com",
        "kind": "manual",
        "audience": None,
        "new": False,
    }
    assert (
        mkt("suppress", "add", "bia@uol.com.br", "--kind", "bounce", "--reason", "x", "--audience", "people").code == 0
    )
    listed = mkt("suppress", "list", "--json").json
    assert [(each["email"], each["kind"], each["audience"], each["source"]) for each in listed] == [
        ("bia@uol.com.br", "bounce", "people", "operator"),
        ("ana@gmail.com", "manual", None, "operator"),
        ("ana@gmail.com", "manual", None, "operator"),
        (None, "erasure", None, "erasure"),
        ("a.na@gmail.com", "unsubscribe", None, "crm"),
    ]
    assert [each["kind"] for each in mkt("suppress", "list", "--kind", "bounce", "--json").json] == ["bounce"]
    assert [each["kind"] for each in mkt("suppress", "list", "--audience", "people", "--json").json] == ["bounce"]
    shown = mkt("suppress", "list", "--limit", "4").out
    assert "erased person" in shown
    assert "--limit 0" in shown
    file = tmp_path / "todos.csv"
    assert mkt("suppress", "list", "--output", str(file)).code == 0
    assert file.read_text("utf-8-sig").count("\n") == 6

    lifted = mkt("suppress", "lift", "an.a@gmail.com", "--evidence", "formulário 3 de março", "--json").json
    assert lifted["lifted"] == ["unsubscribe"]
    assert [each["kind"] for each in lifted["staying"]] == ["manual", "manual"]
    named = mkt("suppress", "lift", "ana@gmail.com", "--evidence", "carta", "--kind", "manual")
    assert named.out == "ana@gmail.com: 2 opt-outs are lifted (blocked by hand).\n"
    assert mkt("suppress", "lift", "rui@uol.com.br", "--evidence", "carta", "--kind", "erasure").code == 0
    assert holding(database, tenant) == [("bia@uol.com.br", "bounce")]
    why = mkt("suppress", "list", "--lifted").out
    assert "formulário 3 de março" in why
    assert "agreed anew" in why
    story = mkt("check", "ana@gmail.com", "--history").out
    assert story.count("opt-out lifted") == 3


def test_what_cannot_be_done_is_said_in_one_sentence(
    mkt: Mkt, database: Database, tenant: Tenant, other_tenant: Tenant, out: Path, tmp_path: Path
) -> None:
    suppress(database, tenant, "ana@gmail.com", "complaint")
    suppress(database, tenant, "bia@gmail.com", audience_id=tenant.audience_id)
    suppress(database, other_tenant, "caio@gmail.com")
    empty = tmp_path / "empty.csv"
    empty.write_text("email\n")
    before = holding(database, tenant)
    for arguments, said in (
        (("lift", "ana@gmail.com"), "--evidence"),
        (("lift", "ana@gmail.com", "--evidence", " "), "--evidence"),
        (("lift", "ana@gmail.com", "--evidence", "x"), "complained (--kind complaint)"),
        (("lift", "bia@gmail.com", "--evidence", "x"), '--kind unsubscribe --audience "people"'),
        (("lift", "caio@gmail.com", "--evidence", "x"), "is not opted out"),
        (("lift", "nothing", "--evidence", "x"), "is not one e-mail address"),
        (("add", "ana@gmail.com, bia@gmail.com", "--reason", "x"), "several addresses"),
        (("add", "ana@gmail.com"), "--reason"),
        (("add", "ana@gmail.com", "--reason", "x", "--audience", "nobody"), "nobody"),
        (("retract", "01a220b5-20e2-77c2-a8ed-59a8d8ee5d56", "--reason", "x"), "01a220b5"),
        (("import", str(empty), "--kind", "manual"), "empty.csv"),
        (("import", str(tmp_path / "none.csv"), "--kind", "manual"), "none.csv"),
        (("import", str(out), "--kind", "manual", "--audience", "nobody"), "nobody"),
        (("import", str(out), "--kind", "erasure"), "erasure"),
        (("import", str(out)), "--kind"),
        (("list", "--audience", "nobody"), "nobody"),
    ):
        answer = mkt("suppress", *arguments)
        assert answer.code == 2, arguments
        assert said in answer.err, arguments
        assert "Traceback" not in answer.err
        assert answer.out == ""
    assert holding(database, tenant) == before
    assert mkt("job", "list", "--json").json == []


def test_an_opt_out_that_another_module_passes_over_is_refused_in_one_sentence(
    mkt: Mkt, settings: Settings, tenant: Tenant
) -> None:
    with guarded(settings, tenant, "insert", IN_SILENCE, table="ops.suppressions"):
        answer = mkt("suppress", "add", "ana@gmail.com", "--reason", "pediu")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Nothing was written: a trigger on ops.suppressions passes over it in silence.")
    assert len(answer.err.splitlines()) == 1
    assert mkt("suppress", "list", "--json").json == []


def test_a_job_that_runs_or_says_nothing_cannot_be_retracted(unattended: Mkt, out: Path, contacts: Path) -> None:
    made = unattended("suppress", "import", str(out), "--kind", "manual", "--detach", "--json").json
    running = unattended("suppress", "retract", made["import_job_id"], "--reason", "x")
    assert (running.code, "has not ended" in running.err) == (2, True)
    planned = unattended("import", str(contacts), "--audience", "people", "--dry-run", "--detach", "--json").json
    nothing = unattended("suppress", "retract", planned["import_job_id"], "--reason", "x")
    assert (nothing.code, "opted nobody out" in nothing.err) == (2, True)


def test_portuguese_has_all_of_it(mkt: Mkt, database: Database, tenant: Tenant) -> None:
    suppress(database, tenant, "ana@gmail.com")
    ours = mkt.within(MKT_LANG="pt-BR")
    assert "descadastrado" in ours("suppress", "list").out
    assert "suspensos" in ours("suppress", "lift", "ana@gmail.com", "--evidence", "formulário").out
    assert "evidência" in ours("suppress", "lift", "ana@gmail.com").err
    assert "consentiu de novo" in ours("suppress", "list", "--lifted").out
