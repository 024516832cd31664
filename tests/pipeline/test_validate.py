"""Verdicts through the whole pipeline, from a DNS server on loopback that says what the test wants."""

from __future__ import annotations

import io

import pytest

from config.settings import Settings
from db.jobs import Job
from db.statuses import JobStatus
from db.unit import Database
from pipeline.intake import ImportRequest, intake
from tests.conftest import Tenant
from tests.support.dns import (
    CANARIES,
    PUBLIC,
    WORLD,
    Host,
    ScriptedDns,
    address_to_everything,
    closed_port,
    nxdomain_to_everything,
    silent,
)
from tests.support.workers import Threads

#: Short patience: the servers are here, and answer at once or never.
QUICK = {
    "dns_timeout": 0.3,
    "dns_tries": 2,
    "dns_query_deadline": 1.0,
    "dns_chunk_deadline": 15.0,
    "dns_canaries": CANARIES,
}


def import_domains(
    settings: Settings,
    tenant: Tenant,
    nameserver: str,
    domains: list[str],
    *,
    workers: int = 2,
    chunk_rows: int = 1000,
    extra: str = "",
) -> Job:
    own = settings.model_copy(update={**QUICK, "dns_nameservers": (nameserver,), "chunk_rows": chunk_rows})
    rows = "\n".join(f"{name}@{domain}" for domain in domains for name in ("ana", "bia"))
    with Threads(own, workers, desk=True) as threads:
        request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=True)
        receipt = intake(threads.context, request, io.BytesIO(f"email\n{rows}\n{extra}".encode()))
        return threads.finish(tenant.tenant_id, receipt.import_job_id, timeout=90)[0]


def states(database: Database, tenant: Tenant) -> dict[str, tuple[str, str]]:
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            "select c.email, v.status, v.reason_code from mkt.email_validations v join mtrk.contatos c using (rid)"
        )
        return {row.email: (row.status, row.reason_code) for row in found}


def history(database: Database, tenant: Tenant) -> int:
    with database.reading(tenant.tenant_id) as unit:
        return int(unit.execute("select count(*) from mkt.email_validation_history").scalar_one())


def test_each_answer_of_dns_gives_its_verdict(settings: Settings, database: Database, tenant: Tenant) -> None:
    tag = tenant.slug
    cases = {
        f"mx-{tag}.com.br": (Host(mx=((10, f"mx.{tag}.com.br"),)), ("valid", "mx_ok")),
        f"null-{tag}.com.br": (Host(mx=((0, "."),)), ("invalid", "null_mx")),
        f"a-{tag}.com.br": (Host(a=(PUBLIC,)), ("risky", "implicit_mx")),
        f"private-{tag}.com.br": (Host(a=("10.0.0.1",)), ("invalid", "unroutable_mail_host")),
        f"empty-{tag}.com.br": (Host(), ("invalid", "no_mail_host")),
        f"fail-{tag}.com.br": (Host(rcode="SERVFAIL"), ("unknown", "dns_servfail")),
        f"mute-{tag}.com.br": (Host(silent=True), ("unknown", "dns_timeout")),
        f"gone-{tag}.com.br": (None, ("invalid", "domain_not_found")),
    }
    script = {domain: host for domain, (host, _) in cases.items() if host is not None}
    with ScriptedDns({**WORLD, **script}).serving() as address:
        job = import_domains(settings, tenant, address, list(cases))
    assert (job.status, job.total_rows) == (JobStatus.DONE, 2 * len(cases))
    assert states(database, tenant) == {
        f"{name}@{domain}": verdict for domain, (_, verdict) in cases.items() for name in ("ana", "bia")
    }
    assert history(database, tenant) == 2 * len(cases)


def test_a_name_that_is_missing_only_once_is_not_missing(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domain = f"flaky-{tenant.slug}.com.br"
    there = Host(mx=((10, f"mx.{domain}"),))
    with ScriptedDns({**WORLD, domain: [Host(rcode="NXDOMAIN"), there]}).serving() as address:
        import_domains(settings, tenant, address, [domain])
    assert set(states(database, tenant).values()) == {("valid", "mx_ok")}


@pytest.mark.parametrize(
    "resolver", [nxdomain_to_everything, address_to_everything, silent], ids=lambda resolver: str(resolver.__name__)
)
def test_a_resolver_that_lies_or_is_dead_brings_no_verdict(
    settings: Settings, database: Database, tenant: Tenant, resolver: type[ScriptedDns]
) -> None:
    domains = [f"{n}-{tenant.slug}.com.br" for n in range(3)]
    with resolver().serving() as address:  # type: ignore[call-arg]
        job = import_domains(settings, tenant, address, domains, chunk_rows=2)
    assert_nothing_judged(database, tenant, job, domains)


def test_no_resolver_at_all_brings_no_verdict(settings: Settings, database: Database, tenant: Tenant) -> None:
    domains = [f"{n}-{tenant.slug}.com.br" for n in range(3)]
    assert_nothing_judged(database, tenant, import_domains(settings, tenant, closed_port(), domains), domains)


def assert_nothing_judged(database: Database, tenant: Tenant, job: Job, domains: list[str]) -> None:
    assert (job.status, job.total_rows) == (JobStatus.DONE, 2 * len(domains))
    assert set(states(database, tenant).values()) == {("unknown", "not_yet_checked")}
    assert len(states(database, tenant)) == 2 * len(domains)
    assert history(database, tenant) == 0
    with database.reading(tenant.tenant_id) as unit:
        answered = unit.execute(
            "select count(*) from mkt.domain_checks where outcome is not null and domain = any(:domains)",
            {"domains": domains},
        )
        assert answered.scalar_one() == 0


def test_each_domain_is_asked_for_once_over_all_workers_and_a_fresh_state_is_not_judged_again(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    domains = [f"{n}-{tenant.slug}.com.br" for n in range(20)]
    script = {domain: Host(mx=((10, f"mx.{domain}"),)) for domain in domains}
    dns = ScriptedDns({**WORLD, **script})
    with dns.serving() as address:
        import_domains(
            settings,
            tenant,
            address,
            domains * 2,
            workers=4,
            chunk_rows=3,
            extra="\n".join(f"caio{n}@{domain}" for n, domain in enumerate(domains)),
        )
        asked = {domain: dns.asked(domain, "MX") for domain in domains}
        before = history(database, tenant)
        import_domains(settings, tenant, address, domains)
        assert {domain: dns.asked(domain, "MX") for domain in domains} == asked
    assert set(asked.values()) == {1}
    assert before == 60
    assert history(database, tenant) == before
