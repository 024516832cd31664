"""The stages of chunks, and the only moves between them. The functions that write a chunk's stage are in ``db.chunks``."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from db.statuses.jobs import JobKind


class ChunkKind(StrEnum):
    """What a chunk is a unit of. One mechanism gives all four attempts, fences, hints and barriers."""

    SPLIT = "split"  # what opens the job: the one sequential pass over its file, or over whom it is about; chunk 0 of every job
    MARK = (
        "mark"  # the barrier: finds the first row of every address; chunk 1; done from the start where there is no file
    )
    SETTLE = "settle"  # the end: checks the balance and writes the job's last status; chunk 2
    ROWS = "rows"  # some thousand consecutive records of the file, or people of a campaign; chunks 3 and up, in their order


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
    PLAN = "plan"  # split, of a send: set when it is asked for; taken away when everybody it is about stands in a chunk
    SEND = "send"  # rows, of a send: set by plan; taken away when each of its people has a message or an exclusion
    DEAL = "deal"  # split, of an undo: set when it is asked for; taken away when everybody whom the import touched stands in a chunk
    UNDO = "undo"  # rows, of an undo: set by deal; taken away when each thing that the import did there is taken back, or kept with a reason
    ERASE = "erase"  # split, of an erasure: set when it is asked for; taken away when the database holds no trace of the person
    PURGE = "purge"  # split, of an erasure: set by erase; taken away when the files that held the person are deleted
    SETTLE = "settle"  # settle: set when every rows chunk is done, or the job fails or is cancelled
    DONE = "done"  # final, but for settle's own chunk when a failed job is retried


#: Every allowed move of a chunk's stage, by kind, with who makes it.
CHUNK_TRANSITIONS: Final[dict[ChunkKind, dict[tuple[ChunkStage, ChunkStage], str]]] = {
    ChunkKind.SPLIT: {
        (ChunkStage.SPLIT, ChunkStage.DONE): "split: the last chunk of the file is stored",
        (ChunkStage.PLAN, ChunkStage.DONE): "plan: everybody whom the campaign chose stands in a chunk",
        (ChunkStage.DEAL, ChunkStage.DONE): "deal: everybody whom the import touched stands in a chunk",
        (ChunkStage.ERASE, ChunkStage.PURGE): "erase: the database holds no trace of the person any more",
        (ChunkStage.PURGE, ChunkStage.DONE): "purge: the files that held the person are deleted",
    },
    ChunkKind.ROWS: {
        (ChunkStage.PARSE, ChunkStage.PARSED): "parse: the chunk's ImportRows are written",
        (ChunkStage.PARSED, ChunkStage.UPSERT): "mark: duplicates are known in the whole file",
        (ChunkStage.PARSED, ChunkStage.DONE): "mark, in a suppression: the opt-outs of the whole file are taken in",
        (ChunkStage.UPSERT, ChunkStage.LINK): "upsert: the chunk's contacts are created, updated or found unchanged",
        (ChunkStage.LINK, ChunkStage.VALIDATE): "link: the chunk's contacts are in the audience",
        (ChunkStage.LINK, ChunkStage.DONE): "link, in a dry run: there is nothing to validate",
        (ChunkStage.VALIDATE, ChunkStage.DONE): "validate: each of the chunk's contacts has a verdict",
        (ChunkStage.SEND, ChunkStage.DONE): "send: each of the chunk's people has a message or an exclusion",
        (
            ChunkStage.UNDO,
            ChunkStage.DONE,
        ): "undo: each thing that the import did there is taken back, or kept with a reason",
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

#: What the first chunk of a job is due for; of one that has a file, to be split.
OPENINGS: Final = {
    JobKind.SEND: ChunkStage.PLAN,
    JobKind.ERASURE: ChunkStage.ERASE,
    JobKind.UNDO: ChunkStage.DEAL,
}

#: Numbers of the chunks that every job has; rows chunks follow.
SPLIT_CHUNK: Final = 0
MARK_CHUNK: Final = 1
SETTLE_CHUNK: Final = 2
FIRST_ROWS_CHUNK: Final = 3
#: Rows chunks that come of halving another one are numbered from here: behind all that a split can still add.
FIRST_HALF: Final = 1_000_000_000
