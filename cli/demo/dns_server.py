"""A small DNS server on loopback that answers from a zone in memory, over UDP and TCP on one free port.

It stands in for the Internet where nothing may leave the machine, and can misbehave as the Internet does: be silent,
slow, broken, or cut its answers short. Encoded answers are kept, so that a question seen before costs no parsing.
"""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, cast

from dnslib import AAAA, CNAME, MX, QTYPE, RCODE, RR, SOA, A, DNSRecord

LOOPBACK: Final = "127.0.0.1"
_HEADER: Final = 12  # bytes before the question
_TRUNCATED: Final = 0x02  # the TC bit, in the third byte of a message
_MAX_CNAMES: Final = 8


@dataclass(frozen=True)
class Host:
    """What the server says about one name; without records it exists and has no data.

    ``mx``: (preference, host); a null MX is ``(0, ".")``. ``ttl`` and ``delay`` are in seconds. ``rcode``: an error in
    place of an answer. ``silent``: no answer at all. ``truncated``: over UDP only "ask again over TCP".
    """

    mx: tuple[tuple[int, str], ...] = ()
    a: tuple[str, ...] = ()
    aaaa: tuple[str, ...] = ()
    cname: str | None = None
    ttl: int = 300
    rcode: str = "NOERROR"
    silent: bool = False
    delay: float = 0.0
    truncated: bool = False


MISSING: Final = Host(rcode="NXDOMAIN")

#: Names in lower case without a trailing dot.
Zone = Mapping[str, Host]


class DnsServer:
    """Answers for ``zone``; any name outside of it gets ``otherwise``."""

    def __init__(self, zone: Zone, otherwise: Host = MISSING) -> None:
        self.zone = zone
        self.otherwise = otherwise
        self.address = ""  # "127.0.0.1:port" while it serves
        self._encoded: dict[bytes, tuple[Host, bytes]] = {}

    def find(self, name: str, kind: str) -> Host:
        """Return what to say when ``name`` is asked for records of type ``kind`` ("MX", "A", …)."""
        del kind  # one answer for all types here
        return self.zone.get(name, self.otherwise)

    def respond(self, query: bytes) -> tuple[Host, bytes]:
        """Return the complete response to a query in wire format, and the host that says how to send it."""
        # The question ends two bytes of type and two of class behind its root label; what follows (EDNS) is not needed.
        question = query[_HEADER : query.index(0, _HEADER) + 5]
        if (known := self._encoded.get(question)) is None:
            known = self._encoded[question] = self.encode(query)
        host, response = known
        return host, query[:2] + response[2:]

    def encode(self, query: bytes) -> tuple[Host, bytes]:
        """Make the response that ``respond`` keeps."""
        parsed = DNSRecord.parse(query)
        name, kind = str(parsed.q.qname).rstrip(".").lower(), QTYPE[parsed.q.qtype]
        asked, reply = self.find(name, kind), parsed.reply()
        reply.header.ra = 1
        host = asked
        for _ in range(_MAX_CNAMES):
            reply.header.rcode = getattr(RCODE, host.rcode)
            reply.add_answer(*_records(name, kind, host))
            if host.cname is None:
                break
            name = host.cname
            host = self.find(name, kind)
        if not reply.rr:
            reply.add_auth(RR(name, QTYPE.SOA, ttl=60, rdata=SOA(times=(1, 3600, 600, 86400, 60))))
        return asked, bytes(reply.pack())

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve in a thread of its own; yields the address as ``127.0.0.1:port``."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="dns-server", daemon=True)
        thread.start()
        server, transport = asyncio.run_coroutine_threadsafe(self._listen(), loop).result()
        try:
            yield self.address
        finally:
            asyncio.run_coroutine_threadsafe(_shut(server, transport), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _listen(self) -> tuple[asyncio.Server, asyncio.DatagramTransport]:
        loop = asyncio.get_running_loop()
        while True:
            server = await asyncio.start_server(self._serve_stream, LOOPBACK, 0)
            port = server.sockets[0].getsockname()[1]
            try:
                transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), (LOOPBACK, port))
            except OSError:
                # The port was free for TCP but not for UDP: take another one.
                server.close()
                continue
            self.address = f"{LOOPBACK}:{port}"
            return server, transport

    async def _serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # RFC 1035 section 4.2.2: every message is preceded by its length in two bytes.
        try:
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                host, response = self.respond(await reader.readexactly(length))
                if not host.silent:
                    await asyncio.sleep(host.delay)
                    writer.write(struct.pack("!H", len(response)) + response)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The selector loop's transport is one in all but its class.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        host, response = self._server.respond(data)
        if host.silent:
            return
        if host.truncated:
            end = data.index(0, _HEADER) + 5
            # Header with TC set, one question and nothing else.
            response = (
                data[:2] + bytes((response[2] | _TRUNCATED, response[3])) + b"\0\1" + bytes(6) + data[_HEADER:end]
            )
        if host.delay:
            asyncio.get_running_loop().call_later(host.delay, self._transport.sendto, response, addr)
        else:
            self._transport.sendto(response, addr)


def _records(name: str, kind: str, host: Host) -> list[RR]:
    if host.cname is not None:
        return [RR(name, QTYPE.CNAME, ttl=host.ttl, rdata=CNAME(host.cname))]
    made = {
        "MX": [MX(exchange, preference) for preference, exchange in host.mx],
        "A": [A(address) for address in host.a],
        "AAAA": [AAAA(address) for address in host.aaaa],
    }
    return [RR(name, getattr(QTYPE, kind), ttl=host.ttl, rdata=data) for data in made.get(kind, [])]


async def _shut(server: asyncio.Server, transport: asyncio.DatagramTransport) -> None:
    server.close()
    transport.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
