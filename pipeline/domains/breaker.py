"""Whether our resolver can be believed now: what all processes of a machine know about it together.

Canaries that fail open the breaker: nothing is asked but canaries, by one process every few seconds, until they are good.
It belongs to a machine and its nameservers, because that is what canaries try: another machine has another way to the same
nameserver, and an operator who names other nameservers is not to wait for the old ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from db import resolvers
from db.resolvers import Belief
from db.unit import Database, Unit
from pipeline.lookups import CanaryReport

log = structlog.get_logger()

#: How long, in seconds, a good report is believed, and how often it is written down for the others.
CANARY_AGE = 5.0
#: How often, in seconds, one process of the machine tries whether a resolver that was not believed has come back.
PROBE = 3.0
_NEVER = float("-inf")


class Breaker:
    """The belief of one process in its resolver, which it shares as the row ``resolver``. ``ask`` asks the canaries."""

    def __init__(self, resolver: str, ask: Callable[[], Awaitable[CanaryReport]]) -> None:
        self._resolver = resolver
        self._ask = ask
        # On the monotonic clock: when the canaries were asked that were good, and those whose report was written down.
        self._good_at = self._noted_at = _NEVER

    @property
    def is_young(self) -> bool:
        """Whether the last report was good, and is young enough to go on."""
        return time.monotonic() - self._good_at < CANARY_AGE

    @property
    def is_believed(self) -> bool:
        """Whether the last report was good, however old it is."""
        return self._good_at > _NEVER

    async def is_closed(self, database: Database) -> bool:
        """Say whether questions make sense now; asks the canaries where nobody knows, or it is our turn to try again."""
        if self.is_young:
            return True
        known = await asyncio.to_thread(database.in_unit, None, self._known)
        if known is not None and not known.believed:
            if not await asyncio.to_thread(database.in_unit, None, self._take_probe):
                return False
        elif known is not None and known.age is not None and known.age < CANARY_AGE:
            self._good_at = time.monotonic() - known.age
            return True
        return await self.vouch(database)

    async def vouch(self, database: Database) -> bool:
        """Ask the canaries now. Good ones vouch for what was heard before they were asked, and for nothing after."""
        asked_at = time.monotonic()
        report = await self._ask()
        is_news = report.ok != self.is_believed
        self._good_at = asked_at if report.ok else _NEVER
        if is_news or asked_at - self._noted_at > CANARY_AGE:
            self._noted_at = asked_at
            before = await asyncio.to_thread(database.in_unit, None, lambda unit: self._note(unit, report))
            if before is not None:
                self._tell(before, report)
        return report.ok

    def _known(self, unit: Unit) -> Belief | None:
        return resolvers.belief(unit, self._resolver)

    def _take_probe(self, unit: Unit) -> bool:
        return resolvers.take_probe(unit, self._resolver, every=PROBE)

    def _note(self, unit: Unit, report: CanaryReport) -> Belief | None:
        return resolvers.note_belief(
            unit, self._resolver, believed=report.ok, reason=report.reason, detail=report.detail
        )

    def _tell(self, before: Belief, report: CanaryReport) -> None:
        """Log a change; it is told by the process that wrote it down, and by no other."""
        if report.ok:
            since = before.since.isoformat()
            log.info("resolver_believed_again", resolver=self._resolver, reason=before.reason, since=since)
        else:
            log.error("resolver_not_believed", resolver=self._resolver, reason=report.reason, detail=report.detail)
