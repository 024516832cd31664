"""Asking for a person to be erased (LGPD art. 18 VI): the block comes at once, the rest is a job.

The job and the block by keyed hash are one transaction. From its commit on the person receives nothing and comes in by no
file, whether the job has run or not.
"""

from __future__ import annotations

import hashlib
from typing import Final
from uuid import UUID

from db import audit, erasures, new_jobs
from db.chunks import ChunkRef
from db.new_jobs import NewJob
from db.statuses import JobKind
from db.unit import Unit
from pipeline import hash_keys
from pipeline.addresses import judge
from pipeline.context import Context
from pipeline.failpoints import failpoint
from pipeline.intake import Receipt
from pipeline.spellings import Spellings
from pipeline.stages.erase import ADDRESS

#: What an erasure is called where jobs are listed by their files.
FILE_NAME: Final = "-"
#: Erasures are told apart by whom they are about, which stands in the place of the file's hash; not by what was asked.
OPTIONS_HASH: Final = hashlib.sha256(b"erasure").hexdigest()


class NoAddressError(Exception):
    """The text is no address, so nobody is known by it."""


def ask(context: Context, tenant_id: UUID, user_id: UUID, written: str, reason: str) -> Receipt:
    """Block the person, and create the job that erases them; the job that is at it already is returned.

    Raises NoAddressError, pipeline.hash_keys.HashKeysRefusedError.
    """
    hash_keys.require(context, tenant_id)
    address = judge(written).normalized
    if address is None:
        raise NoAddressError
    person = Spellings.of(address)
    said = person.redacted(reason)

    def work(unit: Unit) -> tuple[UUID, ChunkRef | None]:
        key = erasures.block_key(unit, person.mailbox)
        if key is None:
            msg = "the keys were there a moment ago"
            raise LookupError(msg)
        known_as = key[0].hex()
        event = {"mailbox_hash": known_as, "key_version": key[1], "reason": said}
        if (running := erasures.running(unit, known_as)) is not None:
            audit.record(unit, action="erasure_requested", subject=str(running), user_id=user_id, details=event)
            return running, None
        options = {ADDRESS: address, "reason": said, "mailbox_hash": known_as, "key_version": key[1]}
        new = NewJob(
            kind=JobKind.ERASURE,
            audience_id=None,
            uploaded_by_user_id=user_id,
            request_id=None,
            file_name=FILE_NAME,
            file_hash=known_as,
            file_bytes=0,
            file_key="",
            options=options,
            options_hash=OPTIONS_HASH,
            chunk_rows=context.settings.chunk_rows,
        )
        # Whoever was erased before may have come back by a consent, and gone again.
        job_id, hint = new_jobs.create(unit, new, again=True, hints=context.hints)
        erasures.block(unit, key, job=job_id)
        audit.record(unit, action="erasure_requested", subject=str(job_id), user_id=user_id, details=event)
        return job_id, hint

    job_id, hint = context.database.in_unit(tenant_id, work)
    failpoint("erasure:committed")
    if hint is not None:
        context.dispatch([hint])
    return Receipt(job_id, reused=hint is None)
