"""`mkt metrics`: what a monitor reads, it can read; and it learns nobody's address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.doctor import sentence
from cli.examine import dns
from cli.findings import Level
from cli.metrics import exposition
from cli.words import Words
from config.settings import Settings
from db import domain_checks, resolvers
from db.metrics import METRICS, Sample
from db.resolvers import Belief, DnsState
from db.unit import Database, database_clock
from pipeline import texts
from pipeline.domains.answers import row_of
from pipeline.verdicts import VALIDATOR_VERSION, DomainFacts, Outcome
from tests.cli.conftest import Mkt
from tests.conftest import Tenant

#: https://github.com/prometheus/docs: a name, labels in braces, a float.
LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[0-9.e+]+)')
LABEL = re.compile(r'([a-z_]+)="([^"]*)"')


def parsed(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Read the text format; the meaning and kind of each metric stand before its samples, once."""
    announced: list[str] = []
    for line in text.splitlines():
        if line.startswith("# HELP "):
            announced.append(line.split(" ")[2])
        elif line.startswith("# TYPE "):
            assert line == f"# TYPE {announced[-1]} gauge"
        else:
            match = LINE.fullmatch(line)
            assert match, line
            assert match[1] == announced[-1]
            yield match[1], dict(LABEL.findall(match[2] or "")), float(match[3])
    assert len(announced) == len(set(announced))


def test_the_figures_can_be_read_and_say_what_is_there(
    mkt: Mkt, settings: Settings, database: Database, tenant: Tenant
) -> None:
    domain = f"m-{tenant.slug}.com.br"
    with database.unit(None) as unit:
        now = database_clock(unit)
        (claim,) = domain_checks.claim_domains(unit, [domain], worker="test", seconds=60, now=now)
        row = row_of(DomainFacts(domain, Outcome.NOT_FOUND), claim, now)
        domain_checks.store_checks(unit, [row], version=VALIDATOR_VERSION, now=now)
        resolvers.note_belief(unit, tenant.slug, believed=False, reason="dead", detail=f"Nobody knows {domain}.")
    try:
        answer = mkt("metrics")
    finally:
        with database.unit(None) as unit:
            resolvers.note_belief(unit, tenant.slug, believed=True, reason="ok", detail="")

    assert answer.code == 0
    found = {(name, tuple(labels.values())): value for name, labels, value in parsed(answer.out)}
    assert {name for name, _ in found} <= set(METRICS)
    assert found["mkt_domain_checks", ("not_found", "minute")] >= 1
    assert found["mkt_domain_checks", ("not_found", "hour")] >= 1
    assert found["mkt_resolver_believed", ()] == 0
    assert {labels for name, labels in found if name == "mkt_jobs"} == {
        (status,) for status in ("queued", "processing", "done", "failed", "cancelled")
    }
    for secret in (domain, tenant.slug, *settings.dns_nameservers):
        assert secret not in answer.out
    document = mkt("metrics", "--json").json
    assert {figure["name"] for figure in document} <= set(METRICS)


def test_a_database_that_is_away_is_said_in_one_sentence(mkt: Mkt, tmp_path: Path) -> None:
    answer = mkt("metrics", MKT_HOME=str(tmp_path / "none"))
    assert (answer.code, answer.out) == (2, "")
    assert not (tmp_path / "none").exists()


def test_large_figures_are_whole_and_labels_are_escaped() -> None:
    lines = list(exposition([Sample("mkt_jobs", 123_456_789, {"status": 'a"b\\c'})]))
    assert 'mkt_jobs{status="a\\"b\\\\c"} 123456789' in lines


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_the_doctor_says_since_when_dns_is_not_believed_and_who_waits(settings: Settings, lang: str) -> None:
    since = datetime(2026, 11, 23, 12, tzinfo=UTC)
    broken = Belief(believed=False, reason="dead", detail="Nobody answers.", since=since, age=1.0)
    found = list(dns(DnsState((broken,), 412, 20.0, 200, 3), settings))
    assert [(finding.check, finding.level) for finding in found] == [("breaker", Level.WARNING), ("budget", Level.OK)]
    said = sentence(Words(lang), found[0])
    assert all(part in said for part in ("412", "dead", "Nobody answers.", "2026"))
    assert all(part in sentence(Words(lang), found[1]) for part in ("200", "20"))
    well = list(dns(DnsState((), 0, 0.0, 0, 0), settings.model_copy(update={"dns_queries_per_second": 0})))
    assert [finding.state for finding in well] == ["ok", "unbounded"]
    assert all(sentence(Words(lang), finding) for finding in well)
