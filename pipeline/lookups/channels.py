"""One question to DNS: through a fresh channel of c-ares, ending in facts or in trouble of ours.

A channel lives as long as one pass over the names. One that lives longer keeps "no data" answers for an hour whatever
their TTL says, shortens its time-outs to five times the average answer (a quarter of a second behind a warm cache),
never answers after a fork, and belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import aiodns
import pycares
from aiodns import error as dns_error

from pipeline.verdicts import NULL_EXCHANGE, DomainFacts, Outcome

Data = TypeVar("Data", pycares.MXRecordData, pycares.ARecordData, pycares.AAAARecordData)

#: Answers that say something about the domain. Whatever is not here is trouble on our side, and says nothing.
_OUTCOMES: Final[dict[int, Outcome]] = {
    dns_error.ARES_ENODATA: Outcome.NO_DATA,
    dns_error.ARES_ENOTFOUND: Outcome.NOT_FOUND,
    dns_error.ARES_ESERVFAIL: Outcome.SERVFAIL,
    dns_error.ARES_ETIMEOUT: Outcome.TIMEOUT,
    dns_error.ARES_EREFUSED: Outcome.REFUSED,
    dns_error.ARES_EFORMERR: Outcome.ERROR,
    dns_error.ARES_ENOTIMP: Outcome.ERROR,
    dns_error.ARES_EBADRESP: Outcome.ERROR,
    dns_error.ARES_EBADNAME: Outcome.ERROR,
}

#: Room for the answers to some thousand queries that were sent in one burst, in bytes.
_RECEIVE_BUFFER: Final = 4 << 20

#: An IPv6 address needs brackets where a port follows (RFC 3986).
_WITH_PORT: Final = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})")
_PORTS: Final = range(1, 1 << 16)


class NameserverError(ValueError):
    """A nameserver is not an address; the text is one sentence."""


@dataclass(frozen=True)
class Route:
    """How questions travel: nameservers (none: those of the system), first-try time-out in seconds, tries of a query."""

    nameservers: Sequence[str]
    timeout: float
    tries: int

    @asynccontextmanager
    async def open(self, turn: int = 0) -> AsyncIterator[aiodns.DNSResolver]:
        """Open a channel that knows nothing yet; each ``turn`` begins with the next nameserver."""
        flags = pycares.ARES_FLAG_EDNS  # c-ares' own default, which passing any flag switches off
        if self.nameservers and all(server_address(server).is_loopback for server in self.nameservers):
            # One source port for all queries: far cheaper, and on loopback nobody else can guess his way in.
            flags |= pycares.ARES_FLAG_STAYOPEN
        channel = aiodns.DNSResolver(
            timeout=self.timeout, tries=self.tries, flags=flags, socket_receive_buffer_size=_RECEIVE_BUFFER
        )
        try:
            servers = list(self.nameservers or channel.nameservers)
            first = turn % len(servers)
            channel.nameservers = servers[first:] + servers[:first]
            yield channel
        finally:
            await channel.close()


async def ask(channel: aiodns.DNSResolver, domain: str, patience: float) -> DomainFacts | None:
    """Ask once for the mail hosts of a domain, for ``patience`` seconds; None where the trouble is ours."""
    began = time.monotonic()
    facts = DomainFacts(domain, Outcome.TIMEOUT)
    try:
        async with asyncio.timeout(patience):
            facts = await _mail_hosts(channel, domain)
    except TimeoutError:
        pass
    except dns_error.DNSError as error:
        if error.args[0] not in _OUTCOMES:
            return None
        facts = DomainFacts(domain, _OUTCOMES[error.args[0]])
    return replace(facts, milliseconds=round(1000 * (time.monotonic() - began)))


async def _mail_hosts(channel: aiodns.DNSResolver, domain: str) -> DomainFacts:
    """Follow RFC 5321 section 5.1: MX, and where there is none, the domain's own addresses. Raises DNSError."""
    mx, ttl = await _records(channel, domain, "MX", pycares.MXRecordData)
    if mx:
        # The library writes the exchange of a null MX as an empty string.
        hosts = sorted((data.priority, data.exchange.rstrip(".").lower() or NULL_EXCHANGE) for data in mx)
        return DomainFacts(domain, Outcome.MX, mx=tuple(hosts), ttl=ttl)
    four, ttl = await _records(channel, domain, "A", pycares.ARecordData)
    facts = DomainFacts(domain, Outcome.ADDRESS, addresses=tuple(sorted(data.addr for data in four)), ttl=ttl)
    if facts.has_public_address:
        return facts
    six, ttl = await _records(channel, domain, "AAAA", pycares.AAAARecordData)
    addresses = (*facts.addresses, *sorted(data.addr for data in six))
    if not addresses:
        return DomainFacts(domain, Outcome.NO_DATA)
    return DomainFacts(domain, Outcome.ADDRESS, addresses=addresses, ttl=min(each for each in (facts.ttl, ttl) if each))


async def _records(channel: aiodns.DNSResolver, domain: str, kind: str, shape: type[Data]) -> tuple[list[Data], int]:
    """Return the records of one type and their shortest TTL; none and 0 where the name has none. Raises DNSError."""
    try:
        answer = await channel.query_dns(domain, kind)
    except dns_error.DNSError as error:
        if error.args[0] == dns_error.ARES_ENODATA:
            return [], 0
        raise
    # The answer may hold only the CNAME that led to a name without such records.
    found = [(record.data, record.ttl) for record in answer.answer if isinstance(record.data, shape)]
    return [data for data, _ in found], min((ttl for _, ttl in found), default=0)


def server_address(server: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address in ``address``, ``address:port`` or ``[address]:port``. Raises NameserverError."""
    match = _WITH_PORT.fullmatch(server)
    address = (match[1] or match[2]) if match else server
    try:
        if match is None or int(match[3]) in _PORTS:
            return ipaddress.ip_address(address)
    except ValueError:
        pass
    msg = f"{server!r} is not a nameserver: write an address, or address:port, like 127.0.0.1:5353 or [::1]:5353"
    raise NameserverError(msg)
