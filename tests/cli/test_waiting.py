"""What a job waits for, in one sentence: for a person at three in the morning, in their language, and for programs."""

from __future__ import annotations

from cli.waiting import sentence, waiting_document
from cli.words import Words
from config.settings import Settings
from db import audit, chunks, holds, waits
from db.chunks import ChunkRef, Claim
from db.statuses import ChunkStage
from db.unit import Database
from db.waits import Waits
from pipeline import texts
from pipeline.control import cancel
from tests.conftest import Tenant
from tests.pipeline.steps import ask, people
from tests.support.workers import Threads


class Look:
    """One job that nobody works at but the test."""

    def __init__(self, settings: Settings, database: Database, tenant: Tenant, threads: Threads) -> None:
        self.settings, self.database, self.tenant, self.threads = settings, database, tenant, threads
        self.job = ask(threads, tenant, people(10))
        self.takes_writes = True

    def found(self) -> Waits:
        with self.database.reading(self.tenant.tenant_id) as unit:
            if not self.takes_writes:
                unit.execute("select set_config('default_transaction_read_only', 'on', true)")
            found = waits.of_job(unit, self.job)
        assert found is not None
        return found

    def says(self, state: str, *words: str) -> None:
        found = self.found()
        document = waiting_document(found, self.settings)
        assert document is not None
        assert document["state"] == state
        assert str(self.job) in document["sentence"]
        for lang in texts.LANGUAGES:
            said = sentence(Words(lang), found, self.settings)
            for word in words:
                assert word in said, (lang, said)

    def claim(self, attempts: int = 0) -> Claim:
        ref = ChunkRef(self.tenant.tenant_id, self.job, 0, ChunkStage.SPLIT, attempts)
        with self.database.unit(self.tenant.tenant_id) as unit:
            claim = chunks.claim(unit, ref, worker="host:77", grace=60)
        assert claim is not None
        return claim

    def sets(self, assignment: str) -> None:
        with self.database.unit(self.tenant.tenant_id) as unit:
            unit.execute(f"update mkt.import_chunks set {assignment} where chunk_no = 0")


def test_each_state_of_a_job_has_its_sentence(settings: Settings, database: Database, tenant: Tenant) -> None:
    with Threads(settings, workers=0) as nobody:
        look = Look(settings, database, tenant, nobody)
        look.says("worker", "worker", ": 1)")
        look.sets("hinted_at = null, due_at = now()")
        look.says("window", "MKT_TENANT_WINDOW")
        look.sets("hinted_at = now()")
        claim = look.claim()
        look.says("chunk", "host:77", "split", " 1 ", " 5", " 0 s")
        with database.unit(tenant.tenant_id) as unit:
            chunks.record_error(unit, claim, detail="ValueError: no", seconds=600)
        look.says("rest", "ValueError: no")
        again = look.claim(attempts=1)
        look.says("chunk_again", "host:77", "ValueError: no", " 2 ")
        with database.unit(tenant.tenant_id) as unit:
            holds.rest(unit, again, detail="OSError: full", first=600, longest=600)
        look.says("rest", "OSError: full")
        look.sets("last_error = null")
        look.says("later")
        look.sets("due_at = null")
        look.says("nothing")
        with database.unit(tenant.tenant_id) as unit:
            unit.execute("update mkt.import_jobs set pause_requested_at = now()")
            audit.record(unit, action="job_paused", subject=str(look.job), user_id=tenant.user_id, details={})
        look.says("paused", "system", "mkt job resume")
        cancel(nobody.context, tenant.tenant_id, look.job)
        look.sets(
            "due_at = now(), claimed_at = now(), claimed_by = 'host:77', claimed_pid = pg_backend_pid(), claimed_attempt = attempts"
        )
        look.says("cancelled", ": 1)")
        look.sets("claimed_pid = 4194304")  # no process has this number: nobody takes it up
        look.says("cancelled", ": 0)")
        look.takes_writes = False
        look.says("read_only", "default_transaction_read_only")
