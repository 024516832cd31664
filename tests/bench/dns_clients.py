"""Ways to ask the zone's server what mkt asks, and do nothing with the answers."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import tempfile
import time
from contextlib import aclosing
from operator import attrgetter

import aiodns
import pycares

from config.settings import Settings
from pipeline.lookups import MailLookups
from tests.bench.zone import DOMAINS, Zone

#: How mkt sets up a channel to a nameserver on loopback.
_OPTIONS = {
    "flags": pycares.ARES_FLAG_EDNS | pycares.ARES_FLAG_STAYOPEN,
    "socket_receive_buffer_size": 4 << 20,
}
_RATE = re.compile(r"Queries per second: +([0-9.]+)")


def bare_loop(there: Zone, settings: Settings | None, at_once: int) -> float:
    """Return the seconds that a loop takes in which ``at_once`` coroutines each ask for one domain after the other.

    ``settings``: their channel is set up as mkt's; without them it is one of aiodns's defaults.
    """
    return asyncio.run(_bare_loop(there, settings, at_once))


async def _bare_loop(there: Zone, settings: Settings | None, at_once: int) -> float:
    options = {} if settings is None else {**_OPTIONS, "timeout": settings.dns_timeout, "tries": settings.dns_tries}
    async with aiodns.DNSResolver([there.address], **options) as channel:
        return await _ask(channel, there, at_once)


async def _ask(channel: aiodns.DNSResolver, there: Zone, at_once: int) -> float:
    left = iter(there.domains)

    async def work() -> None:
        for domain in left:
            heard = await channel.query_dns(domain, "MX")
            exchanges = (record.data for record in heard.answer if isinstance(record.data, pycares.MXRecordData))
            await channel.query_dns(min(exchanges, key=attrgetter("priority")).exchange, "A")

    begin = time.monotonic()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return time.monotonic() - begin


def lookups(there: Zone, settings: Settings) -> float:
    """Return the seconds that mkt's own resolver takes, with nobody who judges or stores, and no budget."""
    return asyncio.run(_lookups(there, settings))


async def _lookups(there: Zone, settings: Settings) -> float:
    resolver = MailLookups(
        nameservers=[there.address],
        timeout=settings.dns_timeout,
        tries=settings.dns_tries,
        query_deadline=settings.dns_query_deadline,
        concurrency=settings.dns_concurrency,
    )
    begin = time.monotonic()
    async with aclosing(resolver.check_many(there.domains, deadline=settings.dns_chunk_deadline)) as found:
        heard = sum([facts.is_conclusive async for facts in found])
    if heard != DOMAINS:
        msg = f"{heard} of {DOMAINS} domains had an answer"
        raise SystemExit(msg)
    return time.monotonic() - begin


def has_dnsperf() -> bool:
    """Whether it is on the PATH."""
    return shutil.which("dnsperf") is not None


def dnsperf(there: Zone, at_once: int) -> float:
    """Return the seconds that ``dnsperf`` takes, which knows the names of the exchanges beforehand."""
    host, _, port = there.address.partition(":")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{domain} MX\nmx1.{domain} A\n" for domain in there.domains)
        file.flush()
        command = ["dnsperf", "-s", host, "-p", port, "-d", file.name, "-n", "1", "-q", str(at_once), "-e"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = _RATE.search(said)
    if found is None:
        msg = f"dnsperf did not say how fast it was: {said}"
        raise SystemExit(msg)
    return 2 * DOMAINS / float(found[1])
