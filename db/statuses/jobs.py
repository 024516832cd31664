"""The states of jobs, and the only moves between them. The one function that writes a job's status is ``db.jobs.set_status``."""

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


class Course(StrEnum):
    """Whether a job gives its chunks out. No column: it follows from what was asked of the job and became of it (`Job.course`)."""

    GOING = "going"  # from intake, resume or retry on
    PAUSED = "paused"  # from pause on: `pause_requested_at`; its chunks stand in no window
    ENDING = (
        "ending"  # from cancel, or a chunk that gave up, on: `cancel_requested_at`, `failure_code`; only settle is left
    )
    ENDED = "ended"  # from settle on: the status is final, but that a failed job can be retried


#: Every move of a job's course, with who makes it; what is not here is refused.
COURSES: Final[dict[tuple[Course, Course], str]] = {
    (
        Course.GOING,
        Course.PAUSED,
    ): "pause: what is being worked on goes to the end of its stage, a split to the end of its chunk",
    (Course.PAUSED, Course.GOING): "resume: what became due meanwhile is due now, within the window",
    (Course.GOING, Course.ENDING): "cancel, or a chunk that gave up",
    (Course.PAUSED, Course.ENDING): "cancel, or a chunk that was at work when the pause came and gave up",
    (
        Course.ENDING,
        Course.ENDED,
    ): "settle: cancelled or failed; done, where the last chunk was quicker than the cancel",
    (Course.GOING, Course.ENDED): "settle: all chunks are done",
    (
        Course.PAUSED,
        Course.ENDED,
    ): "settle: the last chunk was at work when the pause came, so there was nothing left to rest from",
    (
        Course.ENDED,
        Course.GOING,
    ): "retry, of a failed job: only what failed or never ran, from the stage where it stood",
}


class JobKind(StrEnum):
    """What a job does with its file; set by intake, never changed."""

    IMPORT = "import"  # rows become contacts of an audience
    DRY_RUN = "dry_run"  # the same, but for the effects: what would come of it is counted
    CORRECTION = "correction"  # rows of another job again, under mended addresses; the contacts they came from leave
    SUPPRESSION = "suppression"  # rows become opt-outs, and nothing else
    SEND = (
        "send"  # has no file: the people whom a campaign chose are judged, and messages made for those who may receive
    )
    ERASURE = "erasure"  # has no file: every trace of one person goes, but for a keyed hash
    UNDO = "undo"  # has no file: what its parent, an import or a correction, did is taken back where nobody built on it


#: Kinds of jobs that work on a file; the others were asked for in their options alone.
FILE_KINDS: Final = frozenset({JobKind.IMPORT, JobKind.DRY_RUN, JobKind.CORRECTION, JobKind.SUPPRESSION})
#: Kinds of jobs that belong to an audience; a suppression may, and then holds for that audience alone.
AUDIENCE_KINDS: Final = frozenset({JobKind.IMPORT, JobKind.DRY_RUN, JobKind.CORRECTION})


class Lane(StrEnum):
    """Which queue a job stands in, by its size. Set by intake from the bytes of the file; none: bulk."""

    EXPRESS = "express"  # small: overtakes, in a queue that no large job is in; taken away by split, where it turns out larger
    BULK = "bulk"  # set by intake or split; never taken away
