"""The states of jobs and chunks, and the only moves between them.

The tables here are the specification: every edge carries the sentence that says who takes it and when. The one
function that writes a job's status is ``db.jobs.set_status``; the ones that write a chunk's stage are in
``db.chunks``. All of them put the old state in the WHERE, so a late or doubled caller changes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class JobStatus(StrEnum):
    """What an import job is to the outside: the five statuses of the platform."""

    QUEUED = "queued"  # set by intake; taken away by the first claim of its split, or by settle when cancelled before
    PROCESSING = "processing"  # set by the first claim, or by retry; taken away by settle alone
    DONE = "done"  # set by settle when every record is accounted for; final
    FAILED = "failed"  # set by settle when a chunk gave up or the job does not balance; taken away by retry
    CANCELLED = "cancelled"  # set by settle after a cancel request; final


#: Every allowed move of a job's status, with who makes it.
JOB_TRANSITIONS: Final[dict[tuple[JobStatus, JobStatus], str]] = {
    (JobStatus.QUEUED, JobStatus.PROCESSING): "the first claim of the split chunk: a worker has begun",
    (JobStatus.QUEUED, JobStatus.CANCELLED): "settle: cancel was asked for before any worker began",
    (JobStatus.PROCESSING, JobStatus.DONE): "settle: all chunks are done and the totals balance",
    (
        JobStatus.PROCESSING,
        JobStatus.FAILED,
    ): "settle: a chunk gave up, the file is unusable, or the totals do not balance",
    (
        JobStatus.PROCESSING,
        JobStatus.CANCELLED,
    ): "settle: cancel was asked for and no chunk is being worked on any more",
    (JobStatus.FAILED, JobStatus.PROCESSING): "retry: an operator asked for what failed to be tried again",
}

#: Statuses in which nothing more happens by itself; such a job has ``finished_at``.
FINISHED_STATUSES: Final = frozenset({JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED})


class JobKind(StrEnum):
    """What a job does with its file; set by intake, never changed."""

    IMPORT = "import"  # rows become contacts of an audience
    DRY_RUN = "dry_run"  # the same, but for the effects: what would come of it is counted
    CORRECTION = "correction"  # rows of another job again, under mended addresses; the contacts they came from leave


class ChunkKind(StrEnum):
    """What a chunk is a unit of. One mechanism gives all four attempts, fences, hints and barriers."""

    SPLIT = "split"  # the one sequential pass over the file; chunk 0 of every job
    MARK = "mark"  # the barrier: finds the first row of every address; chunk 1
    SETTLE = "settle"  # the end: checks the balance and writes the job's last status; chunk 2
    ROWS = "rows"  # some thousand consecutive records of the file; chunks 3 and up, in file order


class ChunkStage(StrEnum):
    """The work that a chunk is due for next (not the work that it had last)."""

    WAITING = "waiting"  # mark, settle: set by intake; taken away by the last chunk of the step before
    SPLIT = "split"  # split: set by intake; taken away when the last record was cut into a chunk
    PARSE = "parse"  # rows: set by split; taken away when its ImportRows are written
    PARSED = "parsed"  # rows: set by parse; taken away by mark, for all chunks of the job at once
    MARK = "mark"  # mark: set when split is done and every rows chunk is parsed; taken away by mark
    UPSERT = "upsert"  # rows: set by mark; taken away when its contacts exist
    LINK = "link"  # rows: set by upsert; taken away when its contacts are in the audience
    VALIDATE = "validate"  # rows: set by link; taken away when each of its contacts has a verdict
    SETTLE = "settle"  # settle: set when every rows chunk is done, or the job fails or is cancelled
    DONE = "done"  # final, but for settle's own chunk when a failed job is retried


#: Every allowed move of a chunk's stage, by kind, with who makes it.
CHUNK_TRANSITIONS: Final[dict[ChunkKind, dict[tuple[ChunkStage, ChunkStage], str]]] = {
    ChunkKind.SPLIT: {
        (ChunkStage.SPLIT, ChunkStage.DONE): "split: the last chunk of the file is stored",
    },
    ChunkKind.ROWS: {
        (ChunkStage.PARSE, ChunkStage.PARSED): "parse: the chunk's ImportRows are written",
        (ChunkStage.PARSED, ChunkStage.UPSERT): "mark: duplicates are known in the whole file",
        (ChunkStage.UPSERT, ChunkStage.LINK): "upsert: the chunk's contacts are created, updated or found unchanged",
        (ChunkStage.LINK, ChunkStage.VALIDATE): "link: the chunk's contacts are in the audience",
        (ChunkStage.LINK, ChunkStage.DONE): "link, in a dry run: there is nothing to validate",
        (ChunkStage.VALIDATE, ChunkStage.DONE): "validate: each of the chunk's contacts has a verdict",
    },
    ChunkKind.MARK: {
        (ChunkStage.WAITING, ChunkStage.MARK): "split or parse, whichever ends last",
        (ChunkStage.MARK, ChunkStage.DONE): "mark: every duplicate points at its first row",
    },
    ChunkKind.SETTLE: {
        (ChunkStage.WAITING, ChunkStage.SETTLE): "the last validate, a chunk that gave up, or a cancel request",
        (ChunkStage.SETTLE, ChunkStage.DONE): "settle: the job has its last status",
        (ChunkStage.DONE, ChunkStage.WAITING): "retry: the job goes on, so it must be settled again",
    },
}

#: Stages in which a chunk has nothing to do until another one moves it.
IDLE_STAGES: Final = frozenset({ChunkStage.WAITING, ChunkStage.PARSED, ChunkStage.DONE})

#: Numbers of the chunks that every job has; rows chunks follow.
SPLIT_CHUNK: Final = 0
MARK_CHUNK: Final = 1
SETTLE_CHUNK: Final = 2
FIRST_ROWS_CHUNK: Final = 3


class AudienceStatus(StrEnum):
    """Whether an audience can be used."""

    ACTIVE = "active"  # set on creation and by reactivate; taken away by archive
    ARCHIVED = "archived"  # set by archive; taken away by reactivate; takes no import and no campaign


class ParseStatus(StrEnum):
    """Whether the row's text holds an address; written once, by parse."""

    OK = "ok"
    ERROR = "error"


