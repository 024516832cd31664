"""When a domain is asked about again, and how long facts and proofs are good for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from db.domain_checks import DomainClaim
from pipeline.domains.answers import row_of
from pipeline.verdicts import (
    DAY,
    HOUR,
    TROUBLE,
    DomainFacts,
    Outcome,
    OwnFacts,
    facts_ttl,
    is_persistent,
    judge,
    next_attempt,
    retry_delay,
)
from tests.verdicts.evidence import IPV4, NOW, PRIVATE, facts, good, host, mail, trouble

INCOMPLETE = mail(host(outcome=Outcome.SERVFAIL))


def test_trouble_is_asked_about_after_five_minutes_and_then_ever_more_rarely() -> None:
    assert [retry_delay(attempt) for attempt in range(7)] == [
        *(300, 300, 1_800, 6 * HOUR, DAY),
        *(7 * DAY, 7 * DAY),
    ]
    assert [is_persistent(attempt) for attempt in range(7)] == [False] * 5 + [True] * 2


@pytest.mark.parametrize("attempt", range(7))
def test_an_unknown_contact_waits_as_long_as_its_domain(attempt: int) -> None:
    for said in (trouble(), INCOMPLETE, trouble(Outcome.UNHEARD)):
        assert judge("ana@empresa.com.br", said, attempt=attempt, now=NOW).retry_after == retry_delay(attempt)


@pytest.mark.parametrize("outcome", sorted(TROUBLE))
def test_trouble_is_counted_by_the_clock_and_not_by_the_question(outcome: Outcome) -> None:
    def count(attempt: int, retry_at: datetime | None) -> int:
        return next_attempt(outcome, before=outcome, attempt=attempt, retry_at=retry_at, now=NOW)

    assert count(0, None) == 1
    assert count(1, NOW) == 2
    assert count(1, NOW - timedelta(hours=1)) == 2
    assert count(1, NOW + timedelta(seconds=1)) == 1
    assert count(0, NOW + timedelta(seconds=1)) == 1


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - TROUBLE))
def test_an_answer_ends_the_count(outcome: Outcome) -> None:
    assert next_attempt(outcome, before=Outcome.TIMEOUT, attempt=4, retry_at=NOW + timedelta(days=1), now=NOW) == 0


@pytest.mark.parametrize(
    ("outcome", "attempt", "said", "counted", "waits"),
    [
        ("unheard", 4, trouble(Outcome.UNHEARD), 4, DAY),
        ("unheard", 1, trouble(Outcome.TIMEOUT), 1, 300),
        ("timeout", 6, trouble(Outcome.UNHEARD), 4, DAY),
        ("timeout", 6, trouble(Outcome.TIMEOUT), 7, 7 * DAY),
    ],
)
def test_a_count_that_stays_is_followed_by_a_question_in_the_future(
    outcome: str, attempt: int, said: DomainFacts, counted: int, waits: int
) -> None:
    row = row_of(said, DomainClaim(said.domain, outcome, attempt, NOW), NOW)

    assert (row["attempt"], row["retry_at"]) == (counted, (NOW + timedelta(seconds=waits)).isoformat())


def test_an_import_that_asks_before_the_time_does_not_put_the_clock_back() -> None:
    soon = NOW + timedelta(seconds=60)

    assert row_of(trouble(), DomainClaim("empresa.com.br", "timeout", 2, soon), NOW)["retry_at"] == soon.isoformat()


def test_mail_servers_that_nobody_answers_for_are_trouble_too() -> None:
    assert next_attempt(INCOMPLETE, before=Outcome.MX, attempt=1, retry_at=NOW, now=NOW) == 2
    assert next_attempt(good(), before=Outcome.MX, attempt=1, retry_at=NOW, now=NOW) == 0


@pytest.mark.parametrize("outcome", sorted(TROUBLE - {Outcome.UNHEARD}))
@pytest.mark.parametrize("retry_at", [NOW, NOW + timedelta(days=1)])
def test_days_of_our_own_trouble_are_none_of_the_domain_s(outcome: Outcome, retry_at: datetime) -> None:
    assert next_attempt(outcome, before=Outcome.UNHEARD, attempt=4, retry_at=retry_at, now=NOW) == 1
    assert next_attempt(INCOMPLETE, before=Outcome.UNHEARD, attempt=4, retry_at=retry_at, now=NOW) == 1


@pytest.mark.parametrize("before", [None, *Outcome])
@pytest.mark.parametrize("attempt", range(8))
def test_after_our_own_trouble_a_domain_waits_a_day_at_most(before: Outcome | None, attempt: int) -> None:
    counted = next_attempt(Outcome.UNHEARD, before=before, attempt=attempt, retry_at=NOW, now=NOW)

    assert counted == min(attempt + 1, 4)
    assert retry_delay(counted) <= DAY
    verdict = judge("ana@empresa.com.br", trouble(Outcome.UNHEARD), attempt=counted, now=NOW)
    assert (verdict.reason_code, verdict.retry_after) == ("not_yet_checked", retry_delay(counted))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (facts(Outcome.MX, mx=((10, "mx.x.com"),), ttl=0), 300),
        (facts(Outcome.MX, mx=((10, "mx.x.com"),), ttl=1_800), 1_800),
        (facts(Outcome.MX, mx=((10, "mx.x.com"),), ttl=7 * DAY), DAY),
        (facts(Outcome.ADDRESS, addresses=(IPV4,), ttl=7 * DAY), HOUR),  # hangs on there being no MX
        (facts(Outcome.ADDRESS, addresses=(PRIVATE,), ttl=600), 600),
        (replace(mail(host(outcome=Outcome.NOT_FOUND), host(outcome=Outcome.NO_DATA)), ttl=DAY), HOUR),
        (replace(mail(host(outcome=Outcome.NOT_FOUND)), ttl=0), 300),
        (replace(mail("."), ttl=DAY), DAY),
        (facts(Outcome.NOT_FOUND), HOUR),
        (facts(Outcome.NO_DATA), HOUR),
        (INCOMPLETE, 300),
        *((facts(outcome, ttl=DAY), 300) for outcome in sorted(TROUBLE)),
    ],
)
def test_facts_are_reused_for_as_long_as_they_are_good(said: DomainFacts, seconds: int) -> None:
    assert facts_ttl(said) == seconds


@pytest.mark.parametrize(
    ("own", "reason", "retry_after"),
    [
        (OwnFacts(delivered_at=NOW), "delivered_recently", 30 * DAY),
        (OwnFacts(delivered_at=NOW - timedelta(days=29)), "delivered_recently", DAY),
        (OwnFacts(delivered_at=NOW - timedelta(days=30)), "delivered_recently", HOUR),
        (OwnFacts(delivered_at=NOW - timedelta(days=30, seconds=1)), "mx_ok", 60 * DAY),
        (OwnFacts(delivered_at=NOW + timedelta(days=5)), "delivered_recently", 30 * DAY),
        (OwnFacts(bounced_hard_at=NOW), "bounced_hard", 60 * DAY),
        (OwnFacts(bounced_hard_at=NOW, delivered_at=NOW), "bounced_hard", 60 * DAY),
        (OwnFacts(bounced_hard_at=NOW - timedelta(days=90), delivered_at=NOW - timedelta(days=60)), "mx_ok", 60 * DAY),
        (OwnFacts(soft_bounces=4), "mx_ok", 60 * DAY),
        (OwnFacts(soft_bounces=5), "bounced_soft_repeated", 7 * DAY),
    ],
)
def test_what_we_saw_ourselves_counts_for_its_time(own: OwnFacts, reason: str, retry_after: int) -> None:
    verdict = judge("ana@empresa.com.br", good(), own=own, now=NOW)

    assert (verdict.reason_code, verdict.retry_after) == (reason, retry_after)


@pytest.mark.parametrize(
    ("rate", "flags"), [(None, ()), (0.0499, ()), (0.05, ("domain_bounces",)), (1.0, ("domain_bounces",))]
)
def test_a_domain_that_bounces_is_flagged(rate: float | None, flags: tuple[str, ...]) -> None:
    verdict = judge("ana@empresa.com.br", good(), own=OwnFacts(domain_bounce_rate=rate), now=NOW)

    assert (verdict.reason_code, verdict.flags) == ("mx_ok", flags)
