"""Wrong usage and bad input: exit code 2 and one clear sentence, nothing half-done."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from cli.main import explained, was_interrupted
from cli.refusals import Refusal
from cli.words import Words
from config.endpoints import database_url
from config.settings import Settings
from db.unit import Database, Limits
from pipeline import texts
from pipeline.intake_problems import IntakeProblem, IntakeRefusedError
from tests.cli.conftest import COMMAND, ROOT, Mkt, bare_environment
from tests.conftest import Tenant

NO_LISTS: dict[str, tuple[bytes | None, str]] = {
    "missing.csv": (None, "there is no such file"),
    "empty.csv": (b"", "is empty"),
    "header.csv": (b"email,name\n", "no records"),
    "no-e-mail.csv": (b"name,city\nAna,Natal\n", "--map"),
    "binary.csv": (b"%PDF-1.7\n" + b"\x00" * 200, "CSV"),
    "damaged.xlsx": (b"PK\x03\x04" + b"\x00" * 200, "damaged"),
}


def test_a_file_that_is_no_list_of_contacts_makes_no_job(mkt: Mkt, tmp_path: Path) -> None:
    for name, (content, says) in NO_LISTS.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        answer = mkt("import", str(tmp_path / name), "--audience", "people")
        assert (answer.code, answer.out) == (2, "")
        assert name in answer.err
        assert says in answer.err
        assert len(answer.err.splitlines()) == 1
    assert mkt("job", "list", "--json").json == []


def test_a_folder_and_a_pipe_are_no_files(mkt: Mkt, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for name in ("", "pipe"):
        answer = mkt("preview", str(tmp_path / name))
        assert answer.code == 2
        assert len(answer.err.splitlines()) == 1


def test_a_name_that_is_empty_is_no_folder(mkt: Mkt) -> None:
    answer = mkt("preview", "")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("'': there is no such file")


def test_bytes_that_are_no_text_are_what_is_said_to_be_wrong(mkt: Mkt) -> None:
    answer = mkt("campaign", "explain", "\udcff\udcfe", "ana@gmail.com")
    assert (answer.code, answer.out) == (2, "")
    assert "not UTF-8" in answer.err


def test_a_file_over_the_limit_makes_no_job(mkt: Mkt, contacts: Path) -> None:
    answer = mkt("import", str(contacts), "--audience", "people", MKT_MAX_FILE_BYTES="20")

    assert answer.code == 2
    assert "MKT_MAX_FILE_BYTES" in answer.err
    assert mkt("job", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--audience", "nobody"), "no audience 'nobody'"),
        (("--audience", "people", "--tenant", "nobody"), "no tenant 'nobody'"),
        (("--audience", "people", "--user", "nobody"), "no user 'nobody'"),
        (("--audience", "people", "--map", "email"), "COLUMN=FIELD"),
        (("--audience", "people", "--map", "Mail=email"), "Mail"),
        (("--audience", "people", "--on-existing", "merge"), "merge"),
        ((), "--audience"),
    ],
)
def test_a_wrong_request_makes_no_job(mkt: Mkt, contacts: Path, arguments: tuple[str, ...], says: str) -> None:
    answer = mkt("import", str(contacts), *arguments)

    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err


def test_an_audience_of_another_tenant_does_not_exist(mkt: Mkt, other_tenant: Tenant, contacts: Path) -> None:
    answer = mkt("import", str(contacts), "--audience", str(other_tenant.audience_id))

    assert answer.code == 2
    assert "There is no audience" in answer.err


def test_an_archived_audience_takes_no_contacts(mkt: Mkt, contacts: Path) -> None:
    mkt("audience", "archive", "people")

    answer = mkt("import", str(contacts), "--audience", "people")

    assert answer.code == 2
    assert "mkt audience reactivate" in answer.err


def test_a_database_that_does_not_answer_is_one_sentence(mkt: Mkt) -> None:
    answer = mkt("job", "list", MKT_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert answer.code == 2
    assert "MKT_DATABASE_URL" in answer.err
    assert "Traceback" not in answer.err


def test_a_broker_that_does_not_answer_is_one_sentence(mkt: Mkt, contacts: Path) -> None:
    answer = mkt("import", str(contacts), "--audience", "people", MKT_BROKER_URL="redis://127.0.0.1:1/0")

    assert answer.code == 2
    assert "MKT_BROKER_URL" in answer.err
    assert len(answer.err.splitlines()) == 1
    assert mkt("job", "list", "--json").json == []


def test_wrong_settings_are_all_named_at_once(mkt: Mkt) -> None:
    answer = mkt("job", "list", MKT_CHUNK_ROWS="0", MKT_DNS_TRIES="x")

    assert answer.code == 2
    assert "MKT_CHUNK_ROWS" in answer.err
    assert "MKT_DNS_TRIES" in answer.err


def test_a_database_that_is_not_ours_is_upgraded_only_when_asked(
    mkt: Mkt, settings: Settings, empty_database: str
) -> None:
    refused = mkt("job", "list", MKT_DATABASE_URL=empty_database)
    assert refused.code == 2
    assert "mkt db upgrade" in refused.err

    upgraded = mkt("db", "upgrade", "--standalone", MKT_DATABASE_URL=empty_database)
    assert upgraded.code == 0, upgraded.err
    assert mkt("job", "list", "--tenant", "default", "--json", MKT_DATABASE_URL=empty_database).json == []
    assert database_url(settings) != empty_database


def test_an_output_that_is_closed_is_one_sentence(mkt: Mkt) -> None:
    for arguments in (["mapping", "list"], ["mapping", "list", "--json"]):
        answer = in_shell(mkt, '"$@" >&-', *arguments)

        assert (answer.returncode, answer.stdout) == (2, "")
        assert len(answer.stderr.splitlines()) == 1
        assert "Traceback" not in answer.stderr


def test_an_output_that_is_full_is_one_sentence(mkt: Mkt) -> None:
    answer = in_shell(mkt, '"$@" >/dev/full', "mapping", "list")

    assert (answer.returncode, len(answer.stderr.splitlines())) == (2, 1), answer.stderr
    assert "No space left" in answer.stderr


def test_whoever_reads_only_the_beginning_has_not_seen_a_failure(mkt: Mkt) -> None:
    for arguments in (["metrics"], ["metrics", "--json"], ["mapping", "list"]):
        answer = in_shell(mkt, '{ "$@"; echo "ended with $?" >&2; } | true', *arguments)
        assert answer.stderr == "ended with 0\n"


def test_an_interrupt_while_the_modules_are_imported_ends_it_quietly(mkt: Mkt) -> None:
    # Python tells of each module that it looks for: the first of SQLAlchemy stands for "somewhere in the middle".
    with mkt.within(PYTHONVERBOSE="1").start("mapping", "list") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "sqlalchemy" in line:
                break
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()

    assert process.returncode == 130
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said


def test_an_error_in_the_wake_of_an_interrupt_is_the_interrupt() -> None:
    late = ValueError()
    late.__context__ = KeyError()
    assert not was_interrupted(late)
    late.__context__.__context__ = KeyboardInterrupt()
    assert was_interrupted(late)


def in_shell(mkt: Mkt, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command by a line of shell, in which it is "$@"."""
    return subprocess.run(
        ["sh", "-c", script, "sh", *COMMAND, *arguments],
        cwd=ROOT, env=bare_environment() | mkt.env, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("refusal", sorted({*Refusal, *IntakeProblem}))
def test_every_refusal_has_a_sentence(refusal: str, lang: str) -> None:
    assert texts.template(f"cli.refused.{refusal}", lang)


def test_what_intake_refuses_is_said_in_the_reader_s_language() -> None:
    refused = IntakeRefusedError(IntakeProblem.NO_PLAN, id="7")
    assert explained(refused, Words("en")) == str(refused)
    assert (
        explained(refused, Words("pt-BR"))
        == "O trabalho 7 não é um ensaio concluído; `mkt job list` mostra os que existem."
    )


def test_what_takes_the_database_too_long_is_a_sentence(database: Database, tenant: Tenant) -> None:
    with (
        pytest.raises(DBAPIError) as stopped,
        database.unit(tenant.tenant_id, Limits(transaction=0.1)) as unit,
    ):
        unit.execute("select count(*) from generate_series(1, 1000000000)")
    assert "Ask again in a few minutes" in (explained(stopped.value, Words("en")) or "")


def test_an_error_of_ours_is_not_explained_away() -> None:
    assert explained(ZeroDivisionError(), Words("en")) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("nonsense",), "No such command 'nonsense'; `mkt --help` says what can be asked for."),
        (("job", "undo", "-1"), "No such option: -1; `mkt job undo --help` says what can be asked for."),
        (("job", "undo"), "Missing argument 'ID'; `mkt job undo --help` says what can be asked for."),
        (("job", "list", "--limit", "-5"), "Invalid value for '--limit': Input should be greater than or equal to 1; `mkt job list --help` says"),
        (("job", "rows", "0001", "--limit", "9" * 20), "Invalid value for '--limit': Input should be less than or equal to 2147483647; `mkt job rows"),
        (("job", "undone", "0001", "--outcome", "x"), "Invalid value for '--outcome': "),
    ],
)  # fmt: skip
def test_what_can_not_be_asked_for_is_said_in_one_sentence(mkt: Mkt, typed: tuple[str, ...], said: str) -> None:
    answer = mkt(*typed)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(said)
    assert answer.err.count("\n") == 1
    translated = mkt(*typed, MKT_LANG="pt-BR")
    assert (translated.code, translated.err.count("\n")) == (2, 1)
    assert translated.err.startswith("Não entendi o pedido (")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("nonsense",), "não existe o comando 'nonsense'"),
        (("job", "undo"), "falta o argumento 'ID'"),
        (("suppress", "import", "f.csv"), "falta a opção '--kind', uma destas: unsubscribe, bounce, complaint, manual"),
        (("import", "f.csv", "--audienc", "x"), "não existe a opção --audienc; as parecidas: --again, --audience, --evidence"),
        (("import", "f.csv", "g.csv"), "argumentos a mais: g.csv"),
        (("job", "list", "--limit"), "a opção '--limit' precisa de um valor"),
        (("job", "list", "--json=1"), "a opção '--json' não leva valor"),
        (("job", "list", "--limit", "-5"), "'--limit' aceita de 1 em diante"),
        (("job", "list", "--limit", "x"), "'--limit' aceita só um número inteiro"),
        (("job", "rows", "0001", "--limit", "9" * 20), "'--limit' aceita no máximo 2147483647"),
        (("import", "f.csv", "--basis", "x"), "'--basis' não aceita 'x', só um destes: 'consentimento', "),
    ],
)  # fmt: skip
def test_what_can_not_be_asked_for_is_said_in_the_reader_s_language(
    mkt: Mkt, typed: tuple[str, ...], said: str
) -> None:
    answer = mkt(*typed, MKT_LANG="pt-BR")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"Não entendi o pedido ({said}")


def test_a_group_that_is_asked_for_nothing_shows_its_help(mkt: Mkt) -> None:
    answer = mkt("job")
    assert answer.code == 2
    assert "undone" in answer.err
