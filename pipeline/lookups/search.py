"""Asking for many domains at once, and when an answer counts.

An answer with a mail host counts at once. Every other one must be heard twice, each time through a channel that has not
been asked before, beginning with another nameserver where there is one: only a name that is missing twice is missing,
and what was slow the first time is often ready the second time. So the names are asked for in passes, the first one
short, and a slow name never holds up a fast one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import aiodns

from pipeline.lookups import canaries
from pipeline.lookups.canaries import CanaryReport
from pipeline.lookups.channels import Route, ask, server_address
from pipeline.verdicts import TROUBLE, DomainFacts, Outcome

#: A name is asked for so many times at most: two answers that agree, and one that may differ.
PASSES: Final = 3


@dataclass(frozen=True)
class MailLookups:
    """Looks up mail hosts through ``nameservers`` (``address`` or ``address:port``; none: those of the system).

    ``timeout``: seconds, of the first try of a query, and of a name in the first pass. ``tries``: of one query.
    ``query_deadline``: seconds, for one name in a later pass. ``concurrency``: names in flight. Raises NameserverError.
    It holds nothing open between calls: it may be made anywhere, and used in any loop.
    """

    nameservers: Sequence[str]
    timeout: float
    tries: int
    query_deadline: float
    concurrency: int

    def __post_init__(self) -> None:
        for server in self.nameservers:
            server_address(server)

    async def check(self, domain: str) -> DomainFacts | None:
        """Return what DNS says of one domain (an A-label); None where the trouble is ours."""
        async with aclosing(self.check_many([domain], deadline=PASSES * self.query_deadline)) as answers:
            return await anext(answers, None)

    async def check_many(self, domains: Sequence[str], *, deadline: float) -> AsyncGenerator[DomainFacts, None]:
        """Yield what DNS says of each domain (A-labels), as the answers come, for at most ``deadline`` seconds.

        A domain that brought only trouble of ours, or no answer before the deadline, is left out. Close the generator
        (``contextlib.aclosing``) when leaving it early: its queries run until then.
        """
        ends = time.monotonic() + deadline
        heard: dict[str, list[DomainFacts]] = {domain: [] for domain in domains}
        for turn in range(PASSES):
            patience = self.timeout if turn == 0 else self.query_deadline
            async with (
                self._route.open(turn) as channel,
                aclosing(self._pass(channel, list(heard), patience, ends)) as answers,
            ):
                async for domain, answer in answers:
                    if answer is None:
                        del heard[domain]
                        continue
                    heard[domain].append(answer)
                    if (settled := settle(heard[domain])) is not None:
                        del heard[domain]
                        yield settled
            if not heard or time.monotonic() >= ends:
                return

    async def canaries(self, known_good: Sequence[str]) -> CanaryReport:
        """Ask for domains that are known to receive mail and for names that cannot exist; takes two time-outs at most."""
        # Everybody's resolver has these at hand; one that is slow with them is of no use now.
        patience = min(2 * self.timeout, self.query_deadline)
        names = [*known_good, *canaries.invent_names()]
        async with self._route.open() as channel:
            answers = await asyncio.gather(*(ask(channel, name, patience) for name in names))
        return canaries.report(answers[: len(known_good)], answers[len(known_good) :])

    @property
    def _route(self) -> Route:
        return Route(self.nameservers, self.timeout, self.tries)

    async def _pass(
        self, channel: aiodns.DNSResolver, domains: Sequence[str], patience: float, ends: float
    ) -> AsyncGenerator[tuple[str, DomainFacts | None], None]:
        """Ask once for each domain, ``concurrency`` at a time; yields the answers until the clock shows ``ends``."""
        waiting = iter(domains)
        answers: asyncio.Queue[tuple[str, DomainFacts | None] | None] = asyncio.Queue()

        async def ask_in_turn() -> None:
            try:
                for domain in waiting:
                    answers.put_nowait((domain, await ask(channel, domain, patience)))
            finally:
                answers.put_nowait(None)

        # No task group and no time-out around the yields: either would cancel the consumer, not us.
        askers = [asyncio.create_task(ask_in_turn()) for _ in range(min(self.concurrency, len(domains)))]
        running = len(askers)
        try:
            while running:
                answer = await asyncio.wait_for(answers.get(), max(ends - time.monotonic(), 0))
                if answer is None:
                    running -= 1
                else:
                    yield answer
            await asyncio.gather(*askers)  # to hear of an error of ours
        except TimeoutError:
            pass  # the deadline: what has not answered is left out
        finally:
            for asker in askers:
                asker.cancel()
            await asyncio.gather(*askers, return_exceptions=True)


def settle(heard: Sequence[DomainFacts]) -> DomainFacts | None:
    """Return what the answers for one name come to, the last of them being new; None: ask once more.

    Two answers agree when they end alike, or both in trouble. Answers that never agree are trouble.
    """
    last = replace(heard[-1], tries=len(heard))
    if last.is_conclusive or _gist(last) in map(_gist, heard[:-1]):
        return last
    if len(heard) < PASSES:
        return None
    trouble = [answer.outcome for answer in heard if answer.outcome in TROUBLE]
    return replace(last, outcome=trouble[0] if trouble else Outcome.ERROR)


def _gist(facts: DomainFacts) -> Outcome:
    return Outcome.ERROR if facts.outcome in TROUBLE else facts.outcome
