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
    SUPPRESSION = "suppression"  # rows become opt-outs, and nothing else
    SEND = (
        "send"  # has no file: the people whom a campaign chose are judged, and messages made for those who may receive
    )
    ERASURE = "erasure"  # has no file: every trace of one person goes, but for a keyed hash


#: Kinds of jobs that work on a file; the others were asked for in their options alone.
FILE_KINDS: Final = frozenset({JobKind.IMPORT, JobKind.DRY_RUN, JobKind.CORRECTION, JobKind.SUPPRESSION})
#: Kinds of jobs that belong to an audience; a suppression may, and then holds for that audience alone.
AUDIENCE_KINDS: Final = frozenset({JobKind.IMPORT, JobKind.DRY_RUN, JobKind.CORRECTION})


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
    ERASE = "erase"  # split, of an erasure: set when it is asked for; taken away when the database holds no trace of the person
    PURGE = "purge"  # split, of an erasure: set by erase; taken away when the files that held the person are deleted
    SETTLE = "settle"  # settle: set when every rows chunk is done, or the job fails or is cancelled
    DONE = "done"  # final, but for settle's own chunk when a failed job is retried


#: Every allowed move of a chunk's stage, by kind, with who makes it.
CHUNK_TRANSITIONS: Final[dict[ChunkKind, dict[tuple[ChunkStage, ChunkStage], str]]] = {
    ChunkKind.SPLIT: {
        (ChunkStage.SPLIT, ChunkStage.DONE): "split: the last chunk of the file is stored",
        (ChunkStage.PLAN, ChunkStage.DONE): "plan: everybody whom the campaign chose stands in a chunk",
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
OPENINGS: Final = {JobKind.SEND: ChunkStage.PLAN, JobKind.ERASURE: ChunkStage.ERASE}

#: Numbers of the chunks that every job has; rows chunks follow.
SPLIT_CHUNK: Final = 0
MARK_CHUNK: Final = 1
SETTLE_CHUNK: Final = 2
FIRST_ROWS_CHUNK: Final = 3
#: Rows chunks that come of halving another one are numbered from here: behind all that a split can still add.
FIRST_HALF: Final = 1_000_000_000


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
    MANUAL = "manual"  # somebody of the tenant decided so
    ERASURE = "erasure"  # asked to be forgotten (LGPD art. 18); known by a keyed hash alone


class LiftedAs(StrEnum):
    """Why an opt-out holds no longer; set once, with evidence, never taken away: what was said stays on record."""

    RECONSENT = "reconsent"  # set by `mkt suppress lift`: the person agreed anew
    RETRACTED = "retracted"  # set by `mkt suppress retract`: the job that said so was wrong


class LegalBasis(StrEnum):
    """On what grounds a person may be written to: the words of the LGPD, art. 7 (I to X). Set with the membership."""

    CONSENT = "consentimento"  # I
    LEGAL_OBLIGATION = "obrigacao_legal"  # II
    PUBLIC_POLICY = "politica_publica"  # III
    RESEARCH = "pesquisa"  # IV
    CONTRACT = "execucao_de_contrato"  # V
    LEGAL_CLAIMS = "exercicio_de_direitos"  # VI
    PROTECTION_OF_LIFE = "protecao_da_vida"  # VII
    HEALTH = "tutela_da_saude"  # VIII
    LEGITIMATE_INTEREST = "legitimo_interesse"  # IX
    CREDIT = "protecao_do_credito"  # X
    NOT_STATED = "nao_informada"  # nobody said; taken away by the first import that does


class ConsentSource(StrEnum):
    """Where the tenant has the address from. Set with the membership; free words of a file stay in its evidence."""

    WEB_FORM = "web_form"  # the person entered it on a page of the tenant's
    EVENT = "event"
    CUSTOMER = "customer"  # bought something
    REFERRAL = "referral"  # somebody else named the person
    PARTNER = "partner"  # another company handed it over, with the person's knowledge
    PURCHASED = "purchased"  # a list that was bought
    PUBLIC = "public"  # found where everybody can read it
    OTHER = "other"


class CampaignOutcome(StrEnum):
    """What became of a person whom a campaign chose."""

    PLANNED = "planned"  # set by plan; taken away by send
    RECIPIENT = "recipient"  # set by send, with the message; final
    EXCLUDED = "excluded"  # set by send, with the rule; final


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
