"""`mkt demo`: what a newcomer sees first, from nothing to a closing sentence."""

from __future__ import annotations

import re
from pathlib import Path

from config.settings import Settings
from tests.cli.conftest import Mkt, Zygote
from workers import servers


def test_the_demonstration_runs_on_a_bare_home_and_stops_what_it_started(zygote: Zygote, tmp_path: Path) -> None:
    mkt = Mkt(
        zygote,
        {
            "MKT_HOME": str(tmp_path / "a home"),
            "LANG": "en_US.UTF-8",
            "MKT_DATABASE_URL": "postgresql://somebody@127.0.0.1:1/real",
        },
    )

    answer = mkt("demo")

    assert answer.code == 0, answer.err
    assert "some are started for the length of this job" in answer.err
    found = re.search(
        r"([\d,]+) records - (\d+) blank - (\d+) with errors - (\d+) duplicates = ([\d,]+) contacts\.", answer.out
    )
    assert found is not None
    records, blank, errors, duplicates, contacts = (int(number.replace(",", "")) for number in found.groups())
    assert records - blank - errors - duplicates == contacts
    assert records - blank == 10_000
    assert f"it now has {contacts:,} contacts" in answer.out
    assert "mx_ok" in answer.out
    sums = re.search(r"([\d,]+) people chosen - ([\d,]+) excluded = ([\d,]+) messages\.", answer.out)
    assert sums is not None
    chosen, excluded, messages = (int(number.replace(",", "")) for number in sums.groups())
    assert chosen - excluded == messages > 0
    assert "is held back with 2,809 contacts of this campaign" in answer.out
    home = Settings(home=tmp_path / "a home" / "demo")
    assert [server.running for server in servers.status(home)] == [False, False]
