"""Asking DNS about domains: once per domain over all workers, never believed while the resolver itself is broken.

Everything here happens outside of transactions but for short ones that claim domains and store answers; those have
threads of their own, so that the event loop goes on asking.
"""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import structlog

from config.settings import Settings
from db import domain_checks
from db.domain_checks import DomainClaim
from db.unit import Database, Unit, database_clock
from pipeline.domains.answers import row_of
from pipeline.domains.bounds import bounds, resolver_name
from pipeline.domains.breaker import Breaker
from pipeline.domains.budget import Budget
from pipeline.lookups import CanaryReport, LookupLoop, MailLookups
from pipeline.verdicts import VALIDATOR_VERSION, DomainFacts, Outcome

T = TypeVar("T")
Item = TypeVar("Item")

log = structlog.get_logger()

#: How often, in seconds, what was heard is stored, after canaries: a killed worker loses no more.
TICK = 1.0
#: So many answers are not kept waiting for that.
ENOUGH = 5_000
#: Domains that one statement claims or stores, and that one round of questions has.
STATEMENT, ROUND = 1_000, 50_000
#: Answers that are judged between two looks at the network: a thread of its own would hold the loop up for longer, because
#: the interpreter changes threads only every five milliseconds.
SLICE = 25
#: How long, in seconds, a claim on a domain is believed without being renewed: what a killed worker holds up.
CLAIM = 9.0
#: How often, in seconds, to look whether another worker's answers have come.
POLL = 0.2
#: New objects between two collections of garbage while we ask, and collections of one generation before the next one's.
COLLECTING = (20_000, 50, 50)


@dataclass(frozen=True)
class Search:
    """One search for answers: what is missing can change while it goes on, because other workers ask too.

    ``alive`` is called every second, in any thread; it raises when the work was taken from us. ``deadline``: on the
    monotonic clock. ``clock``: what time it is for facts and verdicts. ``tenant_id``: whose part of the budget it takes from.
    """

    missing: Callable[[], list[str]]
    alive: Callable[[], None]
    deadline: float
    clock: Callable[[Unit], datetime] = database_clock
    tenant_id: UUID | None = None


