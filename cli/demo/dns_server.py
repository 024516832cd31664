"""A small DNS server on loopback that answers from a zone in memory, over UDP and TCP on one port.

It stands in for the Internet where nothing may leave the machine, and can misbehave as the Internet does: be silent,
slow, broken, or cut its answers short. Encoded answers are kept, so that a question seen before costs no thought.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from cli.demo.dns_wire import Response, cut_short, is_too_long, question_of, read_question, write_question

LOOPBACK: Final = "127.0.0.1"
_MAX_CNAMES: Final = 8
#: Room for the queries that come while we are busy, in bytes.
_RECEIVE_BUFFER: Final = 4 << 20
#: So many queries are answered before anything else has its turn.
_BURST: Final = 64
#: A datagram is never longer.
_DATAGRAM: Final = 1 << 16

#: One TXT record: its text (cut into strings of 255 bytes), or its strings one by one.
Text = str | bytes | tuple[str | bytes, ...]


@dataclass(frozen=True)
class Host:
    """What the server says about one name; without records it exists and has no data.

    ``mx``: (preference, host); a null MX is ``(0, ".")``. ``cname``: followed, also round in circles. ``ttl`` and
    ``delay`` are in seconds. ``rcode``: an error in place of an answer. ``silent``: no answer at all. ``truncated``: over
    UDP only "ask again over TCP" (as for any answer that the client has no room for). ``tcp_closed``: over TCP the
    connection is closed in place of an answer. ``wrong_id``: the answer is to a query that nobody sent.
    """

    mx: tuple[tuple[int, str], ...] = ()
    a: tuple[str, ...] = ()
    aaaa: tuple[str, ...] = ()
    txt: tuple[Text, ...] = ()
    cname: str | None = None
    ttl: int = 300
    rcode: str = "NOERROR"
    silent: bool = False
    delay: float = 0.0
    truncated: bool = False
    tcp_closed: bool = False
    wrong_id: bool = False


MISSING: Final = Host(rcode="NXDOMAIN")

#: Names in lower case without a trailing dot.
Zone = Mapping[str, Host]


class DnsServer:
    """Answers for ``zone``; any name outside of it gets ``otherwise``. Counts what it is asked."""

    def __init__(self, zone: Zone, otherwise: Host = MISSING) -> None:
        self.zone = zone
        self.otherwise = otherwise
        self.address = ""  # "127.0.0.1:port" while it serves
        self._encoded: dict[bytes, tuple[Host, bytes]] = {}
        self._asked: defaultdict[bytes, int] = defaultdict(int)

    def find(self, name: str, kind: str) -> Host:
        """Return what to say when ``name`` is asked for records of type ``kind`` ("MX", "A", …)."""
        del kind  # one answer for all types here
        return self.zone.get(name, self.otherwise)

    def asked(self, name: str, kind: str) -> int:
        """Return how many queries for this name (in lower case) and type have come, repeated ones included."""
        return self._asked.get(write_question(name, kind), 0)

    def totals(self) -> Counter[str]:
        """Return how many queries have come, by type."""
        totals: Counter[str] = Counter()
        for question, count in list(self._asked.items()):
            totals[read_question(question)[1]] += count
        return totals

    def names(self) -> Counter[str]:
        """Return of how many different names queries have come, by type."""
        return Counter(read_question(question)[1] for question in list(self._asked))

    def respond(self, question: bytes) -> tuple[Host, bytes]:
        """Return the complete response to a question in wire format, and the host that says how to send it."""
        if (known := self._encoded.get(question)) is None:
            known = self._encoded[question] = self.encode(question)
        return known

    def encode(self, question: bytes) -> tuple[Host, bytes]:
        """Make the response that ``respond`` keeps."""
        name, kind = read_question(question)
        asked = host = self.find(name, kind)
        response = Response(question)
        seen = {name}
        while host.cname is not None:
            response.add(name, "CNAME", host.ttl, [host.cname])
            name = host.cname.lower()
            if name in seen or len(seen) > _MAX_CNAMES:
                return asked, response.finish(host.rcode)
            seen.add(name)
            host = self.find(name, kind)
        records: Mapping[str, tuple[object, ...]] = {"MX": host.mx, "A": host.a, "AAAA": host.aaaa, "TXT": host.txt}
        response.add(name, kind, host.ttl, records.get(kind, ()))
        if response.is_empty:
            response.add_authority(name, ttl=60)
        return asked, response.finish(host.rcode)

    @contextmanager
    def serving(self, port: int = 0, *, host: str = LOOPBACK, tcp: bool = True) -> Iterator[str]:
        """Serve in a thread of its own; yields the address as ``127.0.0.1:port`` or ``[::1]:port``.

        With a ``port`` it comes back where it was before. Without ``tcp`` nobody listens there.
        """
        datagrams, listener = _bind(host, port, tcp=tcp)
        number = datagrams.getsockname()[1]
        self.address = f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="dns-server", daemon=True)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(self._listen(datagrams, listener), loop).result()
        try:
            yield self.address
        finally:
            asyncio.run_coroutine_threadsafe(_shut(server, datagrams), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _listen(self, datagrams: socket.socket, listener: socket.socket | None) -> asyncio.Server | None:
        asyncio.get_running_loop().add_reader(datagrams, self._answer_datagrams, datagrams)
        return None if listener is None else await asyncio.start_server(self._serve_stream, sock=listener)

    def _answer(self, query: bytes) -> tuple[Host, bytes]:
        """Return the response with the query's number. Raises ValueError or IndexError where it is none."""
        question = question_of(query)
        host, response = self.respond(question)
        self._asked[question.lower()] += 1
        number = bytes(byte ^ 0xFF for byte in query[:2]) if host.wrong_id else query[:2]
        return host, number + response[2:]

    def _answer_datagrams(self, datagrams: socket.socket) -> None:
        # By hand and in bursts: a transport of asyncio would cost several times as much for each of them.
        for _ in range(_BURST):
            try:
                query, client = datagrams.recvfrom(_DATAGRAM)
            except BlockingIOError:
                return
            try:
                host, response = self._answer(query)
            except (ValueError, IndexError):
                continue  # rubbish
            if host.silent:
                continue
            if host.truncated or is_too_long(response, query):
                response = cut_short(response, query)
            if host.delay:
                asyncio.get_running_loop().call_later(host.delay, _send, datagrams, response, client)
            else:
                _send(datagrams, response, client)

    async def _serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # RFC 1035 section 4.2.2: every message is preceded by its length in two bytes.
        try:
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                host, response = self._answer(await reader.readexactly(length))
                if host.tcp_closed:
                    return
                if not host.silent:
                    await asyncio.sleep(host.delay)
                    writer.write(struct.pack("!H", len(response)) + response)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError, IndexError):
            pass
        except asyncio.CancelledError:
            pass  # we are shutting down, and asyncio would complain of a connection that ended so
        finally:
            writer.close()


def _bind(host: str, port: int, *, tcp: bool) -> tuple[socket.socket, socket.socket | None]:
    """Return a socket for datagrams and one that listens, on the same port; a free one where ``port`` is 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        datagrams = socket.socket(family, socket.SOCK_DGRAM)
        datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        datagrams.setblocking(False)
        datagrams.bind((host, port))
        if not tcp:
            return datagrams, None
        try:
            return datagrams, socket.create_server((host, datagrams.getsockname()[1]), family=family)
        except OSError:
            # The port was free for UDP but not for TCP: take another one.
            datagrams.close()
            if port:
                raise


def _send(datagrams: socket.socket, response: bytes, client: tuple[str, int]) -> None:
    with suppress(OSError):  # a datagram that finds no room is lost, as it would be on the way
        datagrams.sendto(response, client)


async def _shut(server: asyncio.Server | None, datagrams: socket.socket) -> None:
    asyncio.get_running_loop().remove_reader(datagrams)
    datagrams.close()
    if server is not None:
        server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
