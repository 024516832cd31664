"""How questions travel to DNS: through a fresh channel of c-ares.

A channel lives as long as one pass over the names. One that lives longer keeps "no data" answers for an hour whatever
their TTL says, shortens its time-outs to five times the average answer (a quarter of a second behind a warm cache),
never answers after a fork, and belongs to one event loop.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiodns
import pycares

#: Room for the answers to some thousand queries that were sent in one burst, in bytes.
_RECEIVE_BUFFER: Final = 4 << 20

#: An IPv6 address needs brackets where a port follows (RFC 3986).
_WITH_PORT: Final = re.compile(r"(?:\[([0-9a-fA-F:.]+(?:%\w+)?)\]|([0-9.]+)):([0-9]{1,5})")
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


def _free_channels_after_fork() -> None:
    # The library's thread that frees closed channels stays behind in a fork, and is believed to run: without another one,
    # each channel of the child would leave a thread and five open files.
    pycares._shutdown_manager = pycares._ChannelShutdownManager()  # noqa: SLF001


os.register_at_fork(after_in_child=_free_channels_after_fork)


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
