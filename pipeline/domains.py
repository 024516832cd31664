"""Asking DNS about domains: once per domain over all workers, never believed while the resolver itself is broken.

Everything here happens outside of transactions but for short ones that claim domains and store answers.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog

from config.settings import Settings
from db import validations
from db.unit import Database, Unit
from pipeline.lookups import CanaryReport, LookupLoop, MailLookups
from pipeline.verdicts import VALIDATOR_VERSION, DomainFacts, facts_ttl, judge

T = TypeVar("T")

log = structlog.get_logger()

#: Answers are stored when so many have come, or so many seconds have passed: a killed worker loses no more.
BATCH, BATCH_SECONDS = 200, 1.0
#: How long, in seconds, a claim on a domain is believed without being renewed: what a killed worker holds up.
CLAIM = 9.0
#: How long, in seconds, a good canary report is believed.
CANARY_AGE = 5.0
#: How long, in seconds, nothing is asked of a resolver that could not be believed: its work comes back by the clock.
BREAKER = 15.0
BELIEVED = CanaryReport(ok=True, reason="ok", detail="")
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
        self._lookups = MailLookups(
            nameservers=settings.dns_nameservers,
            timeout=settings.dns_timeout,
            tries=settings.dns_tries,
            query_deadline=settings.dns_query_deadline,
            concurrency=settings.dns_concurrency,
        )
        self._renewed = time.monotonic()
        self._report: tuple[float, CanaryReport] | None = None
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"  # claims are this desk's own

    def answer(self, database: Database, search: Search) -> None:
        """See to it that what is missing has a fresh check, as far as DNS answers before the deadline."""
        asked: set[str] = set()
        while time.monotonic() < search.deadline:
            missing = [domain for domain in search.missing() if domain not in asked]
            if not missing or not self._believed(search):
                return
            mine = self._claim(database, missing)
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
        """Close the event loop."""
        self._loop.close()

    def _claim(self, database: Database, domains: Sequence[str]) -> list[str]:
        def work(unit: Unit) -> list[str]:
            return validations.claim_domains(
                unit, domains, worker=self._worker, seconds=CLAIM, version=VALIDATOR_VERSION
            )

        return database.in_unit(None, work)

    def _ask(self, database: Database, domains: Sequence[str], search: Search) -> bool:
        """Ask for what we claimed and store what comes; False: the resolver cannot be believed."""
        try:
            alive = partial(self._go_on, database, domains, search)
            report = self._loop.run(_beating(self._collect(database, domains, search), alive))
        finally:
            database.in_unit(None, lambda unit: validations.release_domains(unit, domains, worker=self._worker))
        return report.ok

    def _go_on(self, database: Database, domains: Sequence[str], search: Search) -> None:
        """Say that the work goes on, and now and then renew the claims on what has not been answered."""
        search.alive()
        if time.monotonic() - self._renewed > CLAIM / 3:
            self._renewed = time.monotonic()
            renew = partial(validations.renew_claims, domains=domains, worker=self._worker, seconds=CLAIM)
            database.in_unit(None, renew)

    def _believed(self, search: Search) -> bool:
        return self._loop.run(_beating(self._ask_canaries(), search.alive)).ok

    async def _collect(self, database: Database, domains: Sequence[str], search: Search) -> CanaryReport:
        batch: list[DomainFacts] = []
        report = BELIEVED
        since = time.monotonic()
        async with aclosing(self._lookups.check_many(domains, deadline=search.deadline - since)) as answers:
            async for facts in answers:
                batch.append(facts)
                if len(batch) >= BATCH or time.monotonic() - since > BATCH_SECONDS:
                    report = await self._store(database, batch)
                    batch, since = [], time.monotonic()
                    if not report.ok:
                        return report
        return await self._store(database, batch) if batch else report

    async def _store(self, database: Database, batch: Sequence[DomainFacts]) -> CanaryReport:
        # A resolver that turned bad while we asked must not have the last word: it is tried after its answers.
        report = await self._ask_canaries(fresh=True)
        if report.ok:
            rows = [_row(facts) for facts in batch]
            database.in_unit(None, lambda unit: validations.store_checks(unit, rows, version=VALIDATOR_VERSION))
        return report

    async def _ask_canaries(self, *, fresh: bool = False) -> CanaryReport:
        """Ask the canaries, unless the last answer is young enough; a bad one keeps the breaker open for a while."""
        if self._report is not None:
            at, report = self._report
            if time.monotonic() - at < (CANARY_AGE if report.ok else BREAKER) and not (fresh and report.ok):
                return report
        report = await self._lookups.canaries(self._settings.dns_canaries)
        self._report = (time.monotonic(), report)
        if not report.ok:
            log.error("resolver_not_believed", reason=report.reason, detail=report.detail)
        return report

    async def _check(self, domain: str) -> DomainFacts | None:
        return await self._lookups.check(domain)


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
