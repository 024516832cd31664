"""Purge: the stored files that held an erased person go, and then the last trace of the address, in the erasure itself.

The ledger has said which jobs held the person. But a file has more in it than the ledger: columns that were left out, sheets
that were not read, a job that failed before its first row. So every file of the tenant is searched.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from db import chunks, erasures, jobs, stored_files
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import FencedError, effects, move_on
from pipeline.context import Context
from pipeline.file_search import names
from pipeline.retention import CHUNKS, FILES, delete_files, job_of
from pipeline.spellings import Spellings
from pipeline.stages.erase import ADDRESS, ERASED, postpone
from pipeline.store import StoredObject

#: Option of the job: the last group of files that was searched; a purge that was killed goes on behind it.
SEARCHED: Final = "searched"
#: Seconds between two signs of life, and between two notes of how far the search is.
ALIVE_EVERY: Final = 1.0
NOTED_EVERY: Final = 10.0
#: Options that name nobody, and stay.
_KEPT: Final = ("reason", "mailbox_hash", "key_version", ERASED)


def run(context: Context, claim: Claim, job: Job) -> None:
    """Delete what held the person, file by file; nothing here is undone or done twice by a second attempt."""
    search = _Search(context, claim, job, Spellings.of(job.options[ADDRESS]))
    delete_files(context, job.tenant_id, alive=search.alive)
    running = search.all_files()
    if running:
        effects(context, claim, lambda unit: postpone(unit, claim, job, running))
        return

    def work(unit: Unit) -> list[ChunkRef]:
        current = jobs.load(unit, job.import_job_id)
        options = {} if current is None else current.options
        erasures.forget_address(unit, job.import_job_id, {name: options[name] for name in _KEPT if name in options})
        return move_on(context, unit, claim, ChunkStage.DONE)

    effects(context, claim, work)


@dataclass
class _Search:
    """One pass over the tenant's files."""

    context: Context
    claim: Claim
    job: Job
    person: Spellings
    _lived: float = field(default_factory=time.monotonic)
    _noted: float = field(default_factory=time.monotonic)

    def all_files(self) -> list[UUID]:
        """Let go of every file that names the person; returns the jobs that must end before theirs can go."""
        with self.context.database.unit(self.job.tenant_id) as unit:
            began = erasures.started_at(unit, self.job.import_job_id)
        running: list[UUID] = []
        for place, objects in self._groups():
            if any(map(self._names, objects)):
                running += self._let_go(place, objects, began)
            if not running:
                self._note(place)
        return running

    def alive(self) -> None:
        """Say that the search goes on. Raises FencedError where somebody else has taken it up."""
        if time.monotonic() - self._lived >= ALIVE_EVERY:
            self._touch()

    def _touch(self, searched: str | None = None) -> None:
        with self.context.database.unit(self.job.tenant_id) as unit:
            grace = self.context.grace(ChunkStage.PURGE)
            if not chunks.touch(unit, self.claim, grace=grace, progress=searched is not None):
                raise FencedError
            if searched is not None:
                jobs.set_option(unit, self.job.import_job_id, SEARCHED, searched)
        self._lived = time.monotonic()

    def _note(self, place: str) -> None:
        if time.monotonic() - self._noted >= NOTED_EVERY:
            self._touch(place)
            self._noted = time.monotonic()

    def _groups(self) -> Iterator[tuple[str, list[StoredObject]]]:
        """Yield the originals one by one, and the chunks of each job together, behind what was searched before."""
        searched = self.job.options.get(SEARCHED, "")
        for folder in (CHUNKS, FILES):
            there = self.context.store.listed(f"{folder}/{self.job.tenant_id}")
            for place, objects in groupby(there, lambda each: "/".join(each.key.split("/")[:3])):
                if place > searched:
                    yield place, list(objects)

    def _names(self, each: StoredObject) -> bool:
        self.alive()
        try:
            with self.context.store.open(each.key) as stream:
                most = self.context.settings.max_unpacked_bytes
                return names(stream, self.person, most=most, alive=self.alive)
        except FileNotFoundError:
            return False  # somebody else has deleted it

    def _let_go(self, place: str, objects: list[StoredObject], began: datetime) -> list[UUID]:
        """Have the files deleted, with all jobs that were made of them; returns those of these that must end first.

        A job that was asked for after the block was there has none of the person's rows, and looks after its files itself.
        """
        running: list[UUID] = []
        belong: list[UUID] = []

        def work(unit: Unit) -> list[ChunkRef]:
            chunk_job = job_of(objects[0])
            belong[:] = stored_files.of_file(unit, place) if chunk_job is None else [chunk_job]
            before = stored_files.made_until(unit, belong, began)
            running[:] = erasures.hold_jobs(unit, before) if before else []
            return []

        effects(self.context, self.claim, work)
        if belong:
            delete_files(self.context, self.job.tenant_id, alive=self.alive)
        else:  # of an upload that was killed before there was a job
            for each in objects:
                self.context.store.delete(each.key)
        return running
