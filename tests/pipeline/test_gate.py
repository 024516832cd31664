"""The rules of the gate, at their edges."""

from __future__ import annotations

import pytest

from pipeline.gate import Broken, GateRule, Limits, broken

DEFAULT = Limits(invalid=5.0, typos=2.0, known_bounces=2.0, floor=50)


def rules(contacts: int, limits: Limits = DEFAULT, **counts: int) -> list[str]:
    findings = {name: counts.get(name, 0) for name in ("typos", "known_bounces")}
    return [each.rule for each in broken(contacts, {"invalid": counts.get("invalid", 0)}, findings, limits)]


@pytest.mark.parametrize(("rule", "at"), [("invalid", 5), ("typos", 2), ("known_bounces", 2)])
@pytest.mark.parametrize("hundreds", [1, 7, 10_000])
def test_exactly_the_limit_is_let_through_and_one_more_is_not(rule: str, at: int, hundreds: int) -> None:
    assert rules(100 * hundreds, DEFAULT, **{rule: at * hundreds}) == []
    assert rules(100 * hundreds, DEFAULT, **{rule: at * hundreds + 1}) == [rule]


def test_a_small_list_is_judged_by_nobody() -> None:
    assert rules(49, invalid=49, typos=49, known_bounces=49) == []
    assert rules(50, invalid=3) == ["invalid"]
    assert rules(0) == []


def test_a_limit_that_no_float_can_hold_is_met_exactly() -> None:
    limits = Limits(invalid=0.1, typos=0.7, known_bounces=100, floor=1)
    assert rules(1000, limits, invalid=1, typos=7, known_bounces=1000) == []
    assert rules(1000, limits, invalid=2, typos=8) == ["invalid", "typos"]
    assert rules(1000, Limits(0, 0, 0, 1), invalid=1) == ["invalid"]


def test_what_is_shown_is_never_rounded_down_to_the_limit() -> None:
    told = Broken(GateRule.INVALID, 50_001, 1_000_000, 5.0)
    assert told.share > 5.0
    assert Broken.from_json(told.to_json()) == told
    assert Broken(GateRule.INVALID, 71, 1000, 5.0).share == 7.1
