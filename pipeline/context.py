"""What every stage works with: the database, the file store, DNS, the way to send hints, and the policies."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from config import hash_keys
from config.endpoints import reader_database_url, store_url, worker_database_url
from config.hash_keys import HashKeys
from config.settings import Settings
from db import windows
from db.chunks import ChunkRef, HintPolicy
from db.statuses import ChunkStage
from db.unit import Database, Unit, database_clock
from pipeline.domains import DomainDesk
from pipeline.giving_way import YOUNG, Courtesy
from pipeline.limits import LIMITS
from pipeline.reading import UnpackLimits
from pipeline.store import FileStore

#: Sends hints. Called after the commit; a hint that is lost is sent again by the sweep, so it must not raise.
Dispatch = Callable[[Sequence[ChunkRef]], None]
#: Says what time it is for verdicts: when they were made, how old evidence is, and what is due.
Clock = Callable[[Unit], datetime]


def nobody(_: Sequence[ChunkRef]) -> None:
    """Send no hints: the sweep will find what is due."""


@dataclass(frozen=True)
class Context:
    """The tools of one process. Nothing in it may be used on the other side of a fork."""

    settings: Settings
    database: Database
    store: FileStore
    dispatch: Dispatch = nobody
    domains: DomainDesk | None = None
    clock: Clock = database_clock
    keys: HashKeys | None = None  # that mailboxes are hashed with; None: there is no key file
    worker: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    courtesy: Courtesy = field(default_factory=Courtesy)

    @property
    def hints(self) -> HintPolicy:
        """How hints are paced."""
        return HintPolicy(self.settings.tenant_window, self.settings.hint_delay, self.settings.hint_delay_max)

    @property
    def unpack_limits(self) -> UnpackLimits:
        """How much may come out of a compressed file."""
        return UnpackLimits(self.settings.max_unpacked_bytes, self.settings.max_unpack_ratio)

    def grace(self, stage: ChunkStage) -> float:
        """Return after how many seconds of silence a claimed chunk of this stage is believed abandoned."""
        return self.settings.claim_grace * LIMITS[stage].patience

    def give_way(self, import_job_id: UUID) -> None:
        """Wait before a step of the job, if it is a large one, while small ones are at work; not so long that it would seem dead."""

        def is_needed() -> bool:
            with self.database.unit(None) as unit:
                return windows.gives_way(unit, import_job_id, young=YOUNG)

        self.courtesy.give_way(is_needed, longest=min(self.settings.give_way, self.settings.claim_grace))


def make_context(settings: Settings, dispatch: Dispatch = nobody, domains: DomainDesk | None = None) -> Context:
    """Make the tools of this process from its settings; connections open at first use. Raises HashKeysError."""
    keys = hash_keys.read(settings)
    return Context(
        settings=settings,
        database=Database(
            worker_database_url(settings),
            reader_database_url(settings),
            idle_limit=settings.idle_transaction_limit,
            hash_secrets=keys.as_setting() if keys else "",
        ),
        store=FileStore(store_url(settings), s3_endpoint=settings.s3_endpoint),
        dispatch=dispatch,
        domains=domains,
        keys=keys,
    )
