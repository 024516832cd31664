"""`mkt job undo` and `mkt job undone`: first what would happen, then that it did; and every refusal in one sentence."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from db.unit import Database
from tests.cli.conftest import Mkt
from tests.conftest import Tenant
from tests.pipeline.sends import opt_out


@pytest.mark.usefixtures("workers")
def test_an_import_is_foreseen_to_go_goes_and_says_that_it_went(
    mkt: Mkt, database: Database, tenant: Tenant, contacts: Path, tmp_path: Path
) -> None:
    job = mkt("import", str(contacts), "--audience", "people", "--json").json["import_job_id"]
    assert mkt("job", "show", job, "--json").json["undo"] is None
    nobody = mkt("job", "undone", job)
    assert (nobody.code, nobody.err.count("\n")) == (2, 1)
    assert "Nobody has asked" in nobody.err
    opt_out(database, tenant, "bia@uol.com.br")

    foreseen = mkt("job", "undo", job, "--dry-run")
    assert foreseen.code == 0, foreseen.err
    assert "An undo now: 4 things = 3 taken back + 1 kept + 0 that cannot be." in foreseen.out
    assert "opted out by something else since" in foreseen.out
    told = mkt("job", "undo", job, "--dry-run", "--json").json
    counts = {
        "reversed": 3, "kept": 1, "failed": 0,
        "things": {
            "contact": {"reversed": 1, "kept": {"suppressed": 1}, "failed": {}},
            "link": {"reversed": 2, "kept": {}, "failed": {}},
        },
    }  # fmt: skip
    assert told == {"undoes": job, "dry_run": True, **counts}
    assert mkt("job", "show", job, "--json").json["undo"] is None

    done = mkt("job", "undo", job)
    assert done.code == 0, done.err
    assert "4 things = 3 taken back + 1 kept + 0 failed." in done.out

    document = mkt("job", "show", job, "--json").json
    undo = document["undo"]["import_job_id"]
    assert (document["undo"]["status"], document["undo"]["reversed"], document["undo"]["not_reversed"]) == (
        "done",
        3,
        1,
    )
    assert "This import was undone by system, " in mkt("job", "show", job).out
    assert "Esta importação foi desfeita por system" in mkt("job", "show", job, MKT_LANG="pt-BR").out
    shown = mkt("job", "show", undo, "--json").json
    assert {name: shown[name] for name in counts} == counts
    assert (shown["kind"], shown["undoes"], shown["total_rows"], shown["ok_rows"]) == ("undo", job, 4, 3)
    assert "4 coisas = 3 desfeitas + 1 que ficam + 0 que falharam." in mkt("job", "watch", undo, MKT_LANG="pt-BR").out

    (kept,) = mkt("job", "undone", job, "--outcome", "kept", "--json").json
    assert (kept["email"], kept["thing"], kept["reason"]) == ("bia@uol.com.br", "contact", "suppressed")
    assert "opted out by something else since" in mkt("job", "undone", undo).out
    file = tmp_path / "undone.csv"
    assert mkt("job", "undone", job, "--output", str(file)).code == 0
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["email"], row["thing"], row["outcome"]) for row in rows if row["thing"] == "contact"] == [
        ("ana@gmail.com", "contact", "reversed"),
        ("bia@uol.com.br", "contact", "kept"),
    ]
    again = mkt("job", "undo", job)
    assert (again.code, again.out, again.err.count("\n")) == (2, "", 1)
    assert "was undone already, by system" in again.err
    foreseen = mkt("job", "undo", job, "--again", "--dry-run")
    assert "An undo now: 1 thing = 0 taken back + 1 kept + 0 that cannot be." in foreseen.out, foreseen.err
    once_more = mkt("job", "undo", job, "--again")
    assert "1 thing = 0 taken back + 1 kept + 0 failed." in once_more.out, once_more.err
    for command in (("rows",), ("rejects",), ("suggestions",), ("commit",)):
        refused = mkt("job", *command, undo)
        assert (refused.code, refused.err.count("\n")) == (2, 1), refused
        assert "has no file" in refused.err
    assert "is an undo itself" in mkt("job", "undo", undo).err
    assert mkt("import", str(contacts), "--audience", "people", "--json").json["reused"] is False


def test_an_undo_that_nobody_works_at_yet_is_asked_for_and_cancelled(mkt: Mkt, unattended: Mkt, contacts: Path) -> None:
    running = unattended("import", str(contacts), "--audience", "people", "--detach", "--json").json["import_job_id"]
    refused = unattended("job", "undo", running)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "cancel it first" in refused.err
    assert "cancel it first" in mkt("job", "undo", running, "--dry-run").err
    assert "There is no job" in mkt("job", "undo", "00000000").err


@pytest.mark.usefixtures("workers", "tenant")
def test_what_is_undone_to_the_last_thing_is_refused_in_one_sentence(mkt: Mkt, tmp_path: Path) -> None:
    (tmp_path / "gone.csv").write_text("email\ngone@gmail.com\n", encoding="utf-8")
    gone = mkt("import", str(tmp_path / "gone.csv"), "--audience", "people", "--json").json["import_job_id"]
    assert mkt("job", "undo", gone).code == 0
    nothing = mkt("job", "undo", gone, "--again")
    assert (nothing.code, nothing.err.count("\n")) == (2, 1), nothing
    assert "nothing is left of it" in nothing.err
