"""Many domains at once: when an answer counts, what holds up what, and what a deadline leaves out."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pipeline.lookups import LookupLoop, MailLookups
from pipeline.lookups.search import settle
from pipeline.verdicts import DomainFacts, MailHost, Outcome
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


@pytest.mark.parametrize("host", [Host(mx=((0, "."),)), Host(a=(PUBLIC,))])
def test_a_null_mx_and_an_address_in_the_place_of_mx_must_be_heard_twice_too(host: Host) -> None:
    server = ScriptedDns({X: [host] * 20})

    outcomes(server, [X])
    assert server.asked(X, "MX") == 2


def vouched(server: ScriptedDns, *, ok: bool, delay: float = 0.0) -> tuple[list[DomainFacts], list[int], float]:
    """Ask for a missing name and a good one; return the answers, how often the missing one had been asked for when the
    search wanted to know whether the resolver is good, and how many seconds that was after the beginning."""
    moments: list[float] = []
    asked: list[int] = []

    async def vouch() -> bool:
        moments.append(time.monotonic())
        asked.append(server.asked("muda.com.br", "MX"))
        return ok

    async def run(address: str) -> list[DomainFacts]:
        finder = replace(lookups(address), confirm_delay=delay)
        async with aclosing(finder.check_many(["muda.com.br", X], deadline=30, vouch=vouch)) as answers:
            return [facts async for facts in answers]

    with server.serving() as address:
        began = time.monotonic()
        found = asyncio.run(run(address))
    return found, asked, moments[0] - began


def test_what_was_denied_is_asked_for_again_after_a_while_when_the_resolver_was_found_good_since() -> None:
    found, asked, seconds = vouched(ScriptedDns({X: GOOD}), ok=True, delay=0.2)

    assert {facts.domain: facts.outcome for facts in found} == {X: Outcome.MX, "muda.com.br": Outcome.NOT_FOUND}
    assert asked == [1]
    assert seconds >= 0.2


def test_what_was_denied_is_left_out_when_the_resolver_was_found_bad_since() -> None:
    server = ScriptedDns({X: GOOD})
    found, _, _ = vouched(server, ok=False)

    assert [facts.domain for facts in found] == [X]
    assert server.asked("muda.com.br", "MX") == 1


def test_a_search_that_has_no_time_to_wait_leaves_out_what_was_denied() -> None:
    with ScriptedDns({X: GOOD}).serving() as address:
        finder = replace(lookups(address), confirm_delay=60.0)
        found = asyncio.run(search(finder, ["muda.com.br", X], deadline=5.0))

    assert [facts.domain for facts in found] == [X]


def test_of_a_resolver_that_contradicts_itself_no_denial_counts() -> None:
    back = [f"volta{number}.com.br" for number in range(3)]
    missing = [f"muda{number}.com.br" for number in range(20)]
    server = ScriptedDns({**{name: [MISSING, GOOD] for name in back}, X: GOOD})

    with capture_logs() as logs:
        found = outcomes(server, [*back, *missing, X])

    assert found == dict.fromkeys([*back, X], Outcome.MX)
    assert [(log["event"], log["denied"], log["back"]) for log in logs] == [("resolver_contradicts_itself", 23, 3)]


def test_a_few_names_that_appear_meanwhile_are_no_contradiction() -> None:
    back = [f"volta{number}.com.br" for number in range(2)]
    server = ScriptedDns({name: [MISSING, GOOD] for name in back})

    assert outcomes(server, [*back, X]) == {**dict.fromkeys(back, Outcome.MX), X: Outcome.NOT_FOUND}


def test_what_fails_once_and_answers_then_has_its_answer() -> None:
    assert outcomes(ScriptedDns({X: [Host(silent=True), GOOD]}), [X], timeout=0.2) == {X: Outcome.MX}


def said(outcome: Outcome, tries: int) -> DomainFacts:
    hosts = (MailHost("mx.x.com", Outcome.ADDRESS, (PUBLIC,)),) if outcome is Outcome.MX else ()
    return DomainFacts(X, outcome, mx=tuple((10, host.name) for host in hosts), hosts=hosts, tries=tries)


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
    settled = settle([said(outcome, tries) for tries, outcome in enumerate(heard, 1)])

    assert (settled and settled.outcome) == result
    assert settled is None or settled.tries == len(heard)


DEAD = (MailHost("mx.x.com", Outcome.NOT_FOUND),)
UNROUTABLE = (MailHost("mx.x.com", Outcome.ADDRESS, ("10.0.0.1",)),)
SLOW = (MailHost("mx.x.com", Outcome.TIMEOUT),)


@pytest.mark.parametrize(
    ("heard", "result"),
    [
        ([DEAD], None),
        ([DEAD, DEAD], DEAD),
        ([DEAD, UNROUTABLE], UNROUTABLE),
        ([SLOW, DEAD], None),
        ([SLOW, SLOW], SLOW),
        ([SLOW, DEAD, DEAD], DEAD),
        ([DEAD, SLOW, SLOW], SLOW),
    ],
)
def test_mail_servers_that_are_of_no_use_must_be_heard_twice(
    heard: list[tuple[MailHost, ...]], result: tuple[MailHost, ...] | None
) -> None:
    settled = settle([DomainFacts(X, Outcome.MX, mx=((10, "mx.x.com"),), hosts=hosts) for hosts in heard])

    assert (settled and settled.hosts) == result


def test_a_mail_server_that_fails_once_and_answers_then_is_found() -> None:
    server = ScriptedDns({X: GOOD, ("mx.empresa.com.br", "A"): [MISSING, Host(a=(PUBLIC,))]})

    assert outcomes(server, [X]) == {X: Outcome.MX}
    assert server.asked("mx.empresa.com.br", "A") == 2


class Counting:
    """A throttle that counts, and changes its mind on the way."""

    def __init__(self, *in_flight: int) -> None:
        self._in_flight = list(in_flight)
        self.admitted = 0

    @property
    def in_flight(self) -> int:
        return self._in_flight.pop(0) if len(self._in_flight) > 1 else self._in_flight[0]

    async def admit(self) -> None:
        self.admitted += 1


def admitted(server: ScriptedDns, domains: Sequence[str], *in_flight: int) -> int:
    """Return how many queries the throttle admitted for domains that all have mail servers."""
    throttle = Counting(*in_flight or (50,))

    async def throttled(address: str) -> set[Outcome]:
        async with aclosing(lookups(address).check_many(domains, deadline=30, throttle=throttle)) as answers:
            return {facts.outcome async for facts in answers}

    with server.serving() as address:
        assert asyncio.run(throttled(address)) == {Outcome.MX}
    return throttle.admitted


def test_every_query_is_admitted_and_the_limit_may_change_on_the_way() -> None:
    domains = [f"empresa{number}.com.br" for number in range(50)]
    server = ScriptedDns(dict.fromkeys(domains, GOOD))

    assert admitted(server, domains, 1, 0, 0, 20, 3) == server.totals().total() == 51


def test_a_mail_server_of_many_domains_is_asked_once_in_each_pass() -> None:
    domains = [f"empresa{number}.com.br" for number in range(300)]
    alive = ScriptedDns(dict.fromkeys(domains, GOOD))
    dead = ScriptedDns({**dict.fromkeys(domains, GOOD), "mx.empresa.com.br": MISSING})

    assert (admitted(alive, domains), admitted(dead, domains)) == (301, 602)
    assert (alive.asked("mx.empresa.com.br", "A"), dead.asked("mx.empresa.com.br", "A")) == (1, 2)


def test_a_throttle_that_fails_ends_the_search_with_its_error() -> None:
    class Broken(Counting):
        async def admit(self) -> None:
            msg = "no budget"
            raise LookupError(msg)

    async def throttled(address: str) -> None:
        async with aclosing(lookups(address).check_many([X], deadline=30, throttle=Broken(1))) as answers:
            await anext(answers)

    with ScriptedDns({X: GOOD}).serving() as address, pytest.raises(LookupError, match="no budget"):
        asyncio.run(throttled(address))


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


def test_many_slow_names_share_the_time_that_a_few_would_have() -> None:
    finder = lookups("127.0.0.1", timeout=2.0, query_deadline=12.0, concurrency=50)

    assert finder._patience(0, names=5000, at_once=200) == 2.0
    assert finder._patience(1, names=200, at_once=200) == 12.0
    assert finder._patience(1, names=600, at_once=200) == 4.0
    assert finder._patience(1, names=5000, at_once=0) == 2.0


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
        (ScriptedDns({**WORLD, "gmail.com": Host(a=(PUBLIC,))}), "lying_nxdomain"),
        (ScriptedDns({**WORLD, "gmail.com": Host(mx=((0, "."),))}), "lying_answers"),
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


def test_every_nameserver_is_tried_by_itself_and_one_that_lies_is_not_believed() -> None:
    with ScriptedDns(WORLD).serving() as true, nxdomain_to_everything().serving() as liar:
        finder = MailLookups([true, liar], timeout=2.0, tries=5, query_deadline=12.0, concurrency=50)
        report = asyncio.run(finder.canaries(CANARIES))

    assert (report.ok, report.believed) == (True, (true,))
    assert liar in report.detail


def test_where_no_nameserver_is_believed_the_resolver_is_broken() -> None:
    with address_to_everything().serving() as one, nxdomain_to_everything().serving() as other:
        finder = MailLookups([one, other], timeout=2.0, tries=5, query_deadline=12.0, concurrency=50)
        report = asyncio.run(finder.canaries(CANARIES))

    assert (report.ok, report.reason, report.believed) == (False, "lying_answers", ())
    assert one in report.detail
    assert other in report.detail


def test_the_canaries_cost_few_queries() -> None:
    server = ScriptedDns(WORLD)
    with server.serving() as address:
        asyncio.run(lookups(address).canaries(CANARIES))

    assert server.totals() == {"MX": len(CANARIES) + 1, "A": 2}


def test_no_resolver_at_all_is_dead() -> None:
    assert asyncio.run(lookups(closed_port()).canaries(CANARIES)).reason == "dead"


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")  # the hazard is what is tested
def test_lookups_work_after_a_fork_and_after_the_loop_was_closed() -> None:
    loop = LookupLoop()
    with ScriptedDns({X: GOOD}).serving() as address:
        finder = lookups(address)

        async def lookup() -> tuple[asyncio.AbstractEventLoop, DomainFacts]:
            return asyncio.get_running_loop(), await finder.check(X)

        parents, before = loop.run(lookup())
        child = os.fork()
        if child == 0:
            try:
                own, facts = loop.run(lookup())
                os._exit(0 if own is not parents and facts.mx == GOOD.mx else 1)
            finally:
                os._exit(2)
        _, status = os.waitpid(child, 0)
        again, between = loop.run(lookup())
        loop.close()
        _, after = loop.run(lookup())
        loop.close()

    assert os.waitstatus_to_exitcode(status) == 0
    assert again is parents
    assert before.mx == between.mx == after.mx == GOOD.mx


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_channels_are_freed_after_a_fork_too() -> None:
    def threads() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    with ScriptedDns({X: GOOD}).serving() as address:
        asyncio.run(lookups(address).check(X))
        child = os.fork()
        if child == 0:
            try:
                for _ in range(5):
                    LookupLoop().run(lookups(address).check(X))
                until(lambda: threads() <= 2, timeout=10.0, what="the channels' threads to end")
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0


def test_a_search_that_is_left_with_queries_on_their_way_makes_no_noise(capfd: pytest.CaptureFixture[str]) -> None:
    names = [f"muda{number}.com.br" for number in range(200)]
    server = ScriptedDns({**dict.fromkeys(names, Host(delay=0.05)), X: GOOD})

    async def first_of_many(address: str) -> None:
        async with aclosing(lookups(address, concurrency=300).check_many([*names, X], deadline=30)) as answers:
            await anext(answers)

    with server.serving() as address:
        asyncio.run(first_of_many(address), debug=True)
        gc.collect()

    assert capfd.readouterr().err == ""


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
