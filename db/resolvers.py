"""What all workers share about DNS: how fast it may be asked, and whether it can be believed.

One row for each thing that bounds or is believed; its key (``server``) is the caller's choice. Everything here has the
database's clock: it is about processes and packets, not about the age of verdicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from db.statements import statement
from db.unit import Unit

#: How long, in seconds of its rate, a bucket fills up while nobody asks.
BURST = 0.5
#: How old, in minutes, a belief may be and still be told to an operator: what nobody asks any more is no news.
NEWS = 15


@dataclass(frozen=True)
class Bound:
    """What is allowed in one row, over all workers: ``rate`` queries a second (0: any), ``in_flight`` at a time."""

    server: str
    rate: float
    in_flight: int


@dataclass(frozen=True)
class Lease:
    """What a worker may do until its next lease: queries to send, and queries in flight."""

    tokens: int
    in_flight: int


@dataclass(frozen=True)
class Belief:
    """What the canaries last said, ``age`` seconds ago (None: they were never asked), and since when."""

    believed: bool
    reason: str
    detail: str
    since: datetime
    age: float | None


@dataclass(frozen=True)
class DnsState:
    """What an operator wants to know about DNS.

    ``broken``: beliefs that are bad, and fresh enough to matter. ``waiting``: contacts that nobody could answer for and
    that are due. ``tokens``, ``in_flight``, ``workers``: the budget of everything, now.
    """

    broken: tuple[Belief, ...]
    waiting: int
    tokens: float
    in_flight: int
    workers: int


def make_rows(unit: Unit, servers: Sequence[str]) -> None:
    """See to it that the rows are there."""
    unit.execute(
        "insert into mkt.resolvers (server) select server from unnest(cast(:servers as text[])) as server order by 1"
        " on conflict do nothing",
        {"servers": list(servers)},
    )


def take_budget(
    unit: Unit,
    bounds: Sequence[Bound],
    *,
    worker: str,
    tenant: str | None = None,
    wanted: int,
    unused: int,
    in_flight: int,
    seconds: float,
) -> Lease:
    """Lease a part of the budget: at most ``wanted`` queries and ``in_flight`` at a time.

    ``tenant``: a name for whom the worker asks; whoever has the same shares with it. None: it asks for itself. ``unused``: what the last lease left over, which goes back. A worker that does not come again gives up its share of what
    is in flight after ``seconds``.
    """
    found = unit.execute(
        statement("take_dns_budget"),
        {
            "servers": [bound.server for bound in bounds],
            "rates": [bound.rate for bound in bounds],
            "caps": [bound.in_flight for bound in bounds],
            "worker": worker,
            "tenant": tenant or worker,
            "wanted": wanted,
            "unused": unused,
            "in_flight": in_flight,
            "seconds": seconds,
            "burst": BURST,
        },
    ).one()
    return Lease(found.tokens, found.in_flight)


def give_back(unit: Unit, servers: Sequence[str], *, worker: str, unused: int) -> None:
    """End a worker's share; in key order, as everybody who writes here."""
    unit.execute(
        "with mine as (select server from mkt.resolvers where server = any(:servers) order by server for update)"
        " update mkt.resolvers r set tokens = tokens + :unused, shares = shares - :worker from mine where r.server = mine.server",
        {"servers": list(servers), "worker": worker, "unused": unused},
    )


def belief(unit: Unit, server: str) -> Belief | None:
    """Return what was last noted; None where nothing was."""
    found = unit.execute(
        "select believed, reason, detail, since, extract(epoch from clock_timestamp() - asked_at)::float8 as age"
        " from mkt.resolvers where server = :server",
        {"server": server},
    ).one_or_none()
    return None if found is None else Belief(*found)


def take_probe(unit: Unit, server: str, *, every: float) -> bool:
    """Say whether this process is the one that may ask a resolver that is not believed; one in ``every`` seconds is."""
    taken = unit.execute(
        "update mkt.resolvers set asked_at = clock_timestamp() where server = :server and not believed"
        " and (asked_at is null or asked_at < clock_timestamp() - make_interval(secs => :every)) returning 1",
        {"server": server, "every": every},
    )
    return taken.one_or_none() is not None


def note_belief(unit: Unit, server: str, *, believed: bool, reason: str, detail: str) -> Belief | None:
    """Write what the canaries said now; returns what was believed before if that was the opposite, None if not."""
    noted = unit.execute(
        statement("note_belief"), {"server": server, "believed": believed, "reason": reason, "detail": detail}
    ).one()
    return Belief(*noted[1:]) if noted.changed else None


def look(connection: Connection) -> DnsState:
    """Return the state of DNS over all tenants, as the owner of the database sees it."""
    broken = connection.execute(
        text(
            "select believed, reason, detail, since, extract(epoch from clock_timestamp() - asked_at)::float8 as age"
            " from mkt.resolvers where not believed and asked_at > clock_timestamp() - make_interval(mins => :news) order by since"
        ),
        {"news": NEWS},
    )
    found = connection.execute(text(statement("dns_state"))).one()
    return DnsState(tuple(Belief(*row) for row in broken), found.waiting, found.tokens, found.in_flight, found.workers)
