"""Many domains at once: when an answer counts, what holds up what, and what a deadline leaves out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from pipeline.lookups import LookupLoop, MailLookups
from pipeline.lookups.search import settle
from pipeline.verdicts import DomainFacts, Outcome
from tests.support.dns import (
    CANARIES,
    MISSING,
    PUBLIC,
    WORLD,
    Host,
    ScriptedDns,
    address_to_everything,
    closed_port,
    nxdomain_to_everything,
    silent,
)
from tests.support.waiting import until

X = "empresa.com.br"
GOOD = Host(mx=((10, "mx.empresa.com.br"),))


def lookups(address: str, *, timeout: float = 2.0, query_deadline: float = 12.0, concurrency: int = 50) -> MailLookups:
    return MailLookups([address], timeout=timeout, tries=5, query_deadline=query_deadline, concurrency=concurrency)


async def search(finder: MailLookups, domains: Sequence[str], deadline: float = 30.0) -> list[DomainFacts]:
    async with aclosing(finder.check_many(domains, deadline=deadline)) as answers:
        return [facts async for facts in answers]


def outcomes(server: ScriptedDns, domains: Sequence[str], **settings: float) -> dict[str, Outcome]:
    with server.serving() as address:
        found = asyncio.run(
            search(
                lookups(
                    address, timeout=settings.get("timeout", 2.0), query_deadline=settings.get("query_deadline", 12.0)
                ),
                domains,
            )
        )
    assert len(found) == len({facts.domain for facts in found})
    return {facts.domain: facts.outcome for facts in found}


def test_every_domain_has_one_answer() -> None:
    domains = [f"empresa{number}.com.br" for number in range(500)]
    script = {name: GOOD if number % 2 else MISSING for number, name in enumerate(domains)}

    found = outcomes(ScriptedDns(script), domains)

    assert found == {name: Outcome.MX if number % 2 else Outcome.NOT_FOUND for number, name in enumerate(domains)}


def test_a_domain_that_is_given_twice_is_asked_once() -> None:
    server = ScriptedDns({X: GOOD})

    assert outcomes(server, [X, X]) == {X: Outcome.MX}
    assert server.asked(X, "MX") == 1


def test_no_domains_have_no_answers() -> None:
    assert outcomes(ScriptedDns({}), []) == {}


def test_a_missing_name_is_asked_for_twice_before_it_counts() -> None:
    server = ScriptedDns({})

    assert outcomes(server, [X]) == {X: Outcome.NOT_FOUND}
    assert server.asked(X, "MX") == 2


def test_no_data_is_asked_for_twice_though_the_library_would_remember_it() -> None:
    server = ScriptedDns({X: Host()})

    assert outcomes(server, [X]) == {X: Outcome.NO_DATA}
    assert [server.asked(X, kind) for kind in ("MX", "A", "AAAA")] == [2, 2, 2]


def test_a_name_that_is_missing_once_and_found_then_is_found() -> None:
    assert outcomes(ScriptedDns({X: [MISSING, GOOD]}), [X]) == {X: Outcome.MX}


def test_a_private_address_must_be_heard_twice_too() -> None:
    server = ScriptedDns({(X, "MX"): Host(), (X, "AAAA"): Host(), (X, "A"): [Host(a=("10.0.0.1",)), Host(a=(PUBLIC,))]})

    assert outcomes(server, [X]) == {X: Outcome.ADDRESS}
    assert server.asked(X, "A") == 2


def test_what_fails_once_and_answers_then_has_its_answer() -> None:
    assert outcomes(ScriptedDns({X: [Host(silent=True), GOOD]}), [X], timeout=0.2) == {X: Outcome.MX}


@pytest.mark.parametrize(
    ("heard", "result"),
    [
        ([Outcome.NOT_FOUND], None),
        ([Outcome.TIMEOUT], None),
        ([Outcome.MX], Outcome.MX),
        ([Outcome.NOT_FOUND, Outcome.NOT_FOUND], Outcome.NOT_FOUND),
        ([Outcome.NOT_FOUND, Outcome.NO_DATA], None),
        ([Outcome.NOT_FOUND, Outcome.SERVFAIL], None),
        ([Outcome.TIMEOUT, Outcome.SERVFAIL], Outcome.SERVFAIL),
        ([Outcome.NOT_FOUND, Outcome.SERVFAIL, Outcome.NOT_FOUND], Outcome.NOT_FOUND),
        ([Outcome.NOT_FOUND, Outcome.SERVFAIL, Outcome.NO_DATA], Outcome.SERVFAIL),
        ([Outcome.NOT_FOUND, Outcome.NO_DATA, Outcome.ADDRESS], Outcome.ERROR),
        ([Outcome.NOT_FOUND, Outcome.NO_DATA, Outcome.MX], Outcome.MX),
    ],
)
def test_an_answer_counts_when_it_is_good_or_heard_twice(heard: list[Outcome], result: Outcome | None) -> None:
    settled = settle([DomainFacts(X, outcome) for outcome in heard])

    assert (settled and settled.outcome) == result
    assert settled is None or settled.tries == len(heard)


def test_slow_names_do_not_hold_up_fast_ones() -> None:
    slow = [f"lenta{number}.com.br" for number in range(20)]
    fast = [f"rapida{number}.com.br" for number in range(20)]
    server = ScriptedDns(dict.fromkeys(slow, Host(silent=True)) | dict.fromkeys(fast, GOOD))

    async def first_answers(address: str) -> set[str]:
        # With the long deadline in the first pass, the slow ones would take up all the time there is.
        finder = lookups(address, timeout=0.5, query_deadline=12.0, concurrency=10)
        async with aclosing(finder.check_many(slow + fast, deadline=6.0)) as answers:
            return {(await anext(answers)).domain for _ in fast}

    with server.serving() as address:
        assert asyncio.run(first_answers(address)) == set(fast)


def test_what_has_not_answered_at_the_deadline_is_left_out() -> None:
    with ScriptedDns({X: GOOD, "muda.com.br": Host(silent=True)}).serving() as address:
        found = asyncio.run(search(lookups(address), ["muda.com.br", X], deadline=0.5))

    assert [facts.domain for facts in found] == [X]


def test_never_more_names_are_in_flight_than_allowed() -> None:
    names = [f"muda{number}.com.br" for number in range(30)]
    server = ScriptedDns(dict.fromkeys(names, Host(silent=True)))
    with server.serving() as address:
        asyncio.run(search(lookups(address, concurrency=7), names, deadline=0.5))

    assert sum(server.asked(name, "MX") > 0 for name in names) == 7


def test_a_search_that_is_left_early_asks_no_more() -> None:
    names = [f"e{number}.com.br" for number in range(300)]
    server = ScriptedDns(dict.fromkeys(names, GOOD))

    async def first_of_many(address: str) -> None:
        async with aclosing(lookups(address, concurrency=2).check_many(names, deadline=30)) as answers:
            await anext(answers)

    with server.serving() as address:
        asyncio.run(first_of_many(address))

    assert sum(server.asked(name, "MX") for name in names) < 20


def test_a_resolver_that_answers_as_it_should_is_believed() -> None:
    with ScriptedDns(WORLD).serving() as address:
        assert asyncio.run(lookups(address).canaries(CANARIES)).reason == "ok"


def test_one_provider_in_trouble_does_not_make_the_resolver_dead() -> None:
    with ScriptedDns({**WORLD, "gmail.com": Host(rcode="SERVFAIL")}).serving() as address:
        assert asyncio.run(lookups(address).canaries(CANARIES)).ok


def test_one_provider_denied_makes_the_resolver_a_liar() -> None:
    with ScriptedDns({**WORLD, "gmail.com": MISSING}).serving() as address:
        report = asyncio.run(lookups(address).canaries(CANARIES))

    assert (report.ok, report.reason) == (False, "lying_nxdomain")
    assert "gmail.com" in report.detail


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (nxdomain_to_everything(), "lying_nxdomain"),
        (address_to_everything(), "lying_answers"),
        (ScriptedDns({}, otherwise=GOOD), "lying_answers"),
        (ScriptedDns({**WORLD, "gmail.com": Host(a=(PUBLIC,))}), "lying_answers"),
        (ScriptedDns(dict(WORLD), otherwise=Host(a=(PUBLIC,))), "lying_answers"),
        (ScriptedDns(dict(WORLD), otherwise=Host()), "lying_answers"),
        (ScriptedDns(dict(WORLD), otherwise=Host(rcode="SERVFAIL")), "dead"),
        (ScriptedDns({}, otherwise=Host(rcode="REFUSED")), "dead"),
        (silent(), "dead"),
    ],
)
def test_a_broken_resolver_is_found_out(server: ScriptedDns, reason: str) -> None:
    with server.serving() as address:
        report = asyncio.run(lookups(address, timeout=0.5).canaries(CANARIES))

    assert (report.ok, report.reason) == (False, reason)


def test_no_resolver_at_all_is_dead() -> None:
    assert asyncio.run(lookups(closed_port()).canaries(CANARIES)).reason == "dead"


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")  # the hazard is what is tested
def test_lookups_work_after_a_fork_and_after_the_loop_was_closed() -> None:
    loop = LookupLoop()
    with ScriptedDns({X: GOOD}).serving() as address:
        finder = lookups(address)

        async def lookup() -> tuple[asyncio.AbstractEventLoop, DomainFacts | None]:
            return asyncio.get_running_loop(), await finder.check(X)

        parents, before = loop.run(lookup())
        child = os.fork()
        if child == 0:
            try:
                own, facts = loop.run(lookup())
                os._exit(0 if own is not parents and facts is not None and facts.mx == GOOD.mx else 1)
            finally:
                os._exit(2)
        _, status = os.waitpid(child, 0)
        loop.close()
        _, after = loop.run(lookup())
        loop.close()

    assert os.waitstatus_to_exitcode(status) == 0
    assert before is not None
    assert after is not None
    assert before.mx == after.mx == GOOD.mx


def test_searches_one_after_the_other_leave_nothing_open() -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with ScriptedDns({X: GOOD}).serving() as address:
        asyncio.run(search(lookups(address), [X]))
        before = open_files()
        for _ in range(20):
            asyncio.run(search(lookups(address), [X, "nada.com.br"]))
        # Channels are freed by a thread of the library, shortly after they are closed.
        until(lambda: open_files() <= before, timeout=10.0, what="the channels to be freed")
