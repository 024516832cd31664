"""`mkt doctor`: sees what is there, and what is missing, and says what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from cli.doctor import sentence
from cli.examine import work
from cli.findings import Finding, Level
from cli.words import Words
from db.health import ChunkTrouble, Health, JobTrouble
from pipeline import texts
from tests.cli.conftest import Mkt


def levels(document: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(finding["check"], finding["level"]) for finding in document}


@pytest.mark.usefixtures("workers")
def test_all_is_well_where_servers_and_workers_run(mkt: Mkt) -> None:
    answer = mkt("doctor", "--json")

    broken = [finding["sentence"] for finding in answer.json if finding["level"] == "broken"]
    assert broken == []
    assert answer.code == 0
    assert {
        ("database", "ok"),
        ("schema", "ok"),
        ("roles", "ok"),
        ("broker", "ok"),
        ("queue", "ok"),
        ("beat", "ok"),
        ("resolver", "ok"),
    } <= (levels(answer.json))


def test_what_does_not_run_is_broken_and_has_a_remedy(mkt: Mkt, tmp_path: Path) -> None:
    answer = mkt("doctor", MKT_HOME=str(tmp_path / "none"), MKT_DNS_NAMESERVERS="127.0.0.1:1")

    assert answer.code == 1
    assert answer.out.count("mkt services start") == 2
    assert "MKT_DNS_NAMESERVERS" in answer.out
    assert "Traceback" not in answer.err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("url", ["postgresql+psycopg://a@127.0.0.1:1/b", "postgresql://127.0.0.1:1/b?nonsense=1"])
def test_a_database_that_is_not_there_is_one_finding_however_its_url_is_written(mkt: Mkt, url: str) -> None:
    answer = mkt("doctor", MKT_DATABASE_URL=url)

    assert "Traceback" not in answer.err
    assert "MKT_DATABASE_URL" in answer.out


def test_an_empty_database_is_told_apart_from_a_missing_one(mkt: Mkt, empty_database: str) -> None:
    document = mkt("doctor", "--json", MKT_DATABASE_URL=empty_database).json

    assert {("database", "ok"), ("schema", "broken")} <= levels(document)


def test_a_database_that_takes_no_writes_is_broken(mkt: Mkt, empty_database: str) -> None:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(
            sql.SQL("alter database {} set default_transaction_read_only = on").format(
                sql.Identifier(connection.info.dbname)
            )
        )
    document = mkt("doctor", "--json", MKT_DATABASE_URL=empty_database).json

    assert ("database", "broken") in levels(document)
    assert "default_transaction_read_only" in mkt("doctor", MKT_DATABASE_URL=empty_database).out


def test_work_that_does_not_move_is_named(troubled: Health) -> None:
    found = list(work(troubled))

    assert [(finding.check, finding.level) for finding in found] == [
        ("due", Level.BROKEN),
        ("attempts", Level.WARNING),
        ("jobs", Level.WARNING),
        ("partitions", Level.WARNING),
    ]
    for lang in texts.LANGUAGES:
        said = " ".join(sentence(Words(lang), finding) for finding in found)
        assert "00000000-0000-7000-8000-000000000001" in said
        assert "host:1" in said


@pytest.fixture
def troubled() -> Health:
    then, job = datetime(2026, 11, 23, 12, tzinfo=UTC), UUID("00000000-0000-7000-8000-000000000001")
    chunk = ChunkTrouble(job, job, 3, "parse", 2, "host:1", then, then, "OSError: no", silent=True)
    return Health(180006, ("m001",), (), (chunk,), (JobTrouble(job, "parse", then, "host:1", then),), 7)


def test_a_finding_without_a_sentence_is_no_finding() -> None:
    with pytest.raises(KeyError):
        sentence(Words("en"), Finding("due", Level.OK, "unheard-of"))
