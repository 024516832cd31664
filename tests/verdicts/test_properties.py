"""What holds of every verdict, whatever the evidence."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.verdicts import (
    TROUBLE,
    DomainFacts,
    Flag,
    MailHost,
    Outcome,
    Override,
    OwnFacts,
    Policy,
    ReasonCode,
    Spf,
    facts_ttl,
    is_plain,
    judge,
    judge_domain,
)
from tests.verdicts.evidence import IPV4, IPV6, NOW, PRIVATE
from tests.verdicts.test_rules import BANDS

DOMAINS = [
    *("empresa.com.br", "gmail.com", "googlemail.com", "me.com", "yahoo.com.br", "duck.com", "guerrillamailblock.com"),
    *(
        "gmial.com",
        "hotmajl.com",
        "x.con",
        "web.id",
        "nom.br",
        "xn--pple-43d.com",
        "xn--99999999999.com",
        "x.33mail.com",
    ),
]
LOCAL_PARTS = [
    *("ana", "ana.souza", "anasouza", "contato", "no-reply", "vendas2", "nfe", "josé", "ana+x", "postmaster", "a" * 65),
    *("info-", "noreply.x", "naoresponda-", "+x", "s.ac", "root66", "_", "0"),
]
NAMES = ["mx.a.com", "mx.mailinator.com", "park-mx.above.com", "localhost", "10.0.0.1", "."]
ADDRESSES = [IPV4, IPV6, PRIVATE, "::1", "224.0.0.1"]

moments = st.none() | st.integers(-10, 100).map(lambda days: NOW - timedelta(days=days))
hosts = st.builds(
    MailHost,
    st.sampled_from(NAMES[:-1]),
    st.sampled_from([Outcome.ADDRESS, Outcome.NO_DATA, Outcome.NOT_FOUND, *sorted(TROUBLE)]),
    st.lists(st.sampled_from(ADDRESSES), max_size=2).map(tuple),
    is_alias=st.booleans(),
)


@st.composite
def all_facts(draw: st.DrawFn) -> DomainFacts:
    outcome = draw(st.sampled_from(Outcome))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4)) if outcome is Outcome.MX else []
    return DomainFacts(
        draw(st.sampled_from(DOMAINS)),
        outcome,
        mx=tuple(enumerate(names)),
        mx_count=len(names),
        hosts=tuple(draw(st.lists(hosts, max_size=3))) if names else (),
        addresses=tuple(draw(st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=3)))
        if outcome is Outcome.ADDRESS
        else (),
        spf=draw(st.none() | st.sampled_from(Spf)),
        ttl=draw(st.integers(0, 200_000)),
    )


owns = st.none() | st.builds(
    OwnFacts, moments, moments, st.integers(0, 9), st.none() | st.floats(0, 1, allow_nan=False)
)
policies = st.builds(Policy, risky_roles=st.booleans(), smtputf8=st.booleans())
local_parts = st.sampled_from(LOCAL_PARTS) | st.text("abz09._-+é", min_size=1, max_size=12)
everything = st.fixed_dictionaries(
    {
        "attempt": st.integers(0, 7),
        "own": owns,
        "override": st.none() | st.sampled_from(Override),
        "policy": policies,
    }
)
#: Every flag that there is: what describes an address, and a reason that did not decide.
SAYABLE = {*Flag, *ReasonCode} - {"mx_ok", "override_allow"}


@given(local_parts, all_facts(), everything)
def test_every_verdict_is_in_its_band_and_says_everything(
    local_part: str, said: DomainFacts, more: dict[str, Any]
) -> None:
    verdict = judge(f"{local_part}@{said.domain}", said, now=NOW, checked_at=NOW, **more)

    assert verdict.score in BANDS[verdict.status]
    assert verdict.retry_after >= 300
    assert set(verdict.flags) <= SAYABLE
    assert len(set(verdict.flags)) == len(verdict.flags)
    assert verdict.reason_code not in verdict.flags
    assert json.loads(json.dumps(verdict.details)) == verdict.details
    assert verdict == judge(f"{local_part}@{said.domain}", said, now=NOW, checked_at=NOW, **more)
    assert {key: verdict.details[key] for key in ("rule", "flags", "suggestion", "attempt")} == {
        "rule": verdict.rule,
        "flags": list(verdict.flags),
        "suggestion": verdict.suggestion,
        "attempt": more["attempt"],
    }


@given(local_parts, all_facts(), policies, st.integers(0, 7))
def test_trouble_is_never_held_against_an_address(
    local_part: str, said: DomainFacts, policy: Policy, attempt: int
) -> None:
    verdict = judge(f"{local_part}@{said.domain}", said, attempt=attempt, policy=policy, now=NOW)
    unheard = judge(f"{local_part}@{said.domain}", None, attempt=attempt, policy=policy, now=NOW)

    assert said.outcome not in TROUBLE or verdict.status in ("unknown", "risky")
    assert unheard.reason_code == "not_yet_checked"


@given(local_parts, all_facts(), everything)
def test_allow_lifts_only_what_is_risky_and_deny_lifts_nothing(
    local_part: str, said: DomainFacts, more: dict[str, Any]
) -> None:
    address = f"{local_part}@{said.domain}"
    plain, allowed, denied = (
        judge(address, said, now=NOW, **{**more, "override": override})
        for override in (None, Override.ALLOW, Override.DENY)
    )

    assert (denied.status, denied.reason_code) == ("invalid", "override_deny")
    if plain.status != "risky":
        assert (allowed.status, allowed.reason_code) == (plain.status, plain.reason_code)
    else:
        assert allowed.status in ("valid", "risky", "unknown")
        assert allowed.status != "valid" or plain.reason_code in allowed.flags


@given(local_parts, all_facts(), policies, st.integers(0, 7))
def test_a_plain_address_is_worth_what_its_domain_is(
    local_part: str, said: DomainFacts, policy: Policy, attempt: int
) -> None:
    address = f"{local_part}@{said.domain}"
    verdict = judge(address, said, attempt=attempt, policy=policy, now=NOW, checked_at=NOW)
    domain = judge_domain(said, attempt=attempt, checked_at=NOW)

    assert domain.details | verdict.apart_from_dns == verdict.details
    if is_plain(address, policy):
        assert verdict.details == {"norm": address, "canonical": address, **domain.details}
        assert (verdict.status, verdict.reason_code, verdict.score, verdict.retry_after, verdict.flags) == (
            *(domain.status, domain.reason_code, domain.score),
            *(domain.retry_after, domain.flags),
        )


@given(all_facts())
def test_facts_survive_their_storage(said: DomainFacts) -> None:
    stored = json.loads(json.dumps(said.to_json()))

    assert DomainFacts.from_json(said.domain, stored) == said
    assert 300 <= facts_ttl(said) <= 86_400
