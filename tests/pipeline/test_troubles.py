"""Trouble around the work is told from trouble with it, costs no attempt, and the job waits for it to be over."""

from __future__ import annotations

import errno

import psycopg
import pytest
from obstore.exceptions import GenericError, NotFoundError
from psycopg import errors
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from config.settings import Settings
from db.statuses import JobStatus
from db.unit import Database, ResultRow
from pipeline.intake_problems import IntakeRefusedError
from pipeline.outages import Outage, one_line
from pipeline.store import FileStore
from pipeline.sweep import sweep
from pipeline.troubles import BY_SQLSTATE, Trouble, trouble_of
from tests.conftest import Tenant
from tests.pipeline.steps import SMALL_CHUNKS, ask, people
from tests.support.waiting import until
from tests.support.workers import Threads


def wrapped(error: Exception) -> OperationalError:
    return OperationalError("select 1", {}, error)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (psycopg.OperationalError("connection refused"), Trouble.DATABASE_AWAY),
        (psycopg.InterfaceError("the connection is closed"), Trouble.DATABASE_AWAY),
        (wrapped(errors.AdminShutdown()), Trouble.DATABASE_AWAY),
        (wrapped(errors.CannotConnectNow()), Trouble.DATABASE_AWAY),
        (wrapped(errors.TooManyConnections()), Trouble.DATABASE_BUSY),
        (wrapped(errors.DiskFull()), Trouble.DATABASE_FULL),
        (wrapped(errors.ReadOnlySqlTransaction()), Trouble.DATABASE_READ_ONLY),
        (wrapped(errors.IoError()), Trouble.DATABASE_DISK),
        (wrapped(errors.DeadlockDetected()), Trouble.DATABASE_BUSY),
        (wrapped(errors.QueryCanceled()), None),  # its own time was over
        (wrapped(errors.CheckViolation()), None),
        (wrapped(errors.UndefinedTable()), None),
        (OSError(errno.ENOSPC, "No space left on device"), Trouble.STORE_FULL),
        (OSError(errno.EIO, "Input/output error"), Trouble.STORE_AWAY),
        (OSError("Unable to copy data to file: No space left on device (os error 28)"), Trouble.STORE_FULL),
        (GenericError("Unable to copy data to file: No space left on device (os error 28)"), Trouble.STORE_FULL),
        (GenericError("error sending request"), Trouble.STORE_AWAY),
        (NotFoundError("Object at location x not found"), None),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (ValueError("no"), None),
        (MemoryError(), None),
    ],
)
def test_what_an_error_says_of_what_surrounds_the_work(error: Exception, trouble: Trouble | None) -> None:
    assert trouble_of(error) is trouble


def test_the_database_tells_the_same_from_what_a_trigger_raises(database: Database) -> None:
    raised = ["P0001", "22P02", "23505", "42501", "45000", "55000"]
    with database.unit(None) as unit:
        found = unit.execute(
            "select s, mkt.is_trouble(s) from unnest(cast(:states as text[])) s", {"states": [*raised, *BY_SQLSTATE]}
        )
        assert dict(map(tuple, found)) == dict.fromkeys(raised, False) | dict.fromkeys(BY_SQLSTATE, True)


def test_an_outage_is_said_once_and_waited_for_longer_each_time() -> None:
    pauses: list[float] = []
    here = Outage(pauses.append)
    with capture_logs() as logs:
        for _ in range(8):
            here.wait(Trouble.DATABASE_AWAY, "no")
        here.over()
        here.over()
    assert [entry["event"] for entry in logs] == ["trouble_began", "trouble_over"]
    assert pauses[0] < 0.5
    assert min(pauses[4:]) >= 1.0
    assert max(pauses) <= 2.0


def test_a_line_about_an_error_has_no_address() -> None:
    assert one_line(ValueError("what is ana@gmail.com?")) == "ValueError: what is …"


def test_a_job_waits_for_a_store_that_is_full_and_loses_no_attempt(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = settings.model_copy(update={**SMALL_CHUNKS, "max_attempts": 1, "hint_delay": 0.05, "hint_delay_max": 0.1})
    put, full = FileStore.put, {"is": True}

    def fails(store: FileStore, key: str, data: bytes) -> None:
        if full["is"]:
            raise OSError(errno.ENOSPC, "No space left on device")
        put(store, key, data)

    def split() -> ResultRow:
        with database.reading(tenant.tenant_id) as unit:
            return unit.execute(
                "select rests, stage_attempts, last_error from mkt.import_chunks where chunk_no = 0"
            ).one()

    monkeypatch.setattr(FileStore, "put", fails)
    with Threads(own) as threads:
        job_id = ask(threads, tenant, people(100))

        def has_rested() -> bool:
            sweep(threads.context)
            return bool(split().rests > 2)

        until(has_rested, what="three rests")
        assert split().last_error == "OSError: [Errno 28] No space left on device"
        full["is"] = False
        (job,) = threads.finish(tenant.tenant_id, job_id)
    assert (job.status, job.failure_code, job.total_rows) == (JobStatus.DONE, None, 100)
    assert split().rests == 0


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (GenericError("No space left on device (os error 28)"), "has no room for the file"),
        (OSError(errno.EROFS, "Read-only file system"), "cannot be written to"),
    ],
)
def test_intake_refuses_in_one_sentence_where_the_store_is_in_trouble_and_leaves_nothing(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(FileStore, "add_file", fails)
    with Threads(settings, workers=0) as nobody, pytest.raises(IntakeRefusedError, match=said):
        ask(nobody, tenant, people(3))
    with database.reading(tenant.tenant_id) as unit:
        assert unit.execute("select count(*) from mkt.import_jobs").scalar_one() == 0
