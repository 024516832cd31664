"""What people do leaves an event; membership and consent on the command line; and what is refused, in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import audit
from db.unit import Database
from tests.cli.conftest import CONTACTS, Mkt
from tests.conftest import Tenant

pytestmark = pytest.mark.usefixtures("workers")


def actions(database: Database, tenant: Tenant) -> list[str]:
    with database.reading(tenant.tenant_id) as unit:
        return [event.action for event in reversed(audit.events(unit))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "ana@empresa.com.br.csv"
    made.write_bytes(CONTACTS)
    return made


def test_everything_that_people_do_leaves_an_event_of_theirs(
    mkt: Mkt, path: Path, database: Database, tenant: Tenant
) -> None:
    assert mkt("user", "create", "ana@empresa.com.br").code == 0
    assert mkt("audience", "create", "ana@empresa.com.br", "--basis", "consentimento").code == 0
    for arguments in (
        ("rename", "ana@empresa.com.br", "bia@empresa.com.br"),
        ("describe", "bia@empresa.com.br", "of ana@empresa.com.br"),
        ("consent", "bia@empresa.com.br", "--source", "event"),
        ("archive", "bia@empresa.com.br"),
        ("reactivate", "bia@empresa.com.br"),
        ("export", "bia@empresa.com.br", "--output", str(path.parent)),
    ):
        assert mkt("audience", *arguments).code == 0, arguments
    planned = mkt(
        "import", str(path), "--audience", "people", "--save-mapping", "ana@empresa.com.br", "--dry-run", "--json"
    )
    job = planned.json["import_job_id"]
    assert mkt("job", "commit", job).code == 0
    assert mkt("job", "rows", job, "--output", str(path.parent)).code == 0
    assert mkt("mapping", "remove", "ana@empresa.com.br").code == 0
    assert mkt("audience", "remove", "people", "ana@gmail.com", "--reason", "asked by ana@gmail.com").code == 0
    assert mkt("audience", "readmit", "people", "ana@gmail.com").code == 0
    assert mkt("verdict", "allow", "ana@gmail.com").code == 0
    assert mkt("verdict", "policy", "--risky-roles").code == 0
    done = actions(database, tenant)
    assert done[done.index("user_created", 2) :] == [
        *("user_created", "audience_created", "audience_renamed", "audience_described", "audience_consent_set"),
        *("audience_archived", "audience_reactivated", "audience_exported", "mapping_saved", "job_created"),
        *("job_created", "job_committed", "rows_exported", "mapping_removed", "member_removed", "member_readmitted"),
        *("verdict_override_changed", "verdict_policy_changed"),
    ]
    shown = mkt("audit", "list", "--subject", job, "--json").json
    assert [event["action"] for event in shown] == ["rows_exported", "job_committed", "job_created"]
    assert {event["user"] for event in shown} == {"system"}
    assert mkt("audit", "list", "--subject", job[-12:], "--json").json == shown
    about = mkt("audit", "list", "--subject", "bia@empresa.com.br", "--json").json
    assert about == []  # an address, though an audience is called so
    about = mkt("audit", "list", "--subject", "people", "--json").json
    assert [event["action"] for event in about][:2] == ["member_readmitted", "member_removed"]
    (about,) = mkt("audit", "list", "--subject", "ana@gmail.com", "--json").json
    assert (about["action"], about["subject"][:5]) == ("verdict_override_changed", "hmac:")
    assert [event["action"] for event in mkt("audit", "list", "--action", "member_removed", "--json").json] == [
        "member_removed"
    ]
    assert mkt("audit", "list", "--since", "2999-01-01", "--json").json == []
    assert "These are the newest 2" in mkt("audit", "list", "--limit", "2").out


def test_an_archived_audience_says_which_campaigns_chose_it(mkt: Mkt, database: Database, tenant: Tenant) -> None:
    with database.unit(tenant.tenant_id) as unit:
        for name, excluded in (("Natal", False), ("Páscoa", True)):
            unit.execute(
                "with made as (insert into mtrk.campanhas (tenant_id, name) values (:t, :name) returning cid)"
                " insert into mkt.campaign_audiences (tenant_id, cid, audience_id, excluded) select :t, cid, :audience, :excluded from made",
                {"t": tenant.tenant_id, "name": name, "audience": tenant.audience_id, "excluded": excluded},
            )
    answer = mkt("audience", "archive", "people")
    assert "Campaigns that chose people, and reach nobody by it while it is archived: Natal." in answer.out
    assert "Campaigns that leave out whoever is in people, and go on doing so: Páscoa." in answer.out
    mkt("audience", "reactivate", "people")
    assert mkt("audience", "archive", "people", "--json").json["chosen_by"] == ["Natal"]


def test_the_closing_sentences_say_who_stays_out_and_who_has_no_basis(mkt: Mkt, path: Path) -> None:
    first = mkt("import", str(path), "--audience", "people")
    assert "Without a legal basis: 2 contacts; `--basis` and `--source` say it for a whole file." in first.out
    assert mkt("audience", "remove", "people", "ana@gmail.com").code == 0
    again = mkt("import", str(path), "--audience", "people", "--again", "--basis", "consentimento")
    assert "Taken out of this audience before, and staying out: 1 contact; `--readmit` brings them back." in again.out
    again_id = mkt("job", "list", "--limit", "1", "--json").json[0]["import_job_id"]
    (out,) = mkt("job", "rows", again_id, "--outcome", "kept_out", "--json").json
    assert (out["normalized_email"], out["outcome"]) == ("ana@gmail.com", "unchanged")
    assert mkt("job", "rows", again_id, "--outcome", "kept_out", "--output", str(path.parent)).code == 0
    back = mkt("import", str(path), "--audience", "people", "--readmit", "--json").json
    assert [back[name] for name in ("links_added", "links_existing", "links_kept_out", "consents_unstated")] == [
        *(1, 1, 0, 1)
    ]


def test_a_reason_with_an_address_is_refused_and_nothing_is_done(
    mkt: Mkt, tmp_path: Path, database: Database, tenant: Tenant
) -> None:
    path = tmp_path / "out.csv"
    path.write_text("email\nana@gmail.com\n", encoding="utf-8")
    job = mkt("suppress", "import", str(path), "--kind", "manual", "--json").json["import_job_id"]
    answer = mkt("suppress", "retract", job, "--reason", "ana@gmail.com wrote")
    assert (answer.code, len(answer.err.splitlines())) == (2, 1)
    assert "takes no e-mail address: nothing was done" in answer.err
    assert len(mkt("suppress", "list", "--json").json) == 1
    assert "opt_outs_retracted" not in actions(database, tenant)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("audience", "consent", "people"), "Say what counts"),
        (("audience", "remove", "people", "nobody@empresa.com.br"), "is not in the audience people"),
        (("audience", "remove", "people", "nobody"), "is not one e-mail address"),
        (("audience", "readmit", "people", "nobody@empresa.com.br"), "Nobody took nobody@empresa.com.br out"),
        (("audience", "remove", "nowhere", "ana@gmail.com"), "nowhere"),
        (("audit", "list", "--since", "whenever"), "--since"),
        (("audit", "list", "--user", "nobody"), "nobody"),
        (("import", "FILE", "--audience", "people", "--collected-at", "2999-01-01"), "Nobody can have collected"),
        (("import", "FILE", "--audience", "people", "--collected-at", "1994-12-31"), "Nobody can have collected"),
        (("import", "FILE", "--audience", "people", "--collected-at", "soon"), "--collected-at"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    mkt: Mkt, path: Path, database: Database, tenant: Tenant, arguments: tuple[str, ...], sentence: str
) -> None:
    before = actions(database, tenant)
    answer = mkt(*(str(path) if argument == "FILE" else argument for argument in arguments))
    assert (answer.code, len(answer.err.splitlines())) == (2, 1)
    assert sentence in answer.err
    assert actions(database, tenant) == before
