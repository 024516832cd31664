"""A small world for verdicts: one tenant, a DNS server that follows a script, real stages, and time that the test moves."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg

from config.endpoints import database_url
from config.settings import Settings
from db import reports
from db.jobs import Job
from db.reports import JobReport
from db.unit import Database, ResultRow, Unit, database_clock
from pipeline.context import Context, make_context
from pipeline.domains import DomainDesk
from pipeline.intake import ImportRequest, intake
from pipeline.revalidation import revalidate_due
from tests.conftest import Tenant
from tests.support.dns import CANARIES, WORLD, Host, Script, ScriptedDns
from tests.support.workers import Threads

#: Short patience: the servers are here, and answer at once or never.
QUICK = {
    "dns_timeout": 0.3,
    "dns_tries": 2,
    "dns_query_deadline": 1.0,
    "dns_chunk_deadline": 15.0,
    "dns_canaries": CANARIES,
}


@dataclass
class StoppedClock:
    """A clock that goes only when it is told to."""

    now: datetime

    def __call__(self, _: Unit) -> datetime:
        return self.now

    def pass_by(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class World:
    """What the test does to the world, and what it sees of it."""

    settings: Settings
    database: Database
    tenant: Tenant
    dns: ChangingDns
    clock: StoppedClock
    contexts: list[Context] = field(default_factory=list)
    serving: ExitStack = field(default_factory=ExitStack)

    def context(self) -> Context:
        """Return the tools of a process that judges again, with a resolver of its own."""
        made = dataclasses.replace(
            make_context(self.settings, domains=DomainDesk(self.settings)), clock=self.clock, worker="clock"
        )
        self.contexts.append(made)
        return made

    def take_in(self, addresses: Sequence[str], *, workers: int = 2, chunk_rows: int = 1000) -> Job:
        """Import addresses to the job's end."""
        settings = self.settings.model_copy(update={"chunk_rows": chunk_rows})
        with Threads(settings, workers, desk=True, clock=self.clock) as threads:
            request = ImportRequest(
                self.tenant.tenant_id, self.tenant.user_id, self.tenant.audience, "f.csv", again=True
            )
            rows = "\n".join(["email", *addresses])
            receipt = intake(threads.context, request, io.BytesIO(rows.encode()))
            return threads.finish(self.tenant.tenant_id, receipt.import_job_id, timeout=90)[0]

    def tick(self) -> int:
        """Judge again what is due, as a tick of the clock does."""
        context = self.contexts[0] if self.contexts else self.context()
        return revalidate_due(context)

    def query(self, sql: str, **parameters: object) -> list[ResultRow]:
        """Look at the tenant's rows."""
        with self.database.reading(self.tenant.tenant_id) as unit:
            return list(unit.execute(sql, parameters))

    def states(self) -> dict[str, tuple[str, str]]:
        """Return status and reason by address."""
        found = self.query(
            "select c.email, v.status, v.reason_code from mkt.email_validations v join mtrk.contatos c using (rid)"
        )
        return {row.email: (row.status, row.reason_code) for row in found}

    def state(self, email: str) -> ResultRow:
        """Return the whole state of one contact."""
        (row,) = self.query(
            "select v.* from mkt.email_validations v join mtrk.contatos c using (rid) where c.email = :email",
            email=email,
        )
        return row

    def history(self, email: str) -> list[str]:
        """Return the reasons of the contact's judgements, the oldest first."""
        found = self.query(
            "select h.reason_code from mkt.email_validation_history h join mtrk.contatos c using (rid)"
            " where c.email = :email order by h.validation_id",
            email=email,
        )
        return [row.reason_code for row in found]

    def judgements(self) -> int:
        """Return how many rows the tenant's history has."""
        (row,) = self.query("select count(*) from mkt.email_validation_history")
        return int(row[0])

    def report(self, job: Job) -> JobReport:
        """Return the job with its counters."""
        with self.database.reading(self.tenant.tenant_id) as unit:
            found = reports.job(unit, job.import_job_id)
        assert found is not None
        return found

    def asked(self, domain: str) -> int:
        """Return how often the server was asked for the domain's mail hosts."""
        return self.dns.asked(domain, "MX")

    def kill_resolver(self) -> None:
        """Nobody listens any more where the server was."""
        self.serving.close()

    def revive_resolver(self) -> None:
        """The server is there again, at the same address."""
        self.serving.enter_context(self.dns.serving(int(self.dns.address.rpartition(":")[2])))

    def says(self, domain: str, host: Host) -> None:
        """Have the server say something else from now on."""
        self.dns.say(domain, host)


class ChangingDns(ScriptedDns):
    """A scripted server whose script can change while it serves."""

    def say(self, name: str, host: Host) -> None:
        self.script[name] = [host]

    def respond(self, question: bytes) -> tuple[Host, bytes]:
        return self.encode(question)


@contextmanager
def world(settings: Settings, database: Database, tenant: Tenant, script: Script, **changes: object) -> Iterator[World]:
    """A world in which nobody else's contacts are due, and nothing is known of the script's domains."""
    dns = ChangingDns({**WORLD, **script})
    forget(settings, [key[0] if isinstance(key, tuple) else key for key in script])
    with ExitStack() as serving:
        address = serving.enter_context(dns.serving())
        own = settings.model_copy(update={**QUICK, "dns_nameservers": (address,), **changes})
        with database.unit(None) as unit:
            made = World(own, database, tenant, dns, StoppedClock(database_clock(unit)), serving=serving)
        try:
            yield made
        finally:
            for context in made.contexts:
                assert context.domains is not None
                context.domains.close()
                context.database.dispose()


def forget(settings: Settings, domains: Sequence[str]) -> None:
    """Take away what other tests left: answers for these domains, and contacts that are due."""
    with psycopg.connect(database_url(settings)) as connection:
        connection.execute("delete from mkt.domain_checks where domain = any(%s)", [list(domains)])
        connection.execute("update mkt.email_validations set next_validation_at = 'infinity'")
