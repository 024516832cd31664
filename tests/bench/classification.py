"""How fast a million contacts get their verdicts from evidence at hand, and what a rehearsal of that costs.

The yardstick is COPY of the very rows that the judgement writes, into the same two tables: the least that storing them costs.
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

import psutil
import psycopg

from cli.demo.zone import PROVIDERS
from config.endpoints import database_url
from config.settings import Settings
from db.unit import Unit
from db.validations import Contact, Contacts
from pipeline.classification import classify, terms
from pipeline.context import Context
from pipeline.revalidation import transitions
from pipeline.verdicts import is_plain
from tests.bench.base import ask_for, make_base
from tests.bench.memory import MIB, peaks_of
from tests.bench.zone import DOMAINS, zone
from tests.support.crew import servers
from tests.support.workers import tools

ROWS = 1_000_000
#: Each of them a judgement of all rows, and a COPY of all rows.
TURNS = 2
#: Contacts in one transaction, as in an import.
CHUNK = 5_000
#: The tables and the columns that are written; `validation_id` makes itself.
_STATE: Final = "rid, tenant_id, status, reason_code, score, validated_at, validator_version, details_json"
_TABLES: Final = {
    "mkt.email_validations": f"{_STATE}, next_validation_at, domain_changed_at",
    "mkt.email_validation_history": _STATE,
}


class Judging(NamedTuple):
    """Seconds, medians of turns: judging the contacts, and copying what came of it. ``special``: the share of not plain ones."""

    rows: int
    judged: float
    copied: float
    special: float


class Shadow(NamedTuple):
    """A rehearsal: seconds, bytes of memory that it came to use, contacts, and what it must not have touched."""

    seconds: float
    grown: int
    contacts: int
    questions: int
    is_untouched: bool


def sections() -> Iterator[str]:
    """Measure, and yield the sections of the page."""
    with (
        tempfile.TemporaryDirectory(prefix="mkt-bench-") as folder,
        zone() as there,
        servers(Path(folder, "home"), durable=True, dns_nameservers=(there.address,)) as settings,
        tools(settings) as context,
    ):
        ask_for(settings, context, [*PROVIDERS, *there.domains])
        tenant, contacts = make_base(settings, context, Path(folder), ROWS)
        judging = race(settings, context, tenant.tenant_id, contacts, Path(folder))
        asked, before = there.questions(), checksums(settings)
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            seconds, grown, seen = pool.submit(rehearse, settings, tenant.tenant_id).result()
        questions = sum(there.questions().values()) - sum(asked.values())
        shadow = Shadow(seconds, grown, seen, questions, checksums(settings) == before)
    yield render(judging, shadow)


def race(settings: Settings, context: Context, tenant_id: UUID, contacts: Sequence[Contact], folder: Path) -> Judging:
    """Judge all contacts and copy what came of it, turn by turn; the rows of the last turn stay."""
    judged, copied = [], []
    files = {table: folder / table for table in _TABLES}
    for turn in range(TURNS):
        empty(settings)
        judged.append(judge_all(context, tenant_id, contacts))
        if turn == 0:
            write_rows(settings, files)
        empty(settings)
        copied.append(copy_rows(settings, files))
    special = sum(not is_plain(contact.email) for contact in contacts) / len(contacts)
    return Judging(len(contacts), statistics.median(judged), statistics.median(copied), special)


def judge_all(context: Context, tenant_id: UUID, contacts: Sequence[Contact]) -> float:
    """Return the seconds until all contacts have their states and their history, a transaction for each chunk."""
    begin = time.monotonic()
    judged = 0
    for first in range(0, len(contacts), CHUNK):
        chunk = Contacts.given(contacts[first : first + CHUNK])

        def work(unit: Unit, chunk: Contacts = chunk) -> int:
            return classify(unit, chunk, terms(context.clock(unit))).judged

        judged += context.database.in_unit(tenant_id, work)
    seconds = time.monotonic() - begin
    if judged != len(contacts):
        msg = f"{judged} of {len(contacts)} contacts were judged"
        raise SystemExit(msg)
    return seconds


def empty(settings: Settings) -> None:
    """Empty the two tables, and have everything written that was still to be written."""
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        connection.execute(f"truncate {', '.join(_TABLES)}".encode())
        connection.execute("checkpoint")


def write_rows(settings: Settings, files: Mapping[str, Path]) -> None:
    """Write the rows of each table into its file, as COPY takes them."""
    with psycopg.connect(database_url(settings)) as connection, connection.cursor() as cursor:
        for table, path in files.items():
            query = f"copy (select {_TABLES[table]} from {table} order by rid) to stdout"
            with cursor.copy(query.encode()) as copy, path.open("wb") as file:
                file.writelines(copy)


def copy_rows(settings: Settings, files: Mapping[str, Path]) -> float:
    """Return the seconds that COPY takes to put the files into their tables, with all that these have, in one transaction."""
    begin = time.monotonic()
    with psycopg.connect(database_url(settings)) as connection, connection.cursor() as cursor:
        for table, path in files.items():
            with cursor.copy(f"copy {table} ({_TABLES[table]}) from stdin".encode()) as copy, path.open("rb") as file:
                while piece := file.read(MIB):
                    copy.write(piece)
    return time.monotonic() - begin


def checksums(settings: Settings) -> list[tuple[int, int]]:
    """Return for each table how many rows it has, and what would be another sum if one of them were another one."""
    with psycopg.connect(database_url(settings)) as connection:
        queries = (
            f"select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from {table} t"
            for table in (*_TABLES, "mkt.domain_checks")
        )
        return [connection.execute(query.encode()).fetchall()[0] for query in queries]


def rehearse(settings: Settings, tenant_id: UUID) -> tuple[float, int, int]:
    """Judge everything in shadow, in a new process: seconds, bytes that it grew by, contacts."""
    myself = psutil.Process()
    with tools(settings) as context:
        before = myself.memory_info().rss
        with peaks_of(lambda: [myself], every=0.05) as peaks:
            begin = time.monotonic()
            matrix = transitions(context, tenant_id)
            seconds = time.monotonic() - begin
    return seconds, max(peaks.values()) - before, matrix.contacts


def render(judging: Judging, shadow: Shadow) -> str:
    """Return the section of the page."""
    return "\n".join(
        [
            "## Classification",
            "",
            f"{judging.rows:,} contacts whose domains ({DOMAINS:,} and the large providers) have fresh checks, and none of which has been judged:",
            f"{judging.special:.0%} are not plain (mailboxes of roles, tags behind a plus, dots at Gmail) and are judged one by one. One process;",
            f"medians of {TURNS} turns of each.",
            "",
            "| | ratio to COPY of the same rows | s | rows/s |",
            "|---|---:|---:|---:|",
            f"| judged: state and history | {judging.judged / judging.copied:.2f} | {judging.judged:.1f} | {judging.rows / judging.judged:,.0f} |",
            f"| COPY into both tables | 1.00 | {judging.copied:.1f} | {judging.rows / judging.copied:,.0f} |",
            f"| judged in shadow | {shadow.seconds / judging.copied:.2f} | {shadow.seconds:.1f} | {shadow.contacts / shadow.seconds:,.0f} |",
            "",
            "*COPY* puts the very rows that the judgement wrote into the same two tables, with their keys, indexes, partitions and foreign",
            "key, as their owner (COPY knows no row security), in one transaction. *Judged* looks up the state and the domain of every contact,",
            f"judges, and writes under row security, {CHUNK:,} contacts in a transaction.",
            "",
            f"*In shadow* is the rehearsal of a new judgement (`mkt revalidate --shadow`) of these {shadow.contacts:,} contacts. It grew a new process by",
            f"{shadow.grown / MIB:.0f} MiB, sent {shadow.questions} questions as the DNS server counted, and left {_untouched(shadow)}.",
            "",
        ]
    )


def _untouched(shadow: Shadow) -> str:
    tables = "the states, their history and the checks of domains"
    return f"{tables} as they were (checksums)" if shadow.is_untouched else f"other rows in {tables}: that is a fault"
