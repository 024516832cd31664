"""How many typing errors of providers' domains are found, and how many domains of others are taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.verdicts import DomainFacts, MailHost, Outcome, ReasonCode, judge_domain, lists, suggest_domain
from pipeline.verdicts.typos import FREE, TARGETS

#: The large ones in Brazil whose names are long enough to be measured. Of shorter ones (uol, bol, ig, msn, live, aol) most
#: neighbours are other companies' names: upl.com.br, boll.com.br, igg.com, man.com, life.com.
_LARGE = [domain for domain in TARGETS[:20] if len(domain.partition(".")[0]) >= 5]

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    key: {
        *line[max(0, at - 1) : at],
        *line[at + 1 : at + 2],
        *(_ROWS[row - 1][at : at + 2] if row else ""),
        *(_ROWS[row + 1][max(0, at - 1) : at + 1] if row < 2 else ""),
    }
    for row, line in enumerate(_ROWS)
    for at, key in enumerate(line)
}
_BROKEN_ENDINGS = {
    "com": ["con", "cmo", "comm", "coom", "ccom", "vom", "xom", "cpm", "clm", "ocm", "conm", "comn", "cim", "ciom"],
    "com.br": [
        "con.br",
        "cmo.br",
        "comm.br",
        "cm.br",
        "vom.br",
        "com.b",
        "com.r",
        "com.brr",
        "com.rb",
        "con.b",
        "combr",
    ],
}


def _slips(name: str) -> Iterator[str]:
    """Yield the name with one key missed, hit twice or beside it, and with two keys in the wrong order."""
    for at, key in enumerate(name):
        yield name[:at] + name[at + 1 :]
        yield name[:at] + key + name[at:]
        yield from (name[:at] + other + name[at + 1 :] for other in _BESIDE[key])
        yield name[:at] + name[at + 1 : at + 2] + key + name[at + 2 :]


def _misspelt() -> dict[str, str]:
    """Return misspelt domains and what they are for, without those that are known as somebody's own."""
    found: dict[str, str] = {}
    for domain in _LARGE:
        name, _, suffix = domain.partition(".")
        written = {f"{slip}.{suffix}" for slip in _slips(name)}
        written |= {f"{name}.{broken}" for broken in _BROKEN_ENDINGS[suffix]}
        found |= dict.fromkeys(written - FREE - _own_names(suffix), domain)
    return found


def _own_names(suffix: str) -> set[str]:
    return {f"{name}.{suffix}" for name in lists.load("typos")["names"]}


def _real() -> list[str]:
    lines = (Path(__file__).parents[1] / "cases" / "real_domains.txt").read_text("utf-8").splitlines()
    return [domain for line in lines if not line.startswith("#") for domain in line.split()]


@pytest.mark.parametrize("usable_mx", [None, False])
def test_95_of_100_misspelt_providers_are_recognised(*, usable_mx: bool | None) -> None:
    misspelt = _misspelt()
    typos = {written: suggest_domain(written, usable_mx=usable_mx) for written in misspelt}
    found = [written for written, typo in typos.items() if typo is not None]
    right = [written for written in found if typos[written].domain == misspelt[written]]  # type: ignore[union-attr]
    assert len(misspelt) > 600
    assert len(right) >= 0.95 * len(misspelt), sorted(misspelt.keys() - set(right))
    assert right == found


@pytest.mark.parametrize("usable_mx", [None, True])
def test_no_real_company_in_a_thousand_is_taken_for_a_misspelt_provider(*, usable_mx: bool | None) -> None:
    real = _real()
    assert len(real) == len(set(real)) >= 1_000
    taken = [domain for domain in real if suggest_domain(domain, usable_mx=usable_mx)]
    assert len(taken) <= len(real) / 1_000, taken


def test_no_real_company_in_a_thousand_is_risky_where_mail_is_served() -> None:
    host = MailHost("mx.example.net", Outcome.ADDRESS, ("200.147.3.10",))
    risky = [
        domain
        for domain in _real()
        if judge_domain(DomainFacts(domain, Outcome.MX, ((10, host.name),), mx_count=1, hosts=(host,))).reason_code
        is not ReasonCode.MX_OK
    ]
    assert len(risky) <= len(_real()) / 1_000, risky


def test_995_of_1000_suggestions_are_right_where_companies_and_misspelt_providers_are_mixed() -> None:
    mixed: dict[str, str | None] = {**dict.fromkeys(_real()), **_misspelt()}
    suggested = {written: typo.domain for written in mixed if (typo := suggest_domain(written, usable_mx=None))}
    wrong = {written: meant for written, meant in suggested.items() if mixed[written] != meant}
    assert len(wrong) <= 0.005 * len(suggested), wrong
