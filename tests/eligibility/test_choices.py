"""What can be chosen, what cannot, and what holds where nobody chose: in Python, in SQL and in people's words."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.statuses import ConsentSource, LegalBasis, OptOutKind
from db.tables.validations import FINDING_FLAGS
from db.unit import Database
from pipeline import texts
from pipeline.eligibility import (
    CHOICES,
    FINDINGS,
    RULES,
    Facts,
    FrequencyCap,
    Link,
    NoChoice,
    OptOut,
    Policy,
    PolicyError,
    VerdictFacts,
    checked,
    chosen,
    policy_of,
    trace,
)
from pipeline.eligibility.counting import STRENGTHS
from pipeline.eligibility.policy import AGES, CONSENT_SOURCES, LEGAL_BASES
from pipeline.eligibility.rules import LACKS
from pipeline.verdicts import DAY

NOW = datetime(2026, 3, 5, tzinfo=UTC)


def test_the_database_has_the_same_defaults_and_ages(database: Database) -> None:
    with database.reading(None) as unit:
        assert unit.execute("select mkt.default_policy()").scalar_one() == Policy().document()
        assert dict(map(tuple, unit.execute("select reason_code, age from mkt.verdict_ages()"))) == AGES


def test_the_words_of_the_rules_are_those_of_the_rows() -> None:
    assert list(LEGAL_BASES) == list(LegalBasis)
    assert list(CONSENT_SOURCES) == list(ConsentSource)
    assert sorted(STRENGTHS) == sorted(OptOutKind)
    assert FINDING_FLAGS == FINDINGS


def test_the_defaults_leave_out_all_but_four_findings() -> None:
    assert {name for name, choice in Policy().findings.items() if choice == "in"} == {
        "implicit_mx",
        "mx_ipv6_only",
        "role_account",
        "forwarding_alias",
    }
    assert {"disposable_domain", "possible_typo", "system_mailbox", "provider_rule", "parked_mx"} < set(FINDINGS)


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("implicit_mx=out", {"findings": {"implicit_mx": "out"}}),
        ("unknown=in", {"unknown": "in"}),
        ("consent_required=yes", {"consent_required": True}),
        ("freshness=2", {"freshness": 2.0}),
        ("max_age.mx_ok=90d", {"max_age": {"mx_ok": 90 * DAY}}),
        ("max_age.dns_timeout=1", {"max_age": {"dns_timeout": DAY}}),
        ("legal_bases=consentimento,legitimo_interesse", {"legal_bases": ["consentimento", "legitimo_interesse"]}),
        ("legal_bases=any", {"legal_bases": None}),
        ("excluded_sources=purchased", {"excluded_sources": ["purchased"]}),
        ("excluded_sources=none", {"excluded_sources": []}),
        ("frequency_cap=3/7d", {"frequency_cap": {"messages": 3, "days": 7}}),
        ("frequency_cap=none", {"frequency_cap": None}),
    ],
)
def test_what_people_write_becomes_a_document(text: str, document: dict[str, Any]) -> None:
    key, _, value = text.partition("=")
    assert chosen({}, {key: value}) == document == checked(document)
    assert chosen(document, {}, [key]) == {}


@pytest.mark.parametrize(
    ("key", "value", "values"),
    [
        ("implicit_mx", "maybe", "in|out"),
        ("consent_required", "true", "yes|no"),
        ("freshness", "1", "1.5…1000"),
        ("freshness", "nan", "1.5…1000"),
        ("max_age.mx_ok", "89d", "90d…"),
        ("max_age.mx_ok", "x", "90d…"),
        ("frequency_cap", "3", "none|3/7d"),
        ("frequency_cap", "0/7d", "none|3/7d"),
        ("legal_bases", "", None),
        ("excluded_sources", "friends", None),
    ],
)
def test_a_value_that_cannot_be_chosen_is_refused_with_those_that_can(key: str, value: str, values: str | None) -> None:
    with pytest.raises(PolicyError) as refused:
        chosen({}, {key: value})
    assert refused.value.why is NoChoice.BAD_VALUE
    assert refused.value.params["key"] == key
    assert values in (None, refused.value.params["values"])


@pytest.mark.parametrize(
    "key", ["implicit", "findings", "max_age", "max_age.x", "max_age.not_yet_checked", "findings.implicit_mx", ""]
)
def test_a_choice_that_does_not_exist_is_refused(key: str) -> None:
    with pytest.raises(PolicyError) as refused:
        chosen({}, {key: "in"})
    assert (refused.value.why, refused.value.params["key"]) == (NoChoice.UNKNOWN_KEY, key)
    assert "implicit_mx" in refused.value.params["keys"]


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"implicit_mx": "out"},  # where findings do not stand
        {"findings": "out"},
        {"findings": {"mx_ok": "out"}},
        {"findings": {"implicit_mx": True}},
        {"freshness": True},
        {"consent_required": 1},
        {"legal_bases": []},
        {"legal_bases": "any"},
        {"excluded_sources": None},
        {"frequency_cap": {"messages": 1}},
        {"frequency_cap": {"messages": 1.5, "days": 1}},
        {"max_age": {"mx_ok": "90d"}},
    ],
)
def test_a_document_with_anything_else_in_it_is_refused(document: Any) -> None:  # noqa: ANN401 (JSON)
    with pytest.raises(PolicyError):
        checked(document)


def test_a_campaign_departs_from_its_tenant_choice_by_choice() -> None:
    tenant = {"findings": {"implicit_mx": "out", "possible_typo": "in"}, "freshness": 3, "unknown": "in"}
    campaign = {"findings": {"implicit_mx": "in"}, "freshness": 2, "frequency_cap": {"messages": 1, "days": 2}}
    policy = policy_of(tenant, campaign)
    assert (policy.findings["implicit_mx"], policy.findings["possible_typo"], policy.findings["parked_mx"]) == (
        "in",
        "in",
        "out",
    )
    assert (policy.freshness, policy.unknown, policy.frequency_cap) == (2, "in", FrequencyCap(1, 2))
    assert policy.keeps("mx_ok") == 120 * DAY


def test_nothing_is_stale_before_one_and_a_half_of_its_age() -> None:
    assert Policy().keeps("mx_ok") == 90 * DAY
    assert Policy().keeps("implicit_mx") == 10.5 * DAY
    assert Policy().keeps("dns_timeout") is None
    for name, key in CHOICES.items():
        if name.startswith("max_age."):
            age = AGES[name.removeprefix("max_age.")]
            assert not key.accepts(round((age or 0) * 1.5) - 1)


def everything_at_once() -> Facts:
    """Return a contact whom every rule keeps out."""
    links = (
        Link("a", None, "purchased", is_quarantined=True, details=_origin()),
        Link("b", "consentimento", "purchased", is_quarantined=True, details=_origin()),
        Link("c", "pesquisa", None, is_quarantined=True, details=_origin()),
    )
    said = tuple(
        OptOut(kind, audience, {"source": "import", "occurred_at": NOW, **_origin()})
        for kind in STRENGTHS
        for audience in (None, "a")
    )
    verdict = VerdictFacts("risky", "possible_typo", NOW - timedelta(days=300), ("role_account",))
    return Facts(7, "x@gmail.com", NOW, False, said, ("z",), links, verdict, (NOW,) * 3)  # noqa: FBT003 (in their order)


def _origin() -> dict[str, Any]:
    return {
        "added_at": NOW,
        "import_job_id": "j",
        "file_name": "f.csv",
        "part_no": 0,
        "row_number": 3,
        "uploaded_by": "ana",
        "uploaded_at": NOW,
    }


STRICT = policy_of(
    {
        "consent_required": True,
        "legal_bases": ["consentimento"],
        "excluded_sources": ["purchased"],
        "frequency_cap": {"messages": 2, "days": 7},
    }
)


def test_a_trace_names_every_rule_and_the_first_that_matches_decides() -> None:
    steps = trace(everything_at_once(), STRICT, first=3)
    assert [step.rule for step in steps] == [rule.code for rule in RULES]
    assert [step.rule for step in steps if step.decides] == ["erased"]
    assert {step.rule for step in steps if not step.matches} == {
        "left_audience",
        "invalid",
        "not_yet_checked",
        "unknown",
    }
    assert next(step.reason for step in steps if step.rule == "consent_missing") == "source_excluded"
    assert next(step.reason for step in steps if step.rule == "suppressed") == "manual"


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_everything_that_a_rule_can_say_is_in_the_catalogue(lang: str) -> None:
    there = texts.keys(lang)
    codes = {rule.code for rule in RULES}
    assert {f"eligibility.rules.{code}" for code in codes} <= there
    assert {f"eligibility.kinds.{kind}" for kind in STRENGTHS} <= there
    assert {f"eligibility.lacks.{lack}" for lack in LACKS} <= there
    worlds = [
        (everything_at_once(), STRICT, 3),
        (everything_at_once(), Policy(), None),
        (Facts(0, "x@gmail.com", NOW, is_gone=True), Policy(), None),
        (Facts(0, "x@gmail.com", NOW, verdict=VerdictFacts("risky", "implicit_mx", NOW)), Policy(), None),
    ]
    said = [each for facts, policy, first in worlds for step in trace(facts, policy, first) for each in step.evidence]
    for evidence in said:
        template = texts.template(f"eligibility.evidence.{evidence.code}", lang)
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        assert fields <= {*evidence.params, "origin"}, evidence.code
    sentences = {key for key in there if key.startswith("eligibility.evidence.")}
    assert {f"eligibility.evidence.{each.code}" for each in said} == sentences
