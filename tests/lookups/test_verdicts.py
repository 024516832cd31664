"""The rules that turn what DNS said into a verdict."""

from __future__ import annotations

import json

import pytest

from pipeline.texts import LANGUAGES, text
from pipeline.verdicts import DAY, HOUR, NOT_YET_CHECKED, TROUBLE, DomainFacts, Outcome, ReasonCode, facts_ttl, judge
from tests.support.dns import PUBLIC

BANDS = {"invalid": range(11), "unknown": range(30, 41), "risky": range(11, 80), "valid": range(80, 101)}


def facts(
    outcome: Outcome, *, mx: tuple[tuple[int, str], ...] = (), addresses: tuple[str, ...] = (), ttl: int = 0
) -> DomainFacts:
    return DomainFacts("empresa.com.br", outcome, mx=mx, addresses=addresses, ttl=ttl)


CASES = {
    "a mail server": (facts(Outcome.MX, mx=((10, "mx.empresa.com.br"),)), "valid", ReasonCode.MX_OK),
    "a dead mail server beside a live one": (
        facts(Outcome.MX, mx=((5, "localhost"), (10, "mx.x.com"))),
        "valid",
        ReasonCode.MX_OK,
    ),
    "a null MX": (facts(Outcome.MX, mx=((0, "."),)), "invalid", ReasonCode.NULL_MX),
    "a null MX with a preference": (facts(Outcome.MX, mx=((10, "."),)), "invalid", ReasonCode.NULL_MX),
    "localhost as mail server": (facts(Outcome.MX, mx=((0, "localhost"),)), "invalid", ReasonCode.MX_UNROUTABLE),
    "an IPv4 address as mail server": (facts(Outcome.MX, mx=((0, "10.1.2.3"),)), "invalid", ReasonCode.MX_UNROUTABLE),
    "an IPv6 address as mail server": (
        facts(Outcome.MX, mx=((0, "2001:db8::1"),)),
        "invalid",
        ReasonCode.MX_UNROUTABLE,
    ),
    "a public address": (facts(Outcome.ADDRESS, addresses=(PUBLIC,)), "risky", ReasonCode.IMPLICIT_MX),
    "a public IPv6 address": (facts(Outcome.ADDRESS, addresses=("2a00:1450::1",)), "risky", ReasonCode.IMPLICIT_MX),
    "one public address of two": (
        facts(Outcome.ADDRESS, addresses=("10.0.0.1", PUBLIC)),
        "risky",
        ReasonCode.IMPLICIT_MX,
    ),
    "loopback": (facts(Outcome.ADDRESS, addresses=("127.0.0.1", "::1")), "invalid", ReasonCode.UNROUTABLE_MAIL_HOST),
    "a private address": (
        facts(Outcome.ADDRESS, addresses=("192.168.0.1",)),
        "invalid",
        ReasonCode.UNROUTABLE_MAIL_HOST,
    ),
    "a carrier's address": (
        facts(Outcome.ADDRESS, addresses=("100.64.0.1",)),
        "invalid",
        ReasonCode.UNROUTABLE_MAIL_HOST,
    ),
    "a documentation address": (
        facts(Outcome.ADDRESS, addresses=("192.0.2.1",)),
        "invalid",
        ReasonCode.UNROUTABLE_MAIL_HOST,
    ),
    "multicast": (facts(Outcome.ADDRESS, addresses=("224.0.0.5",)), "invalid", ReasonCode.UNROUTABLE_MAIL_HOST),
    "no data": (facts(Outcome.NO_DATA), "invalid", ReasonCode.NO_MAIL_HOST),
    "NXDOMAIN": (facts(Outcome.NOT_FOUND), "invalid", ReasonCode.DOMAIN_NOT_FOUND),
    "SERVFAIL": (facts(Outcome.SERVFAIL), "unknown", ReasonCode.DNS_SERVFAIL),
    "no answer": (facts(Outcome.TIMEOUT), "unknown", ReasonCode.DNS_TIMEOUT),
    "REFUSED": (facts(Outcome.REFUSED), "unknown", ReasonCode.DNS_REFUSED),
    "an unusable answer": (facts(Outcome.ERROR), "unknown", ReasonCode.DNS_ERROR),
}


@pytest.mark.parametrize(("said", "status", "reason"), CASES.values(), ids=CASES)
def test_each_answer_has_its_verdict(said: DomainFacts, status: str, reason: ReasonCode) -> None:
    verdict = judge(said)

    assert (verdict.status, verdict.reason_code) == (status, reason)
    assert verdict.score in BANDS[verdict.status]
    assert verdict.retry_after >= 300


def test_the_cases_cover_every_reason() -> None:
    assert {case[2] for case in CASES.values()} | {NOT_YET_CHECKED.reason_code} == set(ReasonCode)


@pytest.mark.parametrize("outcome", sorted(TROUBLE))
def test_trouble_is_never_held_against_an_address(outcome: Outcome) -> None:
    assert judge(facts(outcome)).status == "unknown"


def test_a_null_mx_beside_a_real_one_is_ignored_but_noted() -> None:
    clean = judge(facts(Outcome.MX, mx=((10, "mx.x.com"),)))
    mixed = judge(facts(Outcome.MX, mx=((0, "."), (10, "mx.x.com"))))

    assert mixed.reason_code is ReasonCode.MX_OK
    assert mixed.details["flags"] == ["null_mx_mixed"]
    assert mixed.score == clean.score - 5


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (facts(Outcome.MX, ttl=0), 300),
        (facts(Outcome.MX, ttl=1_800), 1_800),
        (facts(Outcome.ADDRESS, ttl=7 * DAY), DAY),
        (facts(Outcome.NOT_FOUND), HOUR),
        (facts(Outcome.NO_DATA), HOUR),
        (facts(Outcome.SERVFAIL), 300),
        (facts(Outcome.TIMEOUT), 300),
    ],
)
def test_facts_are_reused_for_as_long_as_they_are_good(said: DomainFacts, seconds: int) -> None:
    assert facts_ttl(said) == seconds


def test_a_good_verdict_is_looked_at_again_much_later_than_a_doubtful_one() -> None:
    after = {reason: judge(said).retry_after for said, _, reason in CASES.values()}

    assert after[ReasonCode.MX_OK] == 60 * DAY
    assert after[ReasonCode.NULL_MX] == 30 * DAY
    assert after[ReasonCode.IMPLICIT_MX] == after[ReasonCode.DOMAIN_NOT_FOUND] == 7 * DAY
    assert after[ReasonCode.DNS_TIMEOUT] == NOT_YET_CHECKED.retry_after == 300


def test_the_evidence_can_be_stored_as_json() -> None:
    verdict = judge(facts(Outcome.MX, mx=((10, "mx.x.com"),), ttl=60))

    assert json.loads(json.dumps(verdict.details)) == {
        "dns": {"outcome": "mx", "mx": [[10, "mx.x.com"]], "addresses": [], "ttl": 60, "tries": 1, "ms": 0},
        "flags": [],
    }


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", ReasonCode)
def test_every_reason_has_a_sentence_in_every_language(reason: ReasonCode, lang: str) -> None:
    assert text(f"verdicts.{reason}", lang).endswith(".")
