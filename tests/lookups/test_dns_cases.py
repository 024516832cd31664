"""What the test suites of other validators say of whole domains, each played by a DNS server on loopback."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from pipeline.lookups import MailLookups
from pipeline.verdicts import judge_domain
from tests.support.cases import read
from tests.support.dns import Host, ScriptedDns

#: The zones of the table, by the domain. What is not here does not exist, special names among them: the ones that are
#: nobody's by agreement (intranet, private, corp) and not by a standard are left to DNS.
ZONES = {
    "gmail.com": Host(mx=tuple((5 * n, f"alt{n}.gmail-smtp-in.l.google.com") for n in range(1, 6))),
    "justtxt.joshdata.me": Host(txt=("nothing but words",)),
    "ipv6only.joshdata.me": Host(aaaa=("fd00::1",)),
    "example.com": Host(mx=((0, "."),)),
    "foo.com": Host(mx=((0, "0.0.0.0"),)),  # noqa: S104
}
STATUSES = {"deliverable": {"valid"}, "undeliverable": {"invalid"}, "unknown": {"unknown"}, "risky": {"risky"}}
ROWS = read("dns")


@pytest.mark.parametrize("row", ROWS, ids=[row["address"] for row in ROWS])
def test_a_domain_gets_the_status_that_others_give_it(row: dict[str, str]) -> None:
    domain = row["address"].partition("@")[2]
    with ScriptedDns(ZONES).serving() as address:
        finder = MailLookups([address], timeout=2.0, tries=3, query_deadline=6.0, concurrency=10)
        facts = asyncio.run(finder.check(domain))

    assert judge_domain(facts, attempt=0, checked_at=datetime.now(UTC)).status in STATUSES[row["expected"]]