class DomainDesk:
    """The resolver of one process, with its event loop. Made after the fork, used by one task at a time."""

    def __init__(self, settings: Settings) -> None:
        host = socket.gethostname()
        self._worker = f"{host}:{os.getpid()}:{secrets.token_hex(4)}"  # claims and shares are this desk's own
        self._loop = LookupLoop()
        self._budget = Budget(bounds(settings, host), worker=self._worker, in_flight=settings.dns_concurrency)
        self._lookups = MailLookups(
            nameservers=settings.dns_nameservers,
            timeout=settings.dns_timeout,
            tries=settings.dns_tries,
            query_deadline=settings.dns_query_deadline,
            concurrency=settings.dns_concurrency,
            confirm_delay=settings.dns_confirm_delay,
        )
        #: The nameservers that our own canaries found good; None: we know of none. Of one alone others may tell.
        alone = len(settings.dns_nameservers) == 1
        self._believed: tuple[str, ...] | None = settings.dns_nameservers if alone else None
        self._doubted: set[str] = set()
        self._renew_at = 0.0
        self._canaries = settings.dns_canaries
        self._breaker = Breaker(resolver_name(settings, host), self._ask_canaries)

    def answer(self, database: Database, search: Search) -> None:
        """See to it that what is missing has a fresh check, as far as DNS answers before the deadline."""
        asked: set[str] = set()
        while time.monotonic() < search.deadline:
            missing = [domain for domain in search.missing() if domain not in asked]
            if not missing or not self._loop.run(_beating(self._may_ask(database), search.alive)):
                return
            mine = self._claim(database, missing[:ROUND], search)
            if mine:
                asked.update(mine)
                if not self._ask(database, mine, search):
                    return
            else:
                # Others are asking; their answers come to the same table, or their claims end.
                search.alive()
                time.sleep(POLL)

    def canaries(self) -> CanaryReport:
        """Return whether the resolver can be believed."""
        return self._loop.run(self._ask_canaries())

    def check(self, domain: str) -> DomainFacts:
        """Ask about one domain now, for a person, whatever the budget."""

        async def check() -> DomainFacts:
            async def vouch() -> bool:
                return set(used) <= set((await self._ask_canaries()).believed)

            used = self._believed or (await self._ask_canaries()).believed
            if not used:
                return DomainFacts(domain, Outcome.UNHEARD)
            return await self._through(used).check(domain, vouch=vouch)

        return self._loop.run(check())

    def close(self) -> None:
        """Close the event loop."""
        self._loop.close()

    def _claim(self, database: Database, domains: Sequence[str], search: Search) -> dict[str, DomainClaim]:
        claims: dict[str, DomainClaim] = {}
        for part in _parts(domains):

            def work(unit: Unit, part: Sequence[str] = part) -> list[DomainClaim]:
                now = search.clock(unit)
                return domain_checks.claim_domains(unit, part, worker=self._worker, seconds=CLAIM, now=now)

            claims |= {claim.domain: claim for claim in database.in_unit(None, work)}
        return claims

    def _ask(self, database: Database, claims: dict[str, DomainClaim], search: Search) -> bool:
        """Ask for what we claimed and store what comes; False: the resolver cannot be believed."""
        began, claimed, outcomes = time.monotonic(), len(claims), Counter[str]()

        def pulse() -> None:
            search.alive()
            if time.monotonic() > self._renew_at:
                self._renew_at = time.monotonic() + CLAIM / 3
                for part in _parts(list(claims)):
                    renew = partial(domain_checks.renew_claims, domains=part, worker=self._worker, seconds=CLAIM)
                    database.in_unit(None, renew)

        self._renew_at = began + CLAIM / 3
        try:
            with _collecting_rarely():
                return self._loop.run(_beating(self._collect(database, claims, search, outcomes), pulse))
        finally:
            # What is left among the claims brought no answer.
            for part in _parts(list(claims)):
                database.in_unit(None, partial(domain_checks.release_domains, domains=part, worker=self._worker))
            seconds = round(time.monotonic() - began, 3)
            log.info(
                "domains_asked", claimed=claimed, stored=outcomes.total(), seconds=seconds, outcomes=dict(outcomes)
            )

    async def _collect(
        self, database: Database, claims: dict[str, DomainClaim], search: Search, outcomes: Counter[str]
    ) -> bool:
        heard: list[DomainFacts] = []
        used = self._believed or ()

        async def vouch() -> bool:
            # Nobody knows which nameserver said what: each that was asked must still be good.
            return await self._breaker.vouch(database) and set(used) <= set(self._believed or ())

        async with self._budget.open(database, search.tenant_id):
            listening = asyncio.create_task(self._listen(list(claims), heard, search.deadline, used, vouch))
            try:
                while heard or not listening.done():
                    if len(heard) < ENOUGH:
                        await asyncio.wait({listening}, timeout=TICK)
                    batch, heard[:] = heard[:], []
                    # A resolver that turned bad while we asked must not have the last word: it is tried after its answers.
                    if (batch or not self._breaker.is_young) and not await vouch():
                        return False
                    await self._store(database, batch, claims, search)
                    outcomes.update(str(facts.outcome) for facts in batch)
                listening.result()
            finally:
                listening.cancel()
                await asyncio.wait({listening})
        return self._breaker.is_believed

    async def _listen(
        self,
        domains: Sequence[str],
        heard: list[DomainFacts],
        deadline: float,
        servers: Sequence[str],
        vouch: Callable[[], Awaitable[bool]],
    ) -> None:
        seconds = deadline - time.monotonic()
        asking = self._through(servers).check_many(domains, deadline=seconds, throttle=self._budget, vouch=vouch)
        async with aclosing(asking) as answers:
            async for facts in answers:
                heard.append(facts)  # noqa: PERF401 (taken from the list while we wait)

    async def _store(
        self, database: Database, batch: Sequence[DomainFacts], claims: dict[str, DomainClaim], search: Search
    ) -> None:
        now = await asyncio.to_thread(database.in_unit, None, search.clock)
        writing = asyncio.create_task(asyncio.sleep(0))
        try:
            for part in _parts(batch):
                rows = []
                for number, facts in enumerate(part):
                    if number % SLICE == 0:
                        await asyncio.sleep(0)
                    rows.append(row_of(facts, claims[facts.domain], now))
                await writing  # one part is written while the next one is judged
                writing = asyncio.create_task(self._write(database, rows, claims, now))
        finally:
            await writing

    async def _write(
        self, database: Database, rows: list[dict[str, Any]], claims: dict[str, DomainClaim], now: datetime
    ) -> None:
        work = partial(domain_checks.store_checks, checks=rows, version=VALIDATOR_VERSION, now=now)
        await asyncio.to_thread(database.in_unit, None, work)
        for row in rows:
            del claims[row["domain"]]

    async def _may_ask(self, database: Database) -> bool:
        if not await self._breaker.is_closed(database):
            return False
        # What other processes found out tells that some nameserver is good, but not which.
        return self._believed is not None or await self._breaker.vouch(database)

    async def _ask_canaries(self) -> CanaryReport:
        report = await self._lookups.canaries(self._canaries, throttle=self._budget.unwaiting)
        self._believed = report.believed or None
        for server in sorted(report.doubted.keys() - self._doubted):
            doubt = report.doubted[server]
            log.warning("nameserver_not_believed", server=server, reason=doubt.reason, detail=doubt.detail)
        self._doubted = set(report.doubted)
        return report

    def _through(self, servers: Sequence[str]) -> MailLookups:
        return replace(self._lookups, nameservers=servers)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Spare the collector of garbage most of its walks through all that we know: they took a third of the time."""
    before = gc.get_threshold()
    gc.set_threshold(*COLLECTING)
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def _beating(work: Coroutine[None, None, T], alive: Callable[[], None]) -> T:
    """Run ``work`` and say every second that it goes on, also while a resolver says nothing at all."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=1.0))[0]:
            await asyncio.to_thread(alive)
        return task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})  # its queries end, and its share of the budget goes back


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[first : first + STATEMENT] for first in range(0, len(items), STATEMENT))
