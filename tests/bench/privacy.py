"""How long it takes to tell a person what is kept of them, and to erase them, where the ledger has ten million rows.

The rows are made by one statement; the person has rows in many jobs, a contact, and is named in others' cells. Files are those of
a few real imports: that a store is searched at the speed of its disk needs no ten million rows.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import psycopg

from config.endpoints import database_url
from config.settings import Settings
from db import dossiers
from db.statuses import JobStatus
from pipeline.context import Context
from pipeline.erasures import ask
from pipeline.spellings import Spellings
from tests.bench.memory import MIB
from tests.conftest import Tenant, make_tenant
from tests.support.crew import servers
from tests.support.workers import Threads, tools

ROWS: Final = 10_000_000
JOBS: Final = 100
PEOPLE: Final = ("pessoa4242@empresa42.com.br", "maria.silva@gmail.com")
TURNS: Final = 3

_FILL: Final = """
    insert into mkt.import_rows (import_job_id, part_no, row_number, tenant_id, raw_email, raw_name, attributes, normalized_email,
        normalized_name, parse_status, error_code, error_detail)
    select j.import_job_id, 0, n.n %% {each} + 2, j.tenant_id, case when e.bad then 'Pessoa' || n.n || '@' else initcap(e.email) end, 'Pessoa ' || n.n,
        case when n.n %% 50 = 1 then jsonb_build_object('cidade', 'Recife', 'other_emails', 'outra' || n.n || '@gmail.com')
             else jsonb_build_object('cidade', 'Recife', 'origem', 'site', 'telefone', '+55 81 9' || n.n) end,
        case when not e.bad then e.email end, case when not e.bad then 'Pessoa ' || n.n end,
        case when e.bad then 'error' else 'ok' end, case when e.bad then 'syntax_domain' end, case when e.bad then 'There is nothing after the @.' end
    from generate_series(0, {rows} - 1) n (n)
    join (select import_job_id, tenant_id, row_number() over (order by import_job_id) - 1 as number from mkt.import_jobs where tenant_id = %(tenant)s) j
        on j.number = n.n / {each}
    cross join lateral (
        select n.n %% 25 = 0 as bad, case when n.n %% 3 = 0 then 'pessoa' || n.n || '@gmail.com' else 'pessoa' || n.n %% 5000000 || '@empresa' || n.n %% 1000 || '.com.br' end as email
    ) e"""


class Figures(NamedTuple):
    """Seconds: the answers, by person, medians; the erasures. And what they were measured on."""

    answers: list[float]
    erased: list[float]
    rows: int
    size: int


def sections() -> Iterator[str]:
    """Measure, and yield the section of the page."""
    with (
        tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder,
        servers(Path(folder, "home"), durable=True) as settings,
    ):
        with tools(settings) as context:
            tenant = make_tenant(settings, context.database, Path(folder))
            fill(settings, tenant)
            answers = [statistics.median(answer(context, tenant, person) for _ in range(TURNS)) for person in PEOPLE]
        erased = [erase(settings, tenant, person) for person in PEOPLE]
        with psycopg.connect(database_url(settings)) as connection:
            row = connection.execute(
                "select (select count(*) from mkt.import_rows), (select sum(pg_total_relation_size(relid)) from pg_partition_tree('mkt.import_rows'))"
            ).fetchone()
        assert row is not None
        figures = Figures(answers, erased, row[0], int(row[1]))
    yield render(figures)


def fill(settings: Settings, tenant: Tenant) -> None:
    """Make the jobs, their rows, and a contact with a verdict for every fifth row."""
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        connection.execute(
            "insert into mkt.import_jobs (tenant_id, kind, audience_id, uploaded_by_user_id, file_name, file_hash, file_bytes, file_key,"
            " options_hash, chunk_rows, status, stage, finished_at) select %(tenant)s, 'import', %(audience)s, %(user)s, 'f' || n || '.csv',"
            " repeat('0', 64), 1, '', n::text, 5000, 'done', 'settled', now() from generate_series(1, %(jobs)s) n",
            {"tenant": tenant.tenant_id, "audience": tenant.audience_id, "user": tenant.user_id, "jobs": JOBS},
        )
        connection.execute(_FILL.format(rows=ROWS, each=ROWS // JOBS).encode(), {"tenant": tenant.tenant_id})
        connection.execute(
            "insert into mtrk.contatos (tenant_id, email, name, attributes) select distinct on (normalized_email) tenant_id, normalized_email,"
            " raw_name, attributes from mkt.import_rows where mod(row_number, 10) < 2 and normalized_email is not null"
        )
        connection.execute(
            "insert into mkt.email_validation_history (tenant_id, rid, status, score, reason_code, validator_version, details_json)"
            " select tenant_id, rid, 'valid', 95, 'mx_ok', 'v', jsonb_build_object('norm', email, 'canonical', email) from mtrk.contatos"
        )
        for number, person in enumerate(PEOPLE):
            connection.execute(
                "update mkt.import_rows set raw_email = %(person)s, normalized_email = %(person)s where (import_job_id, part_no, row_number) in"
                " (select import_job_id, part_no, row_number from mkt.import_rows where row_number = %(row)s and parse_status = 'ok')",
                {"person": person, "row": 1003 + number},
            )
            connection.execute(
                "update mkt.import_rows set attributes = attributes || jsonb_build_object('indicado por', 'amiga de ' || %(person)s::text)"
                " where row_number = %(row)s",
                {"person": person.upper(), "row": 2003 + number},
            )
            connection.execute(
                "insert into mtrk.contatos (tenant_id, email, name) values (%s, %s, 'Quem Pede') on conflict do nothing",
                [tenant.tenant_id, person],
            )
        connection.execute("vacuum analyze")


def answer(context: Context, tenant: Tenant, person: str) -> float:
    """Return the seconds until everything about the person is there."""
    begin = time.monotonic()
    with context.database.reading(tenant.tenant_id, dossiers.LIMITS) as unit:
        found = dossiers.of_person(unit, Spellings.of(person).parameters())
    seconds = time.monotonic() - begin
    if len(found.rows) < JOBS // 2 or len(found.mentions) < JOBS // 2:
        msg = f"{len(found.rows)} rows and {len(found.mentions)} mentions were found"
        raise SystemExit(msg)
    return seconds


def erase(settings: Settings, tenant: Tenant, person: str) -> float:
    """Return the seconds from the request to the end of the job."""
    with Threads(settings) as threads:
        begin = time.monotonic()
        receipt = ask(threads.context, tenant.tenant_id, tenant.user_id, person, "bench")
        (job,) = threads.finish(tenant.tenant_id, receipt.import_job_id, timeout=1800)
    if job.status is not JobStatus.DONE:
        raise SystemExit(job.failure_detail)
    return time.monotonic() - begin


def render(figures: Figures) -> str:
    """Return the section of the page."""
    lines = [
        "## Privacy",
        "",
        f"One tenant with {figures.rows:,} rows in its ledger ({figures.size / MIB / 1024:.1f} GiB with indexes), of {JOBS} jobs; two people, each with rows",
        f"in most of them, and named in other people's cells. Answers are medians of {TURNS}.",
        "",
        "| | " + " | ".join(PEOPLE) + " | allowed, s |",
        "|---|" + "---:|" * len(PEOPLE) + "---:|",
        _line(
            "everything that is kept of the person (`mkt contact show`, `mkt privacy export`), s", figures.answers, "10"
        ),
        _line("erasure, from the request to the end of the job (`mkt privacy erase`), s", figures.erased, "600"),
        "",
        "The answer looks for the person's own rows, and for others that name the person, by an index each; one row in twenty-five has no address of its",
        "own, and one in fifty a second one. The erasure reads every cell of every row all the same, and is one transaction.",
        "",
    ]
    return "\n".join(lines)


def _line(what: str, seconds: list[float], allowed: str) -> str:
    return f"| {what} | " + " | ".join(f"{each:.2f}" for each in seconds) + f" | {allowed} |"
