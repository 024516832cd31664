"""Asking for many domains at once, and when an answer counts.

An answer with a usable mail host counts at once. Every other one must be heard twice, each time through a channel that
has not been asked before, beginning with another nameserver where there is one: only a name that is missing twice is
missing, and what was slow the first time is often ready the second time. So the names are asked for in passes, the first
one short, and a slow name never holds up a fast one.

A resolver that lies for a moment says the same twice within that moment. So there is a while between a denial and the
next pass, and the resolver must be found good in between. One that lies now and then is known by what it takes back.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from pipeline.lookups import canaries
from pipeline.lookups.answers import NO_ANSWER, Answer, Question
from pipeline.lookups.canaries import CanaryReport
from pipeline.lookups.channels import Route, server_address
from pipeline.lookups.hosts import Steps, mail_hosts
from pipeline.lookups.passes import Pass
from pipeline.lookups.throttle import Throttle, Unthrottled
from pipeline.verdicts import NULL_EXCHANGE, TROUBLE, DomainFacts, Outcome

log = structlog.get_logger()

#: A name is asked for so many times at most: two answers that agree, and one that may differ.
PASSES: Final = 3
#: Denials that are taken back: so many, and more than this part of all, are no coincidence.
MOST_TAKEN_BACK, PART_TAKEN_BACK = 2, 0.1


@dataclass(frozen=True)
class MailLookups:
    """Looks up mail hosts through ``nameservers`` (``address`` or ``address:port``; none: those of the system).

    ``timeout``: seconds, of the first try of a query, and of a query in the first pass. ``tries``: of one query.
    ``query_deadline``: seconds, for a query in a later pass where few names are left. ``concurrency``: queries in flight
    where no throttle says otherwise. ``confirm_delay``: seconds between a denial and the next pass. Raises NameserverError.
    It holds nothing open between calls: it may be made anywhere, and used in any loop.
    """

    nameservers: Sequence[str]
    timeout: float
    tries: int
    query_deadline: float
    concurrency: int
    confirm_delay: float = 0.0

    def __post_init__(self) -> None:
        for server in self.nameservers:
            server_address(server)

    async def check(self, domain: str, *, vouch: Callable[[], Awaitable[bool]] | None = None) -> DomainFacts:
        """Return what DNS says of one domain (an A-label); UNHEARD where nobody would ``vouch`` for it."""
        deadline = PASSES * (self.query_deadline + self.confirm_delay)
        async with aclosing(self.check_many([domain], deadline=deadline, vouch=vouch)) as found:
            return await anext(found, DomainFacts(domain, Outcome.UNHEARD))

    async def check_many(
        self,
        domains: Sequence[str],
        *,
        deadline: float,
        throttle: Throttle | None = None,
        vouch: Callable[[], Awaitable[bool]] | None = None,
    ) -> AsyncGenerator[DomainFacts, None]:
        """Yield what DNS says of each domain (A-labels), as the answers come, for at most ``deadline`` seconds.

        A domain that brought only trouble of ours is UNHEARD; one whose answer was not clear before the deadline is left
        out. ``throttle``: the budget; without one, ``concurrency`` queries are in flight. ``vouch``: asked before each pass
        but the first whether the resolver is good; if not, what was not clear yet is left out. Raises what the throttle
        raises. Close the generator (``contextlib.aclosing``) when leaving it early: its queries run until then.
        """
        ends = time.monotonic() + deadline
        throttle = Unthrottled(self.concurrency) if throttle is None else throttle
        heard: dict[str, tuple[DomainFacts, ...]] = dict.fromkeys(domains, ())
        denials = _Denials()
        for turn in range(PASSES):
            if turn and not await self._may_ask_again(denials, ends, vouch):
                return
            patience = self._patience(turn, names=len(heard), at_once=throttle.in_flight)
            async with self._route.open(turn) as channel:
                steps = (mail_hosts(domain, tries=turn + 1) for domain in list(heard))
                asking = Pass(channel, steps, patience, throttle)
                async with aclosing(asking.results(ends)) as found:
                    async for batch in found:
                        for facts in batch:
                            said = heard[facts.domain] = (*heard[facts.domain], facts)
                            denials.note(said)
                            if (settled := settle(said)) is not None:
                                del heard[facts.domain]
                                if _is_denial(settled):
                                    denials.confirmed.append(settled)
                                else:
                                    yield settled
            for facts in denials.believed():
                yield facts
            if not heard:
                return

    async def _may_ask_again(self, denials: _Denials, ends: float, vouch: Callable[[], Awaitable[bool]] | None) -> bool:
        """Wait for a while since the last denial; say whether there is time left, and the resolver was found good then."""
        at = denials.last_at + self.confirm_delay
        if max(at, time.monotonic()) >= ends:
            return False
        await asyncio.sleep(max(at - time.monotonic(), 0))
        return vouch is None or await vouch()

    async def canaries(self, known_good: Sequence[str], *, throttle: Throttle | None = None) -> CanaryReport:
        """Ask every nameserver for domains that are known to receive mail and for names that cannot exist.

        Each is asked by itself, because the library turns to another one where one fails; takes two time-outs at most.
        """
        servers = self.nameservers
        if not servers:
            async with self._route.open() as channel:
                servers = list(channel.nameservers)
        throttle = Unthrottled(self.concurrency) if throttle is None else throttle
        reports = await asyncio.gather(*(self._try_server(server, known_good, throttle) for server in servers))
        return canaries.of_all(dict(zip(servers, reports, strict=True)))

    async def _try_server(self, server: str, known_good: Sequence[str], throttle: Throttle) -> CanaryReport:
        # Everybody's resolver has these at hand; one that is slow with them is of no use now.
        patience = min(2 * self.timeout, self.query_deadline)
        known, invented = canaries.questions(known_good)
        heard: dict[Question, Answer] = {}
        async with replace(self._route, nameservers=(server,)).open() as channel:
            steps = (_one(question) for question in (*known, *invented))
            asking = Pass(channel, steps, patience, throttle)
            async with aclosing(asking.results(time.monotonic() + 2 * patience)) as found:
                async for batch in found:
                    heard.update(batch)
        return canaries.report(
            {question: heard.get(question, NO_ANSWER) for question in known},
            {question: heard.get(question, NO_ANSWER) for question in invented},
        )

    def _patience(self, turn: int, *, names: int, at_once: int) -> float:
        """Return the seconds that a query is given; where many are slow, they share the time that a few would have."""
        if turn == 0:
            return self.timeout
        return max(self.timeout, self.query_deadline / math.ceil(names / max(at_once, 1)))

    @property
    def _route(self) -> Route:
        return Route(self.nameservers, self.timeout, self.tries)


def settle(heard: Sequence[DomainFacts]) -> DomainFacts | None:
    """Return what the answers for one name come to, the last of them being new; None: ask once more.

    Two answers agree when they end alike, or both in trouble. Answers that never agree are trouble.
    """
    last = heard[-1]
    if last.is_conclusive or _gist(last) in map(_gist, heard[:-1]):
        return last
    if len(heard) < PASSES:
        return None
    trouble = [facts for facts in heard if _is_trouble(facts)]
    return replace(trouble[0], tries=len(heard)) if trouble else replace(last, outcome=Outcome.ERROR)


def _one(question: Question) -> Steps[tuple[Question, Answer]]:
    (answer,) = yield (question,)
    return question, answer


@dataclass
class _Denials:
    """What was denied in one search, and what of it was taken back. Confirmed denials wait for the end of their pass."""

    last_at: float = float("-inf")
    count: int = 0
    taken_back: int = 0
    confirmed: list[DomainFacts] = field(default_factory=list)

    def note(self, heard: Sequence[DomainFacts]) -> None:
        """Take note of the last answer for a name."""
        first, last = heard[0], heard[-1]
        if _is_denial(last):
            self.last_at = time.monotonic()
        if len(heard) == 1:
            self.count += _is_denial(last)
        elif len(heard) == 2:  # noqa: PLR2004 (the second pass asks for all that were denied)
            self.taken_back += _is_denial(first) and _gist(last) not in (_gist(first), *_TROUBLES)

    def believed(self) -> list[DomainFacts]:
        """Return the confirmed ones at the end of a pass, unless the resolver contradicts itself."""
        confirmed, self.confirmed = self.confirmed, []
        if self.taken_back <= max(MOST_TAKEN_BACK, PART_TAKEN_BACK * self.count):
            return confirmed
        if confirmed:
            log.error("resolver_contradicts_itself", denied=self.count, back=self.taken_back, left_out=len(confirmed))
        return []


def _is_denial(facts: DomainFacts) -> bool:
    """Whether the answer says that no mail host was found, and not only that nothing is known."""
    return not facts.is_conclusive and not _is_trouble(facts)


def _is_trouble(facts: DomainFacts) -> bool:
    return facts.outcome in TROUBLE or any(host.outcome in TROUBLE for host in facts.hosts)


#: What trouble comes to: with the domain itself, and with its mail servers.
_TROUBLES: Final = ((Outcome.ERROR, "trouble"), (Outcome.MX, "trouble"))


def _gist(facts: DomainFacts) -> tuple[Outcome, str]:
    """Return what two answers must share: that no exchange can be reached may rest on other reasons each time."""
    if facts.outcome in TROUBLE:
        return Outcome.ERROR, "trouble"
    if facts.is_conclusive:
        return facts.outcome, "usable"
    if _is_trouble(facts):
        return facts.outcome, "trouble"
    is_null = facts.outcome is Outcome.MX and all(host == NULL_EXCHANGE for _, host in facts.mx)
    return facts.outcome, "null" if is_null else "denied"
