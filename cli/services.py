"""`mkt services`, `mkt up`, `mkt db upgrade`, `mkt sweep`: what has to run and to be there before anything else."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Annotated

import typer

from cli.command import command, group
from cli.crew import PROCFILE
from cli.refusals import Refusal, RefusedError
from cli.session import Session, upgrade_database
from cli.words import help_text
from config.endpoints import broker_url, database_url
from pipeline import hash_keys
from pipeline.sweep import sweep as sweep_now
from workers import servers
from workers.procfile import child_environment, parse_procfile
from workers.supervisor import Supervisor

app = typer.Typer()
services_app = group("services_group")
db_app = group("db_group")


@command(services_app, "start", "services_start", with_json=False)
def start(session: Session) -> None:
    """Start the embedded servers."""
    session.start_servers()
    _show(session)


@command(services_app, "stop", "services_stop", with_json=False)
def stop(session: Session) -> None:
    """Stop the embedded servers."""
    servers.stop(session.settings)
    session.screen.say("services_stopped")


@command(services_app, "status", "services_status")
def status(session: Session) -> None:
    """Say which of the embedded servers run."""
    if session.asked.json:
        session.screen.document([asdict(server) for server in servers.status(session.settings)])
    else:
        _show(session)


@command(services_app, "env", "services_env", with_json=False)
def env(session: Session) -> None:
    """Print the addresses of the servers as shell variables."""
    session.screen.line(f"MKT_DATABASE_URL={database_url(session.settings)}")
    session.screen.line(f"MKT_BROKER_URL={broker_url(session.settings)}")


@command(app, "up", "up", with_json=False)
def up(session: Session) -> None:
    """Run the Procfile's processes until told to stop."""
    hash_keys.require(session.context)  # a worker would refuse, and be started again and again
    session.start_broker()
    env = child_environment(session.settings)
    session.screen.tell("up_started", flower=f"http://127.0.0.1:{env['MKT_FLOWER_PORT']}")
    supervisor = Supervisor(parse_procfile(PROCFILE), env=env)
    # Servers that die are brought back, but not behind the back of whoever stops everything.
    threading.Thread(target=servers.keep_running, args=(session.settings, supervisor.stopping), daemon=True).start()
    supervisor.run()


@command(db_app, "upgrade", "db_upgrade", with_json=False)
def db_upgrade(
    session: Session,
    standalone: Annotated[
        bool | None, typer.Option("--standalone/--no-standalone", help=help_text("standalone"), show_default=False)
    ] = None,
) -> None:
    """Bring the schema to this version of mkt."""
    settings = session.settings
    if settings.is_embedded_database:
        session.start_servers()
    alone = settings.is_embedded_database if standalone is None else standalone
    revisions = upgrade_database(settings, standalone=alone)
    session.screen.say("upgraded", revisions=", ".join(revisions))


@command(app, "sweep", "sweep")
def sweep(session: Session) -> None:
    """Send again what is due and silent, now."""
    report = sweep_now(session.context)
    if session.asked.json:
        session.screen.document(asdict(report))
    elif report.busy:
        session.screen.say("sweep_busy")
    else:
        session.screen.say("swept", tenants=report.tenants, resent=report.resent, hinted=report.hinted)


def _show(session: Session) -> None:
    found = servers.status(session.settings)
    if not found:
        raise RefusedError(Refusal.NO_SERVICES)
    session.screen.table(
        ("server", "running", "pid", "version", "endpoint"),
        [
            (
                server.name,
                server.running,
                "" if server.pid is None else str(server.pid),
                server.version,
                server.endpoint,
            )
            for server in found
        ],
    )
