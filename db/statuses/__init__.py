"""Closed sets of words that stand in the database, and the only moves between states, one module per family.

The tables of moves are the specification: every edge carries the sentence that says who takes it and when. Whoever writes a state
puts the old one in the WHERE, so a late or doubled caller changes nothing.
"""

from db.statuses.campaigns import AudienceStatus, CampaignOutcome
from db.statuses.chunks import (
    CHUNK_TRANSITIONS,
    FIRST_HALF,
    FIRST_ROWS_CHUNK,
    IDLE_STAGES,
    MARK_CHUNK,
    OPENINGS,
    SETTLE_CHUNK,
    SPLIT_CHUNK,
    ChunkKind,
    ChunkStage,
)
from db.statuses.imports import ContactChange, Duplicates, FieldPolicy, OnExisting, ParseStatus
from db.statuses.jobs import (
    AUDIENCE_KINDS,
    COURSES,
    FILE_KINDS,
    FINISHED_STATUSES,
    JOB_TRANSITIONS,
    Course,
    JobKind,
    JobStatus,
    Lane,
)
from db.statuses.people import (
    ConsentSource,
    DeliveryKind,
    LegalBasis,
    LiftedAs,
    OptOutKind,
    OverrideDecision,
    VerdictStatus,
)
from db.statuses.undo import UndoOutcome, UndoReason, UndoThing

__all__ = [
    "AUDIENCE_KINDS",
    "CHUNK_TRANSITIONS",
    "COURSES",
    "FILE_KINDS",
    "FINISHED_STATUSES",
    "FIRST_HALF",
    "FIRST_ROWS_CHUNK",
    "IDLE_STAGES",
    "JOB_TRANSITIONS",
    "MARK_CHUNK",
    "OPENINGS",
    "SETTLE_CHUNK",
    "SPLIT_CHUNK",
    "AudienceStatus",
    "CampaignOutcome",
    "ChunkKind",
    "ChunkStage",
    "ConsentSource",
    "ContactChange",
    "Course",
    "DeliveryKind",
    "Duplicates",
    "FieldPolicy",
    "JobKind",
    "JobStatus",
    "Lane",
    "LegalBasis",
    "LiftedAs",
    "OnExisting",
    "OptOutKind",
    "OverrideDecision",
    "ParseStatus",
    "UndoOutcome",
    "UndoReason",
    "UndoThing",
    "VerdictStatus",
]
