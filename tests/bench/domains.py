"""How fast domains are asked, judged and stored, beside a bare loop and ``dnsperf`` that ask the same server the same.

Each of 30,000 domains has its own mail servers, so that each takes two questions: its MX, and the address of the best one.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import psycopg

from config.endpoints import database_url
from config.settings import Settings
from tests.bench import dns_clients
from tests.bench.base import ask_for
from tests.bench.zone import DOMAINS, Zone, zone
from tests.support.crew import servers
from tests.support.workers import tools

#: Turns that are counted; one more goes before them, in which everything is done for the first time.
TURNS = 5
#: The manners of the Internet: median seconds until an answer, and the share of names that never get one.
DELAY, SILENT = 0.03, 0.02
#: As many questions a second as there are.
UNLIMITED = {"dns_queries_per_second": 0, "dns_server_queries_per_second": 0}
#: The ways of asking.
MKT = "mkt: asked, judged, stored"


MKT_ALONE = "mkt's resolver: asked and understood"
BARE = "bare aiodns loop, channel set up as mkt's"
#: Turns where answers take their time, and all is already done for the first time.
LONG_TURNS = 2


class Speed(NamedTuple):
    """One way of asking: domains per second, questions per domain as the server counted, both medians.

    ``ratio``: the median of the ratios of this speed to the bare loop's, turn by turn.
    """

    way: str
    domains: float
    questions: float
    ratio: float


class Slow(NamedTuple):
    """Asking an Internet with its manners: seconds, and how many domains have which status."""

    seconds: float
    statuses: Mapping[str, int]


def sections() -> Iterator[str]:
    """Measure, and yield the sections of the page."""
    with (
        tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder,
        servers(Path(folder, "home"), durable=True) as home,
    ):
        with zone() as there:
            at_once = race(home, there, TURNS)
        with zone("--delay", str(DELAY)) as there:
            in_time = race(home, there, LONG_TURNS, only=(MKT, MKT_ALONE, BARE))
        with zone("--delay", str(DELAY), "--silent", str(SILENT)) as there:
            slow = ask_slow(home.model_copy(update={"dns_nameservers": (there.address,)}), there)
    yield render(at_once, in_time, slow, home)


def race(home: Settings, there: Zone, turns: int, *, only: Collection[str] = ()) -> list[Speed]:
    """Ask for all domains in each way, turn by turn; ``only`` in these, where some are given."""
    settings = home.model_copy(update={"dns_nameservers": (there.address,), **UNLIMITED})
    width = settings.dns_concurrency
    ways: dict[str, Callable[[], float]] = {
        MKT: lambda: asked_by_mkt(settings, there),
        MKT_ALONE: lambda: dns_clients.lookups(there, settings),
        BARE: lambda: dns_clients.bare_loop(there, settings, width),
        "bare aiodns loop, its own defaults": lambda: dns_clients.bare_loop(there, None, width),
        "dnsperf": lambda: dns_clients.dnsperf(there, width),
    }
    if not dns_clients.has_dnsperf():
        del ways["dnsperf"]
    measured: dict[str, list[tuple[float, float]]] = {way: [] for way in ways if not only or way in only}
    for _ in range(1 + turns):
        for way, taken in measured.items():
            before = there.questions()
            rate = DOMAINS / ways[way]()
            taken.append((rate, (sum(there.questions().values()) - sum(before.values())) / DOMAINS))
    bare = [rate for rate, _ in measured[BARE][1:]]
    return [_speed(way, taken[1:], bare) for way, taken in measured.items()]


def _speed(way: str, turns: list[tuple[float, float]], bare: list[float]) -> Speed:
    rates, questions = zip(*turns, strict=True)
    ratios = [rate / other for rate, other in zip(rates, bare, strict=True)]
    return Speed(way, statistics.median(rates), statistics.median(questions), statistics.median(ratios))


def ask_slow(settings: Settings, there: Zone) -> Slow:
    """Ask for all domains as a chunk of an import does, where some never answer."""
    seconds = asked_by_mkt(settings, there)
    with psycopg.connect(database_url(settings)) as connection:
        found = connection.execute(
            "select status, count(*) from mkt.domain_checks where outcome is not null group by 1"
        )
        return Slow(seconds, dict(found.fetchall()))


def asked_by_mkt(settings: Settings, there: Zone) -> float:
    """Return the seconds until everything is judged and stored of domains that nobody has asked for before."""
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        connection.execute("truncate mkt.domain_checks")
        connection.execute("checkpoint")  # what the turn before has written is not this one's to pay
    with tools(settings) as context:
        return ask_for(settings, context, there.domains)


def render(at_once: list[Speed], in_time: list[Speed], slow: Slow, settings: Settings) -> str:
    """Return the section of the page."""
    unknown = slow.statuses.get("unknown", 0)
    judged = sum(slow.statuses.values())
    lines = [
        "## Domains",
        "",
        f"{DOMAINS:,} domains, none of them known, each with its own mail server: two questions each (MX, then the address of the best",
        f"exchange), {settings.dns_concurrency} in flight, to a server in a process of its own. Every way has its turn, again and again, after one that is not",
        "counted; the ratio is that of domains per second in the same turn, and figures are medians.",
        "",
        f"Where answers take {1000 * DELAY:.0f} ms in the median, and one in twenty four times that or more, as on the Internet ({LONG_TURNS} turns):",
        "",
        *_table(in_time),
        f"Where answers come at once, so that only the processors count ({TURNS} turns):",
        "",
        *_table(at_once),
        "*mkt* is one process with no limit on questions per second: it claims the domains in PostgreSQL, leases its share of the budget,",
        "watches its canaries, asks, judges, and stores facts and verdicts. *Its resolver* alone asks and says what was heard, and forgets it.",
        f"*Bare* asks the same two questions for each domain in a loop of {settings.dns_concurrency} coroutines and keeps nothing.",
        *_about_dnsperf(at_once),
        "",
        f"With the delays above, {SILENT:.0%} of the names that never answer, and the default settings but for the nameserver",
        f"(on loopback no limit of questions per second applies; {settings.dns_concurrency} in flight, first try {settings.dns_timeout:g} s, {settings.dns_query_deadline:g} s for a name): {judged:,} domains judged and stored",
        f"in {slow.seconds:.1f} s by one process, {judged - unknown:,} of them answered and {unknown:,} unknown.",
        "",
    ]
    return "\n".join(lines)


def _table(speeds: list[Speed]) -> list[str]:
    return [
        "| way | ratio to the bare loop | domains/s | questions per domain |",
        "|---|---:|---:|---:|",
        *(f"| {speed.way} | {speed.ratio:.2f} | {speed.domains:,.0f} | {speed.questions:.2f} |" for speed in speeds),
        "",
    ]


def _about_dnsperf(speeds: list[Speed]) -> list[str]:
    if any(speed.way == "dnsperf" for speed in speeds):
        return [
            "*dnsperf* sends the same questions from a file and reads no answer twice: it shows how fast the server is."
        ]
    return ["`dnsperf` was not installed, so that its line is missing."]
