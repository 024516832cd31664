"""The command as people run it: a process of its own, beside real servers, real workers and an offline DNS."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from sqlalchemy import create_engine, make_url, text

from cli.crew import CREW, PROCFILE
from cli.demo.zone import demo_zone_server
from config.endpoints import broker_url, database_url
from config.settings import Settings
from db.engines import as_sqlalchemy_url
from db.statuses import JobStatus
from db.unit import Database
from db.upgrade import upgrade
from pipeline.intake import ImportRequest, intake
from tests.conftest import FAST, Tenant
from tests.support.waiting import until
from tests.support.workers import Inline, tools
from workers.procfile import child_environment, parse_procfile
from workers.servers import start, stop
from workers.supervisor import Supervisor

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "cli")
CONTACTS = b"\xef\xbb\xbfNome;E-mail;Cidade\r\nAna;ana@gmail.com;Natal\r\nBia;BIA@uol.com.br;\r\n;;\r\nCaio;caio@;\r\nAna;ANA@gmail.com ;\r\n"


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 (a document)
        return json.loads(self.out)


class Zygote:
    """Forks the command; see zygote.py."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("zygote.py"))],
            env=bare_environment() | {"PYTHONPATH": str(ROOT)},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, arguments: Sequence[str], env: Mapping[str, str], stdin: bytes) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        paths = {name: self._folder / f"{uuid.uuid4().hex}.{name}" for name in ("stdin", "out", "err")}
        paths["stdin"].write_bytes(stdin)
        request = {"argv": arguments, "env": dict(env), **{name: str(path) for name, path in paths.items()}}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return Answer(code, paths["out"].read_text(encoding="utf-8"), paths["err"].read_text(encoding="utf-8"))

    def close(self) -> None:
        self._process.communicate(timeout=30)


def bare_environment() -> dict[str, str]:
    """Return an environment without the machine's locale and the developer's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR") if name in os.environ}
    return kept | {"PYTHONUTF8": "1"}


@dataclass(frozen=True)
class Mkt:
    """Runs the command in an environment of nothing but these variables."""

    zygote: Zygote
    env: dict[str, str] = field(default_factory=dict)

    def within(self, **env: str) -> Mkt:
        return replace(self, env=self.env | env)

    def __call__(self, *arguments: str, stdin: bytes = b"", **env: str) -> Answer:
        return self.zygote.run(arguments, bare_environment() | self.env | env, stdin)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            env=bare_environment() | self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A shell lets what it runs in the background ignore interrupts, and everything below inherits that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (no thread holds a lock here)
        )


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    made = Zygote(tmp_path_factory.mktemp("answers"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def nameserver() -> Iterator[str]:
    with demo_zone_server() as address:
        yield address


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, nameserver: str) -> Iterator[Settings]:
    """Return the settings of a home of this folder's own: its workers would do the work of other tests as well."""
    made = Settings(
        home=tmp_path_factory.mktemp("cli"),
        dns_nameservers=(nameserver,),
        dns_canaries=("gmail.com", "uol.com.br"),
        sweep_interval=0.5,
        soft_shutdown=0.0,
    )
    start(made, extra_postgres=FAST)
    upgrade(database_url(made), standalone=True)
    yield made
    stop(made)


@pytest.fixture(scope="session")
def database(settings: Settings) -> Iterator[Database]:
    """Return the database of that home."""
    with tools(settings) as context:
        yield context.database


@pytest.fixture(scope="session")
def workers(settings: Settings) -> Iterator[None]:
    """Run the Procfile's workers on that home."""
    specs = [spec for spec in parse_procfile(PROCFILE) if spec.name in CREW]
    supervisor = Supervisor(specs, env=child_environment(settings), log_folder=settings.home_path / "logs")
    supervisor.start()
    control = Celery(broker=broker_url(settings)).control
    until(lambda: len(control.ping(timeout=0.5)) == len(CREW), what="the workers and beat to answer")
    yield
    supervisor.stop()


@pytest.fixture
def mkt(zygote: Zygote, settings: Settings, tenant: Tenant) -> Mkt:
    """Return the command as a tenant of this test alone runs it, in English."""
    return Mkt(
        zygote,
        {
            "MKT_HOME": str(settings.home_path),
            "MKT_TENANT": tenant.slug,
            "MKT_LANG": "en",
            "MKT_DNS_NAMESERVERS": ",".join(settings.dns_nameservers),
            "MKT_DNS_CANARIES": ",".join(settings.dns_canaries),
        },
    )


@pytest.fixture
def unattended(mkt: Mkt, settings: Settings) -> Mkt:
    """Return the command with a broker that has no workers; the sweep leaves its hints alone for their delay."""
    url = broker_url(settings).replace("virtual_host=0", "virtual_host=5")
    return mkt.within(MKT_BROKER_URL=url, MKT_HINT_DELAY="100")


@pytest.fixture
def imported(settings: Settings, tenant: Tenant) -> Callable[[Path], str]:
    """Import a file here and now, without commands and workers: for tests of what people do afterwards. Returns the job's id."""

    def imported(path: Path) -> str:
        with Inline(settings, desk=True) as inline:
            request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, path.name)
            job_id = intake(inline.context, request, path).import_job_id
            assert inline.finish(tenant.tenant_id, job_id).status is JobStatus.DONE
        return str(job_id)

    return imported


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    """Return a file with two contacts, a blank line, an error and a duplicate."""
    path = tmp_path / "contatos.csv"
    path.write_bytes(CONTACTS)
    return path


@pytest.fixture
def empty_database(settings: Settings) -> Iterator[str]:
    """Return the URL of a database without a schema, on the shared server."""
    owner = make_url(as_sqlalchemy_url(database_url(settings)))
    name = f"empty_{uuid.uuid4().hex[:8]}"
    engine = create_engine(owner, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
        yield owner.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()
