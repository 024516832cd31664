"""How fast this process may ask DNS: its part of a budget that all workers share, leased for a moment ahead.

The budget lies in the database, but no query waits for a statement of its own: some times a second, one leases queries
for the next moment, in a thread, while the event loop goes on sending.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from db import resolvers
from db.resolvers import Bound, Lease
from db.unit import Database, Unit
from pipeline.lookups import Throttle

#: Seconds between two leases: where the budget is short, as far as one shall last, and where nobody asks for more.
SHORT, AHEAD, LONG = 0.25, 0.5, 1.0
#: How long, in seconds, the share of a worker that was killed is missing to the others.
SHARE: Final = 3.0


class Budget:
    """A throttle for the lookups of one process, which obeys each of ``bounds``. Unless it is open it allows everything.

    ``in_flight``: what the process would have at most.
    """

    def __init__(self, bounds: Sequence[Bound], *, worker: str, in_flight: int) -> None:
        self._bounds, self._worker, self._most = bounds, worker, in_flight
        self._servers = [bound.server for bound in bounds]
        # More is never held back for later: what is not used at once is for the others.
        self._cap = min((max(b.rate * resolvers.BURST, 1) for b in bounds if b.rate), default=float("inf"))
        self._is_open = False
        self._tenant: str | None = None
        self._tokens = self._share = self._used = self._mark = 0
        self._error: Exception | None = None
        self._low, self._filled, self._closed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @property
    def in_flight(self) -> int:
        """How many queries of this process may be in flight now."""
        return self._share if self._is_open else self._most

    async def admit(self) -> None:
        """Return when one more query may be sent. Raises what the database raised."""
        while self._is_open and self._tokens < 1:
            if self._error is not None:
                raise self._error
            self._filled.clear()
            self._low.set()
            await self._filled.wait()
        self._charge()

    @property
    def unwaiting(self) -> Throttle:
        """A throttle that is charged to this one and never waits, for the canaries: a short budget is no dead resolver.

        What they take goes missing to the questions behind them.
        """
        return _Unwaiting(self._most, self._charge)

    def _charge(self) -> None:
        self._tokens -= 1
        self._used += 1
        if self._tokens < self._mark:
            self._low.set()

    @asynccontextmanager
    async def open(self, database: Database, tenant_id: UUID | None = None) -> AsyncIterator[None]:
        """Lease from the database while the block runs, from the tenant's part of the budget."""
        self._tenant = None if tenant_id is None else _pseudonym(tenant_id)
        self._tokens = self._share = self._used = self._mark = 0
        self._error = None
        self._low, self._filled, self._closed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        await asyncio.to_thread(database.in_unit, None, lambda unit: resolvers.make_rows(unit, self._servers))
        self._is_open = True
        keeper = asyncio.create_task(self._keep(database))
        try:
            yield
        finally:
            self._is_open = False
            for event in (self._closed, self._low, self._filled):
                event.set()
            # A statement that is under way is waited for: it would take a share again after we gave ours back.
            await keeper
            if self._error is None:
                await asyncio.to_thread(database.in_unit, None, self._give_back)
        if self._error is not None:
            raise self._error

    async def _keep(self, database: Database) -> None:
        """Lease again whenever half of what shall last for the next moment is gone."""
        since, target = time.monotonic(), float(self._most)
        try:
            while self._is_open:
                unused = 0 if self._low.is_set() else max(self._tokens, 0)
                self._tokens -= unused  # nobody wants them now, and they do not keep
                target = min(target, self._cap)
                wanted = max(int(target) - self._tokens, 0)
                self._low.clear()
                lease = await asyncio.to_thread(
                    database.in_unit, None, partial(self._take, wanted=wanted, unused=unused)
                )
                self._tokens, self._share, self._mark = self._tokens + lease.tokens, lease.in_flight, int(target) // 2
                self._filled.set()
                if lease.tokens < wanted or not lease.in_flight:
                    await _signal(self._closed, SHORT)
                elif self._tokens >= self._mark:
                    await _signal(self._low, LONG)
                elapsed, since = time.monotonic() - since, time.monotonic()
                target, self._used = max(self._used / elapsed * AHEAD, self._most), 0
        except Exception as error:  # noqa: BLE001 (whoever waits for the lease raises it)
            self._error = error
            self._filled.set()

    def _take(self, unit: Unit, *, wanted: int, unused: int) -> Lease:
        return resolvers.take_budget(
            unit,
            self._bounds,
            worker=self._worker,
            tenant=self._tenant,
            wanted=wanted,
            unused=unused,
            in_flight=self._most,
            seconds=SHARE,
        )

    def _give_back(self, unit: Unit) -> None:
        resolvers.give_back(unit, self._servers, worker=self._worker, unused=max(self._tokens, 0))


@dataclass(frozen=True)
class _Unwaiting:
    in_flight: int
    charge: Callable[[], None]

    async def admit(self) -> None:
        self.charge()


def _pseudonym(tenant_id: UUID) -> str:
    """Return what tells tenants apart in a table that all of them can see, and does not say who they are."""
    return hashlib.blake2b(tenant_id.bytes, digest_size=8).hexdigest()


async def _signal(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
