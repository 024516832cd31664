"""A key file that is lost, another, or grown: who would not find blocks refuses, and the doctor says what to bring back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from config import hash_keys
from config.endpoints import database_url
from config.hash_keys import HashKeys
from config.settings import Settings
from db.unit import Database
from tests.cli.conftest import CONTACTS, ROOT, Mkt, Zygote, bare_environment
from tests.conftest import Tenant, make_tenant
from tests.support.campaigns import make_campaign
from tests.support.crew import servers
from tests.support.examples import few
from tests.support.opt_outs import suppress_erased
from tests.support.servers import processes
from tests.support.workers import tools
from workers.procfile import child_environment
from workers.servers.postgres import postgres_binary

ANA = "ana@gmail.com"


@dataclass(frozen=True)
class Home:
    """Servers whose keys nobody else uses, a tenant with somebody erased, and the command."""

    settings: Settings
    database: Database
    tenant: Tenant
    mkt: Mkt

    def with_keys(self, folder: Path, keys: dict[str, str] | None) -> Mkt:
        """Return the command with another key file, or (None) with one that is lost."""
        path = folder / "other_keys.json"
        if keys is not None:
            path.write_text(json.dumps(keys))
            path.chmod(0o600)
        return self.mkt.within(MKT_HASH_KEYS_FILE=str(path))

    def secrets(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.settings.hash_keys_path.read_text())
        return found


@pytest.fixture(scope="module")
def home(zygote: Zygote, nameserver: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("keys")
    with servers(folder / "home", dns_nameservers=(nameserver,)) as settings, tools(settings) as context:
        tenant = make_tenant(settings, context.database, folder)
        suppress_erased(settings, context.database, tenant, ANA)
        variables = {
            "MKT_HOME": str(settings.home_path),
            "MKT_TENANT": tenant.slug,
            "MKT_LANG": "en",
            "MKT_DNS_NAMESERVERS": nameserver,
        }
        yield Home(settings, context.database, tenant, Mkt(zygote, variables))


CASES = [(None, "is not there"), ("other", "another key under version 1"), ("newer", "lacks version 1")]


@pytest.mark.parametrize("case", few(CASES, 1), ids=["lost", "another", "without the version"])
def test_nobody_imports_suppresses_or_starts_without_the_keys_that_were_used(
    home: Home, tmp_path: Path, case: tuple[str | None, str]
) -> None:
    keys, said = case
    file = tmp_path / "f.csv"
    file.write_bytes(CONTACTS)
    wrong = {"other": {"1": "ab" * 32}, "newer": {"2": "ab" * 32}}
    mkt = home.with_keys(tmp_path, wrong[keys] if keys else None)
    everything = (
        ("up",),
        ("import", str(file), "--audience", "people"),
        ("import", str(file), "--audience", "people", "--dry-run"),
        ("suppress", "import", str(file), "--kind", "manual"),
        ("suppress", "add", "bia@gmail.com", "--reason", "x"),
        ("suppress", "lift", ANA, "--evidence", "x", "--kind", "erasure"),
        ("campaign", "send", str(make_campaign(home.database, home.tenant)), "--simulate"),
    )
    for arguments in everything if keys is None else everything[:2]:
        answer = mkt(*arguments)
        assert answer.code == 2, arguments
        assert said in answer.err
        assert "Bring back" in answer.err or "bring back" in answer.err
        assert len(answer.err.strip().splitlines()) == 1
    assert mkt("job", "list", "--json").json == []
    assert mkt("audience", "list").code == 0  # who only looks goes on
    doctor = {each["check"]: each for each in mkt("doctor", "--json").json}
    assert doctor["hash_keys"]["level"] == "broken"
    assert said in doctor["hash_keys"]["sentence"]
    assert mkt("db", "upgrade").code == 0  # and does not hide the loss behind new keys
    assert (tmp_path / "other_keys.json").exists() == (keys is not None)
    assert [each["kind"] for each in home.mkt("suppress", "list", "--json").json] == ["erasure"]


def test_a_worker_does_not_start_with_other_keys(home: Home, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"1": "cd" * 32}))
    settings = home.settings.model_copy(update={"hash_keys_file": other})
    ended = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "workers.app", "worker", "--pool", "solo", "--queues", "chunk"],
        env=bare_environment() | child_environment(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "another key under version 1" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "cd" * 32 not in ended.stderr + ended.stdout


def test_a_damaged_file_is_one_sentence(home: Home, tmp_path: Path) -> None:
    mkt = home.with_keys(tmp_path, {"1": "short"})
    answer = mkt("suppress", "add", "bia@gmail.com", "--reason", "x")
    assert (answer.code, "is damaged" in answer.err) == (2, True)
    assert "is damaged" in mkt("doctor").out


def test_a_new_version_hashes_from_then_on_and_the_old_ones_are_still_tried(home: Home, tmp_path: Path) -> None:
    mkt = home.with_keys(tmp_path, {**home.secrets(), "2": "ef" * 32})
    assert mkt("suppress", "add", "bia@gmail.com", "--reason", "x").code == 0
    assert mkt("suppress", "lift", ANA, "--evidence", "carta", "--kind", "erasure").code == 0
    with home.database.reading(home.tenant.tenant_id) as unit:
        ((version, hashed),) = unit.execute(
            "select key_version, mailbox_hash from ops.suppressions where email is not null"
        )
        assert [row[0] for row in unit.execute("select key_version from mkt.hash_keys order by 1")] == [1, 2]
    grown = HashKeys({2: bytes.fromhex("ef" * 32)})
    assert (version, bytes(hashed)) == (2, grown.hash(home.tenant.tenant_id, 2, "bia@gmail.com"))
    # From now on the old file is not enough: whoever did not get the new one is told.
    assert "lacks version 2" in home.mkt("suppress", "add", "caio@gmail.com", "--reason", "x").err
    with pytest.raises(DBAPIError, match="key version 2"), home.database.unit(home.tenant.tenant_id) as unit:
        unit.execute("select * from mkt.hash_pads(:t)", {"t": home.tenant.tenant_id})


def test_the_key_is_in_no_dump_no_process_title_no_log_and_no_environment_that_is_printed(home: Home) -> None:
    keys = hash_keys.read(home.settings)
    assert keys is not None
    secret = keys.as_setting().partition(":")[2]
    with psycopg.connect(database_url(home.settings)) as connection:
        assert connection.execute("select current_setting('mkt.hash_secrets', true)").fetchone() == (None,)
        insert = "insert into ops.suppressions (tenant_id, email, kind, source) values (%s, 'eva@x.com', 'manual', 'x') returning mailbox_hash"
        hashed = connection.execute(insert, [home.tenant.tenant_id]).fetchone()  # a plain session, without a key
        assert hashed == (keys.hash(home.tenant.tenant_id, 1, "eva@x.com"),)
        connection.execute("select pg_reload_conf()")
    for program in ("pg_dump", "pg_dumpall"):
        dump = postgres_binary().with_name(program)
        if dump.exists():
            target = ["--dbname", database_url(home.settings)]
            dumped = subprocess.run([dump, *target], capture_output=True, check=True).stdout
            assert b"suppressions" in dumped
            assert secret.encode() not in dumped
    titles = [" ".join(process.cmdline()) for process in processes(home.settings)]
    assert len(titles) > 3
    assert not [title for title in titles if secret in title]
    for each in (home.mkt("services", "env"), home.mkt("services", "status"), home.mkt("doctor")):
        assert secret not in each.out + each.err
    for folder in (home.settings.home_path / "postgresql" / "data", home.settings.home_path / "logs"):
        for place, _, files in os.walk(folder):
            for name in files:
                assert secret.encode() not in Path(place, name).read_bytes(), name
    assert secret.encode() not in (home.settings.home_path / "postgresql" / "server.log").read_bytes()
    assert not [value for value in child_environment(home.settings).values() if secret in value]
    everybody = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert not [title for title in everybody if secret in title]


def test_a_home_of_before_gets_its_keys_by_the_upgrade(home: Home, tmp_path: Path) -> None:
    """No hash was ever made there: the file is not lost, it was never there."""
    name = f"before_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(database_url(home.settings), autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    url = database_url(home.settings).replace("/mkt?", f"/{name}?")
    path = tmp_path / "new" / "keys.json"
    upgraded = home.mkt("db", "upgrade", "--standalone", MKT_DATABASE_URL=url, MKT_HASH_KEYS_FILE=str(path))
    assert upgraded.code == 0
    assert path.exists()
    with psycopg.connect(database_url(home.settings), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())
