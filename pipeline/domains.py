"""Asking DNS about domains: once per domain over all workers, never believed while the resolver itself is broken.

Everything here happens outside of transactions but for short ones that claim domains and store answers.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from config.settings import Settings
from db import validations
from db.unit import Database
from pipeline.lookups import CanaryReport, LookupLoop, MailLookups
from pipeline.verdicts import VALIDATOR_VERSION, DomainFacts, facts_ttl, judge

T = TypeVar("T")

log = structlog.get_logger()

#: Answers are stored when so many have come, or so many seconds have passed: a killed worker loses no more.
BATCH, BATCH_SECONDS = 200, 1.0
#: How long, in seconds, a good canary report is believed.
CANARY_AGE = 5.0
#: How often, in seconds, to look whether another worker's answers have come.
POLL = 0.2


@dataclass(frozen=True)
class Search:
    """One search for answers: what is missing can change while it goes on, because other workers ask too."""

    missing: Callable[[], list[str]]
    alive: Callable[[], None]  # called every second; raises when the work was taken from us
    deadline: float  # on the monotonic clock


class DomainDesk:
    """The resolver of one process, with its event loop. Made after the fork, used by one task at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loop = LookupLoop()
        self._lookups: MailLookups | None = None
        self._believed: tuple[float, CanaryReport] | None = None
        self._worker = f"{socket.gethostname()}:{os.getpid()}"

    def answer(self, database: Database, search: Search) -> None:
        """See to it that what is missing has a fresh check, as far as DNS answers before the deadline."""
        asked: set[str] = set()
        while time.monotonic() < search.deadline:
            missing = [domain for domain in search.missing() if domain not in asked]
            if not missing:
                return
            mine = self._claim(database, missing, search.deadline)
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

    def check(self, domain: str) -> DomainFacts | None:
        """Ask about one domain now, for a person; None where the trouble is ours."""
        return self._loop.run(self._check(domain))

    def close(self) -> None:
        """Close the resolver and the loop."""
        if self._lookups is not None:
            self._loop.run(self._lookups.close())
            self._lookups = None
        self._loop.close()

    def _claim(self, database: Database, domains: Sequence[str], deadline: float) -> list[str]:
        seconds = max(deadline - time.monotonic(), 0) + 5
        with database.unit(None) as unit:
            return validations.claim_domains(
                unit, domains, worker=self._worker, seconds=seconds, version=VALIDATOR_VERSION
            )

    def _ask(self, database: Database, domains: Sequence[str], search: Search) -> bool:
        """Ask for what we claimed and store what comes; False: the resolver cannot be believed."""
        try:
            report = self._loop.run(_beating(self._collect(database, domains, search), search.alive))
        finally:
            with database.unit(None) as unit:
                validations.release_domains(unit, domains, worker=self._worker)
        if not report.ok:
            log.error("resolver_not_believed", reason=report.reason, detail=report.detail)
        return report.ok

    async def _collect(self, database: Database, domains: Sequence[str], search: Search) -> CanaryReport:
        lookups = self._ready()
        batch: list[DomainFacts] = []
        report = await self._ask_canaries()
        if not report.ok:
            return report
        since = time.monotonic()
        async for facts in lookups.check_many(domains, deadline=search.deadline - time.monotonic()):
            batch.append(facts)
            if len(batch) >= BATCH or time.monotonic() - since > BATCH_SECONDS:
                report = await self._store(database, batch)
                batch, since = [], time.monotonic()
                if not report.ok:
                    return report
        return await self._store(database, batch) if batch else report

    async def _store(self, database: Database, batch: Sequence[DomainFacts]) -> CanaryReport:
        # A resolver that turned bad while we asked must not have the last word: it is tried before its answers count.
        report = await self._ask_canaries()
        if report.ok:
            with database.unit(None) as unit:
                validations.store_checks(unit, [_row(facts) for facts in batch], version=VALIDATOR_VERSION)
        return report

    async def _ask_canaries(self) -> CanaryReport:
        """Ask the canaries, unless the last good answer is fresh."""
        if self._believed is None or time.monotonic() - self._believed[0] > CANARY_AGE:
            report = await self._ready().canaries(self._settings.dns_canaries)
            self._believed = (time.monotonic(), report) if report.ok else None
            return report
        return self._believed[1]

    async def _check(self, domain: str) -> DomainFacts | None:
        return await self._ready().check(domain)

    def _ready(self) -> MailLookups:
        if self._lookups is None:
            self._lookups = MailLookups(
                nameservers=self._settings.dns_nameservers,
                timeout=self._settings.dns_timeout,
                tries=self._settings.dns_tries,
                query_deadline=self._settings.dns_query_deadline,
                concurrency=self._settings.dns_concurrency,
            )
        return self._lookups


async def _beating(work: Coroutine[None, None, T], alive: Callable[[], None]) -> T:
    """Run ``work`` and say every second that it goes on, also while a resolver says nothing at all."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=1.0))[0]:
            alive()
        return task.result()
    finally:
        task.cancel()


def _row(facts: DomainFacts) -> dict[str, object]:
    verdict = judge(facts)
    return {
        "domain": facts.domain,
        "outcome": str(facts.outcome),
        "facts": verdict.details,
        "status": verdict.status,
        "reason_code": str(verdict.reason_code),
        "score": verdict.score,
        "revalidate_after": verdict.retry_after,
        "ttl": facts_ttl(facts),
    }
