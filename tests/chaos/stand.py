"""The stand that faults are tried on: servers, a network that can break, a resolver with moods, and real workers.

Workers reach PostgreSQL and the broker over TCP, through a proxy each; whoever looks goes past them. Short patience
throughout: the figures are of the mechanism, not of a machine.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
import psycopg

from config.endpoints import DATABASE, OWNER, PORT, database_url, socket_folder
from config.settings import Settings
from tests.chaos.invariants import Limits, Watch
from tests.support.brokers import Broker, RedisBroker
from tests.support.crew import APP, FAST, Crew, crew, servers
from tests.support.dns import CANARIES, WORLD, Host, MoodyDns
from tests.support.proxy import LOOPBACK, Proxy
from tests.support.rabbitmq import RabbitBroker
from tests.support.servers import is_gone
from tests.support.waiting import last, until
from workers.servers import start, status

#: Domains of the generated files; they all receive mail.
DOMAINS: Final = [f"empresa{n}.com.br" for n in range(40)]
#: What the tests make quicker than people run it.
PACE: Final = {
    "hint_delay": 3.0,
    "hint_delay_max": 10.0,
    "claim_grace": 0.5,
    "sweep_interval": 0.5,
    "idle_transaction_limit": 2.0,
    "max_attempts": 50,
    "dns_canaries": CANARIES,
}
#: Longer than any fault of the random mix, and than the longest silence before a hint is sent again.
PATIENCE: Final = 60.0


@dataclass
class Stand:
    """Servers of its own, workers on them, and all that can be broken between them."""

    settings: Settings
    database_net: Proxy
    broker_net: Proxy
    broker: Broker
    dns: MoodyDns
    crew: Crew
    watch: Watch

    def last(self, seconds: float) -> None:
        """Let a fault last for so long, and look at the invariants meanwhile."""
        last(seconds, self.watch.look)

    def terminate_backends(self) -> None:
        """End every session of the workers, whatever it does."""
        with psycopg.connect(database_url(self.settings), autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
            )

    def restart_postgres(self, down: float = 0.0) -> None:
        """Stop PostgreSQL at once, in the middle of everything, and start it again ``down`` seconds later."""
        (pid,) = (each.pid for each in status(self.settings) if each.name == "PostgreSQL")
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        until(lambda: is_gone(pid), what="PostgreSQL to be gone")
        self.last(down)
        start(self.settings, extra_postgres=FAST)

    def restart_workers(self) -> None:
        """End one worker after the other as a deployment does, and wait until each is back."""
        for name, pid in self.crew.supervisor.pids().items():
            if name != "beat":
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
                until(
                    lambda name=name, pid=pid: self.crew.supervisor.pids().get(name) not in (None, pid),  # type: ignore[misc]
                    timeout=60,
                    what=f"{name} to be back",
                )

    def stop_for(self, process: psutil.Process, seconds: float) -> None:
        """Stop a process as a paused machine does, and let it go on."""
        with suppress(psutil.NoSuchProcess):  # it ended before
            process.suspend()
            self.last(seconds)
            process.resume()


@contextmanager
def stand(
    home: Path, env: Mapping[str, str] | None = None, *, app: str = APP, broker: str = "redis", **changes: object
) -> Iterator[Stand]:
    """Put a stand up, with settings beyond the usual; everything of it is gone at the end."""
    script = {**WORLD, **{domain: Host(mx=((10, f"mx.{domain}"),)) for domain in DOMAINS}}
    dns = MoodyDns(script)
    with ExitStack() as stack:
        changes = {**PACE, "dns_nameservers": (stack.enter_context(dns.serving()),), **changes}
        made: Broker
        if broker == "rabbitmq":
            rabbit = stack.enter_context(RabbitBroker(home.with_name("rabbitmq")).running())
            made, changes["broker_url"] = rabbit, rabbit.url(rabbit.target)
            settings = stack.enter_context(servers(home, durable=False, **changes))
        else:
            settings = stack.enter_context(servers(home, durable=False, **changes))
            made = RedisBroker(settings)
        database_net = stack.enter_context(Proxy(socket_folder(settings) / f".s.PGSQL.{PORT}").serving())
        broker_net = stack.enter_context(Proxy(made.target).serving())
        cabled = settings.model_copy(
            update={
                "database_url": f"postgresql://{OWNER}@{LOOPBACK}:{database_net.port}/{DATABASE}",
                "broker_url": made.url(broker_net.port),
            }
        )
        team = stack.enter_context(crew(cabled, env, seen_from=settings, app=app))
        watch = Watch(settings, Limits(patience=PATIENCE, attempts=settings.max_attempts))
        stack.callback(watch.close)
        stack.callback(database_net.heal)
        stack.callback(broker_net.heal)
        yield Stand(settings, database_net, broker_net, made, dns, team, watch)
