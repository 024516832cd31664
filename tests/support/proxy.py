"""A TCP proxy on loopback that misbehaves on demand: between workers and their servers it is the network.

It passes, delays, swallows (accepts and stops reading: a black hole), or resets what goes through it. One thread runs the
event loop; the methods may be called from any other.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")
LOOPBACK: Final = "127.0.0.1"
#: Where to connect to: a unix socket, or a port on loopback.
Target = Path | int
PIECE: Final = 1 << 16
#: SO_LINGER with no time: closing sends a reset instead of an orderly end.
AT_ONCE: Final = struct.pack("ii", 1, 0)


class Proxy:
    """Passes bytes between a port of its own and ``target``. Use it as ``with Proxy(target).serving() as proxy``."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._delay = 0.0
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.port = 0

    @contextmanager
    def serving(self) -> Iterator[Proxy]:
        """Serve in a thread of its own until the block ends."""
        thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        thread.start()
        server = self._run(self._start())
        try:
            yield self
        finally:
            self._run(self._end(server))
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def heal(self) -> None:
        """Pass everything, at once, as in the beginning; what was held back goes on."""
        self._run(self._behave(delay=0.0, is_open=True))

    def delay(self, seconds: float) -> None:
        """Hold every piece back for so long, in both directions."""
        self._run(self._behave(delay=seconds, is_open=True))

    def swallow(self) -> None:
        """Be a black hole: accept connections, read nothing from anybody, say nothing to anybody."""
        self._run(self._behave(delay=0.0, is_open=False))

    def reset(self) -> None:
        """Break every connection that there is, as a router does that forgot them; new ones pass."""
        self._run(self._break())

    def connections(self) -> int:
        """Return how many clients are connected."""
        return len(self._writers) // 2

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _start(self) -> asyncio.Server:
        self._open.set()
        server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _end(self, server: asyncio.Server) -> None:
        server.close()  # here, in the loop: beside a connection that is just ending, another thread would end it twice
        await self._break()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _behave(self, *, delay: float, is_open: bool) -> None:
        self._delay = delay
        if is_open:
            self._open.set()
        else:
            self._open.clear()

    async def _break(self) -> None:
        for writer in list(self._writers):
            sock = writer.get_extra_info("socket")
            with suppress(OSError):  # it is closed already
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        try:
            if isinstance(self._target, Path):
                onward = await asyncio.open_unix_connection(self._target)
            else:
                onward = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:  # the server is away: so are we
            writer.transport.abort()
            return
        for source, sink in ((reader, onward[1]), (onward[0], writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._writers.add(sink)
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while piece := await source.read(PIECE):
                await self._open.wait()
                if self._delay:
                    await asyncio.sleep(self._delay)
                sink.write(piece)
                await sink.drain()
                await self._open.wait()
        except OSError:  # one side broke off: so does the other
            pass
        finally:
            await self._open.wait()  # not even an end gets through a black hole
            self._writers.discard(sink)
            sink.close()
