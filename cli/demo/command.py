"""`mkt demo`: a real import from start to finish, on servers of its own and an offline piece of DNS."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer

from cli.command import command
from cli.demo.contacts import write_demo_file
from cli.demo.zone import demo_zone_server
from cli.imports import take_in, wait
from cli.outcome import closing, exit_code, show_errors, show_verdicts
from cli.session import Asked, Session
from cli.words import machine_language
from config.settings import Settings, read_settings
from config.settings import settings as process_settings
from db import audiences
from pipeline.options import ImportOptions
from workers import servers

app = typer.Typer()

ROWS: Final = 10_000
FILE_NAME: Final = "contatos.csv"
AUDIENCE: Final = "Demo"
#: Variables that would lead the demonstration to somebody's real data.
_NOT_OURS: Final = (
    "MKT_DATABASE_URL", "MKT_WORKER_DATABASE_URL", "MKT_READER_DATABASE_URL", "MKT_BROKER_URL", "MKT_STORE_URL", "MKT_TENANT", "MKT_USER",
)  # fmt: skip


@command(app, "demo", "demo", with_json=False)
def demo(session: Session) -> None:
    """Import a file with the troubles of real life."""
    home = session.settings.home_path / "demo"
    lang = session.asked.lang or session.settings.lang or machine_language()
    with demo_zone_server() as address:
        ours = _settings_of(home, address)
        with _running(ours), Session(Asked(lang=lang), ours) as inner:
            code = _play(inner, home / FILE_NAME)
    raise typer.Exit(code)


def _settings_of(home: Path, nameserver: str) -> Settings:
    """Make the demonstration's settings those of this process and of the workers that it starts."""
    for name in _NOT_OURS:
        os.environ.pop(name, None)
    # One of the zone's domains never answers; here, where nothing is far away, that is soon clear.
    patience = {"MKT_DNS_TIMEOUT": "0.5", "MKT_DNS_QUERY_DEADLINE": "3"}
    os.environ |= {"MKT_HOME": str(home), "MKT_DNS_NAMESERVERS": nameserver, **patience}
    process_settings.cache_clear()
    return read_settings()


@contextmanager
def _running(settings: Settings) -> Iterator[None]:
    """Run the servers while the block does; the ones that ran before go on."""
    ran = all(server.running for server in servers.status(settings))
    servers.start(settings)
    try:
        yield
    finally:
        if not ran:
            servers.stop(settings)


def _play(session: Session, file: Path) -> int:
    screen = session.screen
    write_demo_file(file, rows=ROWS)
    screen.say("demo.welcome", rows=ROWS, path=str(file))
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        is_first = audiences.create(unit, AUDIENCE, "") is not None
    if not is_first:
        screen.say("demo.seen_before")
    receipt = take_in(session, str(file), AUDIENCE, ImportOptions(), again=True)
    began = time.monotonic()
    report = wait(session, receipt.import_job_id)
    screen.say("demo.took", time=session.words.seconds(time.monotonic() - began))
    show_errors(session, report)
    show_verdicts(session, report)
    closing(session, report)
    if exit_code(report):
        return exit_code(report)
    if take_in(session, str(file), AUDIENCE, ImportOptions()).reused:
        screen.say("demo.same_again")
    _next_steps(session, file, str(receipt.import_job_id))
    return 0


def _next_steps(session: Session, file: Path, job_id: str) -> None:
    screen, home = session.screen, shlex.quote(str(session.settings.home_path))
    # The newcomer who typed `make demo` has no `mkt` on the PATH yet.
    mkt = "mkt" if shutil.which("mkt") else shlex.quote(str(Path(sys.executable).with_name("mkt")))
    screen.line()
    screen.say("demo.next")
    for key, line in (
        ("rows", f"MKT_HOME={home} {mkt} job rows {job_id[-12:]} --status error --limit 20"),
        ("suggestions", f"MKT_HOME={home} {mkt} job suggestions {job_id[-12:]}"),
        ("check", f"MKT_HOME={home} {mkt} check ana@gamil.com --history"),
        ("preview", f"{mkt} preview {shlex.quote(str(file))}"),
        ("audience", f"MKT_HOME={home} {mkt} audience list"),
        ("doctor", f"MKT_HOME={home} {mkt} doctor"),
        ("own", f"{mkt} audience create Clientes && {mkt} import FILE.csv --audience Clientes"),
    ):
        screen.line(f"  {line}")
        screen.line(f"      {session.words.say(f'demo.try.{key}')}")
