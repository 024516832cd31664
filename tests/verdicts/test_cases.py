"""The tables of cases: every row comes out as it is expected, or it is argued here why not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.verdicts import DomainFacts, MailHost, Outcome, ReasonCode, Verdict, canonical, judge, suggest_domain
from tests.support import cases

_NOW = datetime(2026, 11, 24, tzinfo=UTC)

#: (table, address, expected) -> why it comes out otherwise, and is right.
_ARGUED = {
    ("typos", "test@gmail.co", "gmail.com"): (
        ".co is Colombia's, and the row is of mailcheck 1.x: 2.x leaves a provider's name under an ending that exists alone."
    ),
    ("typos", "test@emaildomain.co", "emaildomain.com"): (
        "emaildomain.com is a domain in the configuration of that test only; nobody else knows it, and .co exists."
    ),
    ("typos", "person@gmial.com", "-"): (
        "Two equally near domains are configured in that test, gmiel.com being one; without it only gmail.com is meant."
    ),
    ("typos", "x@gmail.edd", "gmail.edu"): (
        "gmail.edu serves no mail to anybody. No domain ends in .edd, Gmail has one domain, and that is suggested: gmail.com."
    ),
}

_ATTRIBUTES = {
    "free": "free_provider",
    "disposable": "disposable_domain",
    "role": "role_account",
    "forwarding_alias": "forwarding_alias",
}
_MAILBOXES = {"role_account", "fiscal_mailbox", "system_mailbox"}


def _verdict(address: str, *, has_mx: bool = True) -> Verdict:
    domain = address.rpartition("@")[2]
    host = MailHost("mx.mail-host.com.br", Outcome.ADDRESS, ("200.147.3.10",))
    with_mx = DomainFacts(domain, Outcome.MX, ((10, host.name),), mx_count=1, hosts=(host,))
    without = DomainFacts(domain, Outcome.ADDRESS, addresses=("200.147.3.10",))
    return judge(address, with_mx if has_mx else without, now=_NOW)


def _said(address: str) -> set[str]:
    verdict = _verdict(address)
    return {str(verdict.reason_code), *verdict.flags}


def _attributes(address: str, expected: str) -> str:
    said = _said(address)
    found = []
    for attribute in expected.split("+"):
        name = attribute.removeprefix("not_")
        found.append(name if _ATTRIBUTES[name] in said else f"not_{name}")
    return "+".join(found)


def _role(address: str, _: str) -> str:
    verdict = _verdict(address)
    found = _said(address) & _MAILBOXES
    if verdict.reason_code is ReasonCode.SYSTEM_MAILBOX:
        return "system_mailbox"
    assert verdict.status == "valid"
    return {
        frozenset(): "not_role",
        frozenset({"role_account"}): "role flag; not risky by default",
        frozenset({"fiscal_mailbox"}): "fiscal_mailbox flag",
    }[frozenset(found)]


def _typo(address: str, _: str) -> str:
    local_part, at, domain = address.lower().rpartition("@")
    typo = suggest_domain(domain, usable_mx=None) if at else None
    # What may be suggested is, where no mail is served, and nothing else.
    suggested = _verdict(f"{local_part}@{domain}", has_mx=False).suggestion
    assert suggested == (typo and f"{local_part}@{typo.domain}")
    return typo.domain if typo else "-"


def _accent(address: str, _: str) -> str:
    verdict = _verdict(address)
    reason = "-" if verdict.reason_code is ReasonCode.MX_OK else str(verdict.reason_code)
    return f"{reason} {verdict.suggestion}" if verdict.suggestion else reason


_KINDS = {"attribute": _attributes, "role": _role, "typo": _typo, "accent": _accent}
_TABLES = {
    "typos": lambda row: _typo(row["address"], ""),
    "attributes": lambda row: _attributes(row["address"], row["expected"]),
    "canonical": lambda row: canonical(row["address"]),
    "brazil": lambda row: _KINDS[row["kind"]](row["address"], row["expected"]),
}


@pytest.mark.parametrize("table", _TABLES)
def test_every_row_comes_out_as_expected_or_is_argued(table: str) -> None:
    others = {
        (table, row["address"], row["expected"]): found
        for row in cases.read(table)
        if (found := _TABLES[table](row)) != row["expected"]
    }
    argued = {key for key in _ARGUED if key[0] == table}
    assert {key: found for key, found in others.items() if key not in argued} == {}
    assert argued - others.keys() == set(), "arguments for rows that come out as expected, or are gone"


def test_the_table_of_brazilian_usage_covers_each_kind() -> None:
    rows = cases.read("brazil")
    assert len(rows) >= 400
    assert {row["kind"] for row in rows} == set(_KINDS)
    assert len({(row["address"], row["kind"]) for row in rows}) == len(rows)
