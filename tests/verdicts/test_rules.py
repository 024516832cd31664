"""The table of rules: a case for each, and which wins over which."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from pipeline import texts
from pipeline.verdicts import (
    DAY,
    RULES,
    DomainFacts,
    Flag,
    Outcome,
    Override,
    OwnFacts,
    Policy,
    ReasonCode,
    Rule,
    Spf,
    Verdict,
    is_trouble,
    judge,
    judge_domain,
    not_yet_checked,
)
from pipeline.verdicts.weighing import Case
from tests.verdicts.evidence import DOMAIN, IPV4, IPV6, NOW, PRIVATE, facts, good, host, mail, trouble

BANDS = {"invalid": range(11), "unknown": range(30, 41), "risky": range(11, 80), "valid": range(80, 101)}
ANA = f"ana@{DOMAIN}"
DEAD = host(name="mx.old.example.com", outcome=Outcome.NOT_FOUND)

#: reason -> address, what DNS said, what else is known
CASES: dict[str, tuple[str, DomainFacts | None, dict[str, Any]]] = {
    "override_deny": (ANA, good(), {"override": Override.DENY}),
    "bounced_hard": (ANA, good(), {"own": OwnFacts(bounced_hard_at=NOW - timedelta(days=400))}),
    "delivered_recently": (ANA, good(), {"own": OwnFacts(delivered_at=NOW - timedelta(days=29))}),
    "bounced_soft_repeated": (ANA, good(), {"own": OwnFacts(soft_bounces=5)}),
    "domain_not_found": (ANA, facts(Outcome.NOT_FOUND), {}),
    "null_mx": (ANA, mail("."), {}),
    "no_mail_host": (ANA, facts(Outcome.NO_DATA), {}),
    "unroutable_mail_host": (ANA, facts(Outcome.ADDRESS, addresses=(PRIVATE,)), {}),
    "mx_unresolvable": (ANA, mail(DEAD, host(outcome=Outcome.NO_DATA)), {}),
    "mx_unroutable": (ANA, mail(host(PRIVATE)), {}),
    "mx_lookup_incomplete": (ANA, mail(DEAD, host(outcome=Outcome.TIMEOUT)), {"attempt": 1}),
    "dns_servfail": (ANA, trouble(Outcome.SERVFAIL), {"attempt": 1}),
    "dns_timeout": (ANA, trouble(Outcome.TIMEOUT), {"attempt": 4}),
    "dns_refused": (ANA, trouble(Outcome.REFUSED), {"attempt": 1}),
    "dns_error": (ANA, trouble(Outcome.ERROR), {"attempt": 1}),
    "not_yet_checked": (ANA, None, {}),
    "implicit_mx_no_mail_spf": (ANA, facts(Outcome.ADDRESS, addresses=(IPV4,), spf=Spf.NO_MAIL), {}),
    "implicit_mx": (ANA, facts(Outcome.ADDRESS, addresses=(PRIVATE, IPV6), spf=Spf.OTHER), {}),
    "local_part_too_long": (f"{'a' * 65}@{DOMAIN}", good(), {}),
    "disposable_domain": ("ana@guerrillamailblock.com", good("guerrillamailblock.com"), {}),
    "disposable_mx": (ANA, mail(host(IPV4, name="mail.mailinator.com")), {}),
    "possible_typo": ("ana@gmial.com", good("gmial.com"), {}),
    "parked_mx": (ANA, mail(host(IPV4, name="park-mx.above.com")), {}),
    "system_mailbox": (f"postmaster@{DOMAIN}", good(), {}),
    "role_account": (f"contato@{DOMAIN}", good(), {"policy": Policy(risky_roles=True)}),
    "smtputf8_required": (f"conceição@{DOMAIN}", good(), {}),
    "confusable_domain": ("ana@xn--pple-43d.com", good("xn--pple-43d.com"), {}),  # the first letter is Cyrillic
    "provider_rule": ("ana-souza@gmail.com", good("gmail.com"), {}),
    "mx_ipv6_only": (ANA, mail(host(IPV6)), {}),
    "mx_lookup_incomplete_persistent": (ANA, mail(host(outcome=Outcome.TIMEOUT)), {"attempt": 5}),
    "dns_servfail_persistent": (ANA, trouble(Outcome.SERVFAIL), {"attempt": 5}),
    "dns_timeout_persistent": (ANA, trouble(Outcome.TIMEOUT), {"attempt": 9}),
    "dns_refused_persistent": (ANA, trouble(Outcome.REFUSED), {"attempt": 5}),
    "dns_error_persistent": (ANA, trouble(Outcome.ERROR), {"attempt": 5}),
    "override_allow": (ANA, facts(Outcome.ADDRESS, addresses=(IPV4,)), {"override": Override.ALLOW}),
    "mx_ok": (ANA, good(), {}),
}

DENIED_BY_DNS = (
    "domain_not_found",
    "null_mx",
    "no_mail_host",
    "unroutable_mail_host",
    "mx_unresolvable",
    "mx_unroutable",
)


def judged(reason: str) -> Verdict:
    address, said, more = CASES[reason]
    return judge(address, said, now=NOW, checked_at=NOW, **more)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.reason_code))
def test_every_rule_has_its_case(rule: Rule) -> None:
    verdict = judged(rule.reason_code)

    assert (verdict.rule, verdict.status, verdict.reason_code) == (rule.number, rule.status, rule.reason_code)
    assert verdict.score == rule.score
    assert verdict.score in BANDS[verdict.status]
    assert verdict.retry_after >= 300
    assert verdict.reason_code not in verdict.flags


def test_every_reason_is_in_the_table_once() -> None:
    assert sorted(rule.reason_code for rule in RULES) == sorted(ReasonCode)


@pytest.mark.parametrize(("first", "second"), list(pairwise(RULES)), ids=lambda rule: str(rule.reason_code))
def test_of_two_neighbours_the_first_wins_or_the_worse_finding(first: Rule, second: Rule) -> None:
    case = Case(attempt=0)
    case.add([second.reason_code, first.reason_code])
    if ReasonCode.OVERRIDE_ALLOW in (first.reason_code, second.reason_code):
        case.add([ReasonCode.OVERRIDE_ALLOW])
    verdict = case.verdict()

    wins = min(first, second, key=lambda rule: rule.score) if first.is_finding and second.is_finding else first
    assert verdict.reason_code is wins.reason_code
    assert verdict.status == wins.status


@pytest.mark.parametrize(
    ("said", "more", "wins", "flags"),
    [
        (good(), {"override": Override.DENY, "own": OwnFacts(bounced_hard_at=NOW)}, "override_deny", {"bounced_hard"}),
        (
            good(),
            {"override": Override.DENY, "own": OwnFacts(delivered_at=NOW)},
            "override_deny",
            {"delivered_recently"},
        ),
        (
            good(),
            {"own": OwnFacts(bounced_hard_at=NOW, delivered_at=NOW - timedelta(days=1))},
            "bounced_hard",
            set(),
        ),
        (
            good(),
            {"own": OwnFacts(bounced_hard_at=NOW - timedelta(days=1), delivered_at=NOW)},
            "delivered_recently",
            set(),
        ),
        (
            good(),
            {"own": OwnFacts(delivered_at=NOW - timedelta(days=3), soft_bounces=7)},
            "delivered_recently",
            {"bounced_soft_repeated"},
        ),
        (facts(Outcome.NOT_FOUND), {"own": OwnFacts(delivered_at=NOW)}, "delivered_recently", {"domain_not_found"}),
        (trouble(), {"own": OwnFacts(soft_bounces=5)}, "bounced_soft_repeated", {"dns_timeout"}),
        (None, {"own": OwnFacts(soft_bounces=5)}, "bounced_soft_repeated", {"not_yet_checked"}),
        (None, {"own": OwnFacts(bounced_hard_at=NOW)}, "bounced_hard", {"not_yet_checked"}),
    ],
)
def test_what_we_know_ourselves_comes_before_dns(
    said: DomainFacts | None, more: dict[str, Any], wins: str, flags: set[str]
) -> None:
    verdict = judge(ANA, said, now=NOW, **more)

    assert (verdict.reason_code, set(verdict.flags)) == (wins, flags)


@pytest.mark.parametrize("reason", DENIED_BY_DNS)
def test_soft_bounces_do_not_lift_what_dns_denies(reason: str) -> None:
    address, said, _ = CASES[reason]
    verdict = judge(address, said, own=OwnFacts(soft_bounces=5), now=NOW)

    assert (verdict.status, verdict.reason_code, verdict.flags) == ("invalid", reason, ("bounced_soft_repeated",))


def test_no_finding_is_worse_than_a_domain_that_takes_no_mail() -> None:
    verdict = judge("postmaster@guerrillamailblock.com", mail(".", domain="guerrillamailblock.com"), now=NOW)

    assert (verdict.status, verdict.reason_code) == ("invalid", "null_mx")
    assert set(verdict.flags) == {"disposable_domain", "system_mailbox"}


def test_a_misspelt_domain_that_does_not_exist_does_not_exist_and_is_mended() -> None:
    verdict = judge("ana@gmial.com", facts(Outcome.NOT_FOUND, domain="gmial.com"), now=NOW)

    assert (verdict.reason_code, verdict.suggestion) == ("domain_not_found", "ana@gmail.com")
    assert verdict.details["suggestion"] == "ana@gmail.com"


def test_passing_trouble_hides_findings_and_lasting_trouble_does_not() -> None:
    domain = "guerrillamailblock.com"
    passing, lasting = (judge(f"ana@{domain}", trouble(domain=domain), attempt=at, now=NOW) for at in (4, 5))

    assert (passing.status, passing.reason_code, passing.flags) == ("unknown", "dns_timeout", ("disposable_domain",))
    assert (lasting.status, lasting.reason_code) == ("risky", "disposable_domain")
    assert set(lasting.flags) == {"dns_unconfirmed", "dns_timeout_persistent"}
    assert lasting.retry_after == 7 * DAY


@pytest.mark.parametrize("attempt", [0, 7])
def test_what_is_only_likely_to_be_a_typing_error_is_none_while_dns_says_nothing(attempt: int) -> None:
    verdict = judge("ana@hotmajl.com", trouble(domain="hotmajl.com"), attempt=attempt, now=NOW)

    assert verdict.status == "unknown"
    assert verdict.suggestion is None


@pytest.mark.parametrize(
    ("said", "reason", "flag", "suggestion"),
    [
        (good("hotmajl.com"), "mx_ok", ("possible_typo_with_mx",), None),
        (
            facts(Outcome.ADDRESS, domain="hotmajl.com", addresses=(IPV4,)),
            *("possible_typo", ("implicit_mx",), "ana@hotmail.com"),
        ),
        (good("gmial.com"), "possible_typo", ("disposable_domain",), "ana@gmail.com"),
    ],
)
def test_a_likely_typing_error_is_one_where_no_mail_is_served_and_a_certain_one_always(
    said: DomainFacts, reason: str, flag: tuple[str, ...], suggestion: str | None
) -> None:
    verdict = judge(f"ana@{said.domain}", said, now=NOW)

    assert (verdict.reason_code, verdict.flags, verdict.suggestion) == (reason, flag, suggestion)


def test_the_worst_of_several_findings_decides_and_each_other_costs_five_points() -> None:
    domain = "guerrillamailblock.com"
    implicit = facts(Outcome.ADDRESS, domain=domain, addresses=(IPV4,))
    two = judge(f"ana@{DOMAIN}", facts(Outcome.ADDRESS, addresses=(IPV4,)), now=NOW)
    many = judge(f"postmaster@{domain}", implicit, now=NOW)
    between = judge(f"{'é' * 40}@{DOMAIN}", good(), now=NOW)

    assert (two.reason_code, two.score) == ("implicit_mx", 55)
    assert (many.reason_code, many.score) == ("disposable_domain", 11)
    assert set(many.flags) == {"implicit_mx", "system_mailbox"}
    assert (between.reason_code, between.score, between.flags) == ("local_part_too_long", 35, ("smtputf8_required",))


def test_findings_of_one_score_are_ranked_by_the_table() -> None:
    domain = "guerrillamailblock.com"
    verdict = judge(f"ana@{domain}", mail(host(IPV4, name="mx.mailinator.com"), domain=domain), now=NOW)

    assert (verdict.reason_code, verdict.score, verdict.flags) == ("disposable_domain", 11, ("disposable_mx",))


def test_a_verdict_is_looked_at_again_when_the_first_of_its_findings_may_be_gone() -> None:
    verdict = judge(f"postmaster@{DOMAIN}", facts(Outcome.ADDRESS, addresses=(IPV4,)), now=NOW)

    assert (verdict.reason_code, verdict.retry_after) == ("system_mailbox", 7 * DAY)


def test_small_flaws_of_a_good_domain_cost_five_points_each() -> None:
    flawed = mail(host(IPV4, is_alias=True), ".", domain="duck.com")
    verdict = judge("ana@duck.com", flawed, now=NOW)

    assert (verdict.reason_code, verdict.score) == ("mx_ok", 80)
    assert set(verdict.flags) == {"forwarding_alias", "mx_is_cname", "null_mx_mixed"}


def test_what_only_describes_an_address_costs_nothing() -> None:
    verdict = judge("ana+news@hotmail.com", good("hotmail.com"), now=NOW)

    assert (verdict.score, verdict.flags) == (95, ("free_provider", "plus_tag"))


class TestAllow:
    def test_it_lifts_findings_and_still_says_them(self) -> None:
        verdict = judge(
            "postmaster@guerrillamailblock.com", good("guerrillamailblock.com"), override=Override.ALLOW, now=NOW
        )

        assert (verdict.status, verdict.reason_code, verdict.score) == ("valid", "override_allow", 100)
        assert set(verdict.flags) == {"disposable_domain", "system_mailbox"}
        assert verdict.details["override"] == "allow"

    def test_where_there_is_nothing_to_lift_it_says_nothing(self) -> None:
        assert judge(ANA, good(), override=Override.ALLOW, now=NOW) == judge(ANA, good(), now=NOW)

    @pytest.mark.parametrize("reason", [rule.reason_code for rule in RULES if rule.status in ("invalid", "unknown")])
    def test_it_lifts_nothing_else(self, reason: ReasonCode) -> None:
        address, said, more = CASES[reason]
        allowed = judge(address, said, now=NOW, **{"override": Override.ALLOW, **more})

        assert allowed.reason_code is reason

    def test_soft_bounces_stay(self) -> None:
        verdict = judge(ANA, good(), own=OwnFacts(soft_bounces=5), override=Override.ALLOW, now=NOW)

        assert verdict.reason_code == "bounced_soft_repeated"

    def test_it_makes_no_mail_server_of_lasting_trouble(self) -> None:
        domain = "guerrillamailblock.com"
        verdict = judge(f"ana@{domain}", trouble(domain=domain), attempt=5, override=Override.ALLOW, now=NOW)

        assert (verdict.status, verdict.reason_code) == ("unknown", "dns_timeout_persistent")


@pytest.mark.parametrize("reason", CASES)
def test_deny_always_wins(reason: str) -> None:
    address, said, more = CASES[reason]
    verdict = judge(address, said, now=NOW, **{**more, "override": Override.DENY})

    assert (verdict.status, verdict.reason_code, verdict.score) == ("invalid", "override_deny", 0)


class TestDetails:
    def test_they_are_the_whole_verdict_as_json(self) -> None:
        verdict = judge("a.na+x@gmail.com", good("gmail.com"), attempt=0, now=NOW, checked_at=NOW)

        assert json.loads(json.dumps(verdict.details)) == verdict.details
        assert verdict.details == {
            "rule": "30",
            "flags": ["free_provider", "plus_tag"],
            "suggestion": None,
            "attempt": 0,
            "norm": "a.na+x@gmail.com",
            "canonical": "ana@gmail.com",
            "dns": {**good("gmail.com").to_json(), "used": "mx", "rcode": "NOERROR", "at": NOW.isoformat()},
            "lists": verdict.details["lists"],
        }
        assert set(verdict.details["lists"]) == {"providers"}

    def test_the_domain_s_and_the_address_s_make_up_the_whole(self) -> None:
        said = mail(host(IPV4, name="mx.mailinator.com"), domain="guerrillamailblock.com")
        verdict = judge("postmaster@guerrillamailblock.com", said, now=NOW, checked_at=NOW)

        assert judge_domain(said, checked_at=NOW).details | verdict.apart_from_dns == verdict.details

    @pytest.mark.parametrize(
        ("said", "used", "rcode"),
        [
            (good(), "mx", "NOERROR"),
            (facts(Outcome.ADDRESS, addresses=(IPV6, IPV4)), "implicit_a", "NOERROR"),
            (facts(Outcome.ADDRESS, addresses=(PRIVATE, IPV6)), "implicit_aaaa", "NOERROR"),
            (facts(Outcome.ADDRESS, addresses=(PRIVATE,)), None, "NOERROR"),
            (facts(Outcome.NOT_FOUND), None, "NXDOMAIN"),
            (trouble(Outcome.SERVFAIL), None, "SERVFAIL"),
            (trouble(Outcome.TIMEOUT), None, None),
        ],
    )
    def test_they_say_which_records_mail_goes_by(self, said: DomainFacts, used: str | None, rcode: str | None) -> None:
        dns = judge_domain(said).details["dns"]

        assert (dns["used"], dns["rcode"]) == (used, rcode)

    def test_what_decided_is_in_them(self) -> None:
        own = OwnFacts(delivered_at=NOW, soft_bounces=1, domain_bounce_rate=0.01)

        assert judge(ANA, None, own=own, now=NOW).details["own"] == {
            "delivered_at": NOW.isoformat(),
            "bounced_hard_at": None,
            "soft_bounces": 1,
            "domain_bounce_rate": 0.01,
        }
        assert "own" not in judge(ANA, good(), own=OwnFacts(soft_bounces=1), now=NOW).details


def test_evidence_of_an_older_version_can_still_be_judged() -> None:
    stored = {"outcome": "mx", "mx": [[10, "mx.x.com"]], "addresses": [], "ttl": 60, "tries": 1, "ms": 3}

    assert judge_domain(DomainFacts.from_json("x.com", stored)).reason_code == "mx_ok"


@pytest.mark.parametrize("outcome", sorted(Outcome))
def test_only_trouble_is_trouble(outcome: Outcome) -> None:
    said = facts(outcome, mx=((1, "."),) if outcome is Outcome.MX else ())

    assert is_trouble(said) == (judge_domain(said).status == "unknown")


def test_a_contact_that_nobody_was_asked_about_waits() -> None:
    verdict = not_yet_checked(900)

    assert (verdict.status, verdict.reason_code, verdict.score, verdict.retry_after) == (
        *("unknown", "not_yet_checked", 40),
        900,
    )


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_reason_and_every_flag_has_a_sentence(lang: str) -> None:
    wanted = {f"verdicts.{reason}" for reason in ReasonCode} | {f"verdicts.flags.{flag}" for flag in Flag}

    assert {key for key in texts.keys(lang) if key.startswith("verdicts.")} == wanted
    assert all(texts.text(key, lang).endswith(".") for key in wanted)