class ContactChange(StrEnum):
    """What an import did to a contact; a contact without an entry was left as it was."""

    CREATED = "created"  # set by upsert; there is no before-image
    UPDATED = "updated"  # set by upsert, with the values before


class OptOutKind(StrEnum):
    """In what way a person is opted out, by a file or by the platform; only ever added, by an operation of its own lifted."""

    UNSUBSCRIBE = "unsubscribe"  # asked not to be written to
    BOUNCE = "bounce"  # the mailbox does not exist
    COMPLAINT = "complaint"  # called a message spam


class DeliveryKind(StrEnum):
    """What the platform heard of a message; told once, never changed."""

    DELIVERED = "delivered"  # the receiving server took it
    BOUNCE_HARD = "bounce_hard"  # the mailbox does not exist: becomes a suppression
    BOUNCE_SOFT = "bounce_soft"  # not this time: a full mailbox is no opt-out
    COMPLAINT = "complaint"  # the receiver called it spam: becomes a suppression


class OverrideDecision(StrEnum):
    """What a tenant decided about an address or a domain; set by `mkt verdict allow|deny`, taken away by `mkt verdict forget`."""

    ALLOW = "allow"  # lifts `risky`, never `invalid`, a bounce or an opt-out
    DENY = "deny"  # wins over everything


class VerdictStatus(StrEnum):
    """Whether an address should be used. Set by validate and re-validation, replaced by the next judgement."""

    VALID = "valid"
    INVALID = "invalid"
    RISKY = "risky"
    UNKNOWN = "unknown"


class OnExisting(StrEnum):
    """The job's policy for contacts that are there already."""

    FILL = "fill"  # fills what is empty; a different non-empty value changes nothing
    OVERWRITE = "overwrite"  # non-empty cells replace; an empty cell never clears
    SKIP = "skip"  # existing contacts stay as they are


class FieldPolicy(StrEnum):
    """The job's policy for one field of contacts that are there already; without one, that of the job."""

    KEEP = "keep"  # what is there stays, also if it is empty
    FILL = "fill"
    OVERWRITE = "overwrite"


class Duplicates(StrEnum):
    """Which row of an address in the file is the contact's; the others are duplicates of it."""

    FIRST = "first"
    LAST = "last"
    MERGE = "merge"  # the first, with every field that it lacks from the first row that has it
