"""What the indexes by which a person is looked up cost an import: the same file with and without them, turn by turn in one run.

And COPY of the same rows into the ledger alone, where nothing else hides the cost.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import psycopg

from cli.demo.contacts import write_large_file
from cli.demo.zone import PROVIDERS
from config.endpoints import database_url
from config.settings import Settings
from db.statuses import JobStatus
from db.tables.rows import NAMES_OTHERS
from pipeline.intake import ImportRequest, intake
from tests.bench.zone import DOMAINS, zone
from tests.conftest import make_tenant
from tests.support.crew import Crew, crew, servers

ROWS: Final = 200_000
#: Imports of each way, in turn; one before them is not counted.
TURNS: Final = 4
_BY_ADDRESS: Final = "create index bench_by_address on mkt.import_rows (normalized_email, tenant_id)"
_NAMING_OTHERS: Final = (
    f"create index bench_naming_others on mkt.import_rows (import_job_id, tenant_id) where {NAMES_OTHERS}"
)
_OFF: Final = (
    "drop index if exists mkt.ix_import_rows_normalized_email_tenant_id, mkt.ix_import_rows_names_others,"
    " mkt.bench_by_address, mkt.bench_naming_others"
)
WAYS: Final[dict[str, tuple[str, ...]]] = {
    "neither": (),
    "by address": (_BY_ADDRESS,),
    "both": (_BY_ADDRESS, _NAMING_OTHERS),
}


class Taken(NamedTuple):
    """Seconds of an import, and of writing its rows once more into the ledger alone."""

    imported: float
    written: float


def sections() -> Iterator[str]:
    """Measure, and yield the section of the page."""
    with tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder:
        path = Path(folder, "people.csv")
        write_large_file(path, ROWS, DOMAINS)
        with (
            zone() as there,
            servers(
                Path(folder, "home"), durable=True, dns_nameservers=(there.address,), dns_canaries=tuple(PROVIDERS)[:3]
            ) as settings,
            crew(settings) as team,
        ):
            take_in(team, settings, path)  # from here on every domain is known
            turns = [turn(team, settings, path, number) for number in range(TURNS)]
            sizes = of_indexes(settings)
    yield render(turns, sizes)


def turn(team: Crew, settings: Settings, path: Path, number: int) -> dict[str, Taken]:
    """Import the file in every way; each turn begins with another one."""
    taken: dict[str, Taken] = {}
    ways = list(WAYS)
    for way in ways[number % len(ways) :] + ways[: number % len(ways)]:
        run(settings, _OFF, *WAYS[way], "checkpoint")
        taken[way] = Taken(take_in(team, settings, path), copy_again(settings))
    return taken


def take_in(team: Crew, settings: Settings, path: Path) -> float:
    """Return the seconds of an import."""
    tenant = make_tenant(settings, team.context.database, path.parent)
    begin = time.monotonic()
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, path.name)
    job = team.wait(tenant.tenant_id, intake(team.context, request, path).import_job_id, timeout=1800)
    if job.status is not JobStatus.DONE or job.total_rows != ROWS:
        msg = f"the import ended {job.status} with {job.total_rows} rows: {job.failure_detail}"
        raise SystemExit(msg)
    return time.monotonic() - begin


def copy_again(settings: Settings) -> float:
    """Return the seconds in which the newest job's rows are written once more, under another job's number."""
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        begin = time.monotonic()
        connection.execute(
            "insert into mkt.import_rows (import_job_id, part_no, row_number, tenant_id, raw_email, raw_name, attributes, normalized_email,"
            " normalized_name, parse_status, error_code, error_detail) select n.id, part_no, row_number, tenant_id, raw_email, raw_name,"
            " attributes, normalized_email, normalized_name, parse_status, error_code, error_detail from mkt.import_rows,"
            " (select uuidv7() as id offset 0) n where import_job_id = (select max(import_job_id::text)::uuid from mkt.import_jobs)"
        )
        return time.monotonic() - begin


def run(settings: Settings, *statements: str) -> None:
    """Run statements as the owner, one by one."""
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def of_indexes(settings: Settings) -> dict[str, float]:
    """Return the bytes for each row: of the indexes, built anew, by the beginning of their names; and of the table alone."""
    run(settings, _OFF, *WAYS["both"])
    with psycopg.connect(database_url(settings)) as connection:
        rows = connection.execute("select count(*)::float8 from mkt.import_rows").fetchone()
        assert rows is not None
        found = connection.execute(
            "select case when c.relkind = 'r' then 'table' when i.indisprimary then 'key' when i.indpred is null then 'by address'"
            " else 'naming others' end, sum(pg_relation_size(c.oid))::float8 from pg_class c left join pg_index i on i.indexrelid = c.oid"
            " where c.relname like 'import\\_rows\\_%' and c.relkind in ('r', 'i') group by 1"
        ).fetchall()
    return {name: size / rows[0] for name, size in found}


def render(turns: list[dict[str, Taken]], sizes: dict[str, float]) -> str:
    """Return the section of the page."""
    lines = [
        f"| {way} | {_ratio(turns, way, 0)} | {_ratio(turns, way, 1)} |"
        f" {statistics.median(t[way].imported for t in turns):.1f} | {statistics.median(t[way].written for t in turns):.2f} |"
        for way in WAYS
    ]
    return "\n".join(
        [
            "## Ledger look-up",
            "",
            f"The indexes by which the ledger is looked up for one person: the same file of {ROWS:,} rows imported with and without them, {TURNS} times each, in",
            "turn; all domains known. Beside it the rows of the import written once more by one statement into the ledger, where nothing else hides the cost.",
            "Ratios are those of the same turn: the median, and in brackets the smallest and the largest.",
            "",
            "| indexes | import : without | rows alone : without | import, s | rows alone, s |",
            "|---|---:|---:|---:|---:|",
            *lines,
            "",
            f"Bytes a row: the table {sizes['table']:.0f}, its key {sizes['key']:.0f}, the index by address {sizes['by address']:.0f}, that of rows naming others {sizes['naming others']:.1f}.",
            "",
        ]
    )


def _ratio(turns: list[dict[str, Taken]], way: str, which: int) -> str:
    ratios = [each[way][which] / each["neither"][which] for each in turns]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
