"""Figures of the whole installation for operators, counted as the owner of the database sees it, over all tenants.

They are counted when they are asked for, so that there is nothing to keep in step: over millions of contacts that takes
seconds, and once a minute is often enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, create_engine, text

from db import resolvers
from db.engines import as_sqlalchemy_url
from db.statements import statement
from db.statuses import JobStatus, OptOutKind, VerdictStatus

#: What is counted, and what that means. All of it is as of now, and can go down as well as up.
METRICS: Final[Mapping[str, str]] = {
    "mkt_jobs": "Import jobs.",
    "mkt_rows": "Rows of all import jobs, by what became of them.",
    "mkt_chunks_due": "Chunks of running jobs that are due for a stage.",
    "mkt_chunks_silent": "Chunks that have been due for more than a minute and that nobody takes.",
    "mkt_contacts": "Contacts with a verdict, by its status.",
    "mkt_opt_outs": "Opt-outs that hold, by kind; somebody may have several.",
    "mkt_opt_outs_incomplete": "Opt-outs of other services that have no hash yet.",
    "mkt_contacts_due": "Contacts whose verdict is due to be renewed.",
    "mkt_contacts_waiting": "Contacts that are due, now or within two minutes, and that DNS has not answered for.",
    "mkt_domain_checks": "Domains that DNS was last asked about in the last minute and in the last hour, by outcome.",
    "mkt_domains_claimed": "Domains that a worker is asking DNS about.",
    "mkt_resolver_believed": "1 while the workers believe their resolver, 0 while at least one machine does not.",
    "mkt_dns_budget_tokens": "DNS queries that may be sent at once by all workers together.",
    "mkt_dns_in_flight": "DNS queries that the workers were allowed to have in flight.",
    "mkt_dns_processes": "Processes that are asking DNS.",
}


@dataclass(frozen=True)
class Sample:
    """One figure."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def look(owner_url: str) -> list[Sample]:
    """Count everything once. Raises sqlalchemy.exc.OperationalError where the database does not answer."""
    engine = create_engine(as_sqlalchemy_url(owner_url), connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection:
            return [*_counted(connection), *_of_dns(connection)]
    finally:
        engine.dispose()


def _counted(connection: Connection) -> Iterator[Sample]:
    found = [Sample(row.name, row.value, row.labels) for row in connection.execute(text(statement("metrics")))]
    yield from found
    # A status that nothing has is a nought, not a gap: an alarm needs something to compare.
    for name, label, values in (
        ("mkt_jobs", "status", JobStatus),
        ("mkt_contacts", "status", VerdictStatus),
        ("mkt_opt_outs", "kind", OptOutKind),
    ):
        there = {sample.labels[label] for sample in found if sample.name == name}
        yield from (Sample(name, 0, {label: str(value)}) for value in values if value not in there)


def _of_dns(connection: Connection) -> Iterator[Sample]:
    state = resolvers.look(connection)
    yield Sample("mkt_contacts_waiting", state.waiting)
    yield Sample("mkt_resolver_believed", 0 if state.broken else 1)
    yield Sample("mkt_dns_budget_tokens", state.tokens)
    yield Sample("mkt_dns_in_flight", state.in_flight)
    yield Sample("mkt_dns_processes", state.workers)
