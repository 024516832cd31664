"""Sends: whom a campaign chose is frozen once, judged chunk by chunk, and each recipient has one message of it, ever.

Two locks of the database keep the promises. Whoever asks for a send, or freezes its people, holds the campaign; whoever judges
people holds the tenant's opt-outs, shared: they are added and lifted by those alone who hold them exclusively (`db.opt_outs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from db.chunks import Claim
from db.contact_turns import share_contacts
from db.faults import see_written
from db.jobs import Job
from db.statements import statement
from db.statuses import FIRST_ROWS_CHUNK, AudienceStatus, JobStatus
from db.unit import Unit

#: The option of a job that has the number of chunks into which its campaign's mailboxes were dealt.
DEALT = "dealt"


@dataclass(frozen=True)
class LastSend:
    """The one job of a campaign that is under way, has failed or is done: the database knows no second one."""

    import_job_id: UUID
    status: JobStatus
    is_ending: bool  # somebody asked for its end, or it fails


@dataclass(frozen=True)
class Frozen:
    """What plan has written down: how many people, in how many chunks; and the number by which mailboxes were dealt."""

    people: int
    chunks: int
    dealt: int


@dataclass(frozen=True)
class Sent:
    """What became of the people of a send; ``planned``: nothing yet, or (it was cancelled, or failed) nothing by this job."""

    recipients: int
    excluded: int
    planned: int
    exclusions: dict[str, int]
    reasons: dict[str, dict[str, int]]


def hold(unit: Unit, cid: UUID) -> None:
    """Let nobody else ask for a send of the campaign, or freeze its people, until the unit ends."""
    unit.execute("select pg_advisory_xact_lock(hashtext('mkt.campaign'), hashtext(:cid))", {"cid": str(cid)})


def campaign_name(unit: Unit, cid: UUID) -> str | None:
    """Return what the tenant's campaign is called; None: it has none of that id."""
    return unit.execute("select name from mtrk.campanhas where cid = :cid", {"cid": cid}).scalar_one_or_none()


def last_send(unit: Unit, cid: UUID) -> LastSend | None:
    """Return the campaign's job, unless there was none or only such as were cancelled."""
    row = unit.execute(
        "select import_job_id, status, cancel_requested_at is not null or failure_code is not null as is_ending"
        " from mkt.import_jobs where kind = 'send' and cid = :cid and status <> 'cancelled'",
        {"cid": cid},
    ).one_or_none()
    return None if row is None else LastSend(row[0], JobStatus(row[1]), row[2])


def messages(unit: Unit, cid: UUID) -> int:
    """Return how many messages the campaign has, of all its sends."""
    return int(unit.execute("select count(*) from mtrk.mensagens where cid = :cid", {"cid": cid}).scalar_one())


def chosen(unit: Unit, cid: UUID) -> list[AudienceStatus]:
    """Return the states of the audiences that the campaign chose."""
    found = unit.execute(
        "select a.status from mkt.campaign_audiences u join mkt.audiences a using (audience_id)"
        " where u.cid = :cid and not u.excluded",
        {"cid": cid},
    )
    return [AudienceStatus(row[0]) for row in found]


def chooses_anybody(unit: Unit, cid: UUID) -> bool:
    """Whether there is somebody whom the campaign chose, now or in a send before."""
    return bool(unit.execute(statement("chooses_anybody"), {"cid": cid}).scalar_one())


def is_unchecked(unit: Unit, cid: UUID) -> bool:
    """Whether nobody has looked yet at the address of somebody whom the campaign chose."""
    return bool(unit.execute(f"select exists ({statement('unchecked_people')})", {"cid": cid}).scalar_one())


def unchecked(unit: Unit, cid: UUID) -> int:
    """Return how many of those whom the campaign chose have an address that nobody has looked at yet."""
    return int(
        unit.execute(
            f"select count(distinct p.rid) from ({statement('unchecked_people')}) p", {"cid": cid}
        ).scalar_one()
    )


def freeze_policy(unit: Unit, cid: UUID) -> None:
    """Make what holds for the campaign now its own choice: all its people are judged alike, whatever the tenant chooses meanwhile."""
    unit.execute(
        "insert into mkt.campaign_policies (cid, tenant_id, policy) values (:cid, :tenant, mkt.campaign_policy(:cid))"
        " on conflict (cid) do update set policy = excluded.policy",
        {"cid": cid, "tenant": unit.tenant_id},
    )


def freeze(unit: Unit, job: Job, cid: UUID) -> Frozen:
    """Write down everybody whom the campaign chose and about whom nothing is decided, and the chunks that judge them.

    The caller holds the campaign and the job's first chunk. Nobody of them is taken away by an undo meanwhile, nor afterwards.
    """
    share_contacts(unit)
    row = unit.execute(
        statement("freeze_campaign"),
        {
            "tenant": unit.tenant_id, "job": job.import_job_id, "cid": cid, "chunk_rows": job.chunk_rows,
            "first": FIRST_ROWS_CHUNK, "dealt": _dealt_before(unit, cid),
        },
    ).one()  # fmt: skip
    return Frozen(row.people, row.chunks, row.dealt)


def _dealt_before(unit: Unit, cid: UUID) -> int | None:
    """Return into how many chunks the last send that has frozen people of the campaign dealt its mailboxes."""
    return unit.execute(
        f"select cast(options ->> '{DEALT}' as int) from mkt.import_jobs where kind = 'send' and cid = :cid and options ? '{DEALT}'"
        " order by import_job_id desc limit 1",
        {"cid": cid},
    ).scalar_one_or_none()


def heed_opt_outs(unit: Unit, cid: UUID) -> None:
    """Have nobody add or lift an opt-out of the tenant until the unit ends; other chunks may be judged meanwhile.

    An opt-out is then committed before the people are judged, and obeyed, or after their messages are: never in between. What is
    judged must be read by a later statement. Where messages are counted, chunks of the tenant's campaigns take turns, or two
    of them would not see each other's.
    """
    tenant = {"tenant": str(unit.tenant_id)}
    unit.execute("select pg_advisory_xact_lock_shared(hashtext('mkt.opt_outs'), hashtext(:tenant))", tenant)
    unit.execute(
        "select pg_advisory_xact_lock(hashtext('mkt.frequency'), hashtext(:tenant))"
        " where jsonb_typeof(mkt.campaign_policy(:cid) -> 'frequency_cap') = 'object'",
        {**tenant, "cid": cid},
    )


class UnaccountedError(Exception):
    """Somebody of a chunk would have no outcome: nothing of it may be written."""


def send(unit: Unit, claim: Claim, cid: UUID) -> tuple[int, int]:
    """Judge the people of a chunk as of now and make the messages; returns (recipients, excluded).

    The caller heeds opt-outs. Raises UnaccountedError and PassedOverError.
    """
    # Some thousand rows of large tables by their keys, as everywhere; but they are then compared with one another, and that one
    # by one is quadratic (measured: two minutes were not enough for 5,000 people).
    unit.execute("select set_config('enable_seqscan', 'off', true), set_config('enable_mergejoin', 'off', true)")
    job, chunk_no = claim.ref.import_job_id, claim.ref.chunk_no
    earlier = _chunks_of_earlier_sends(unit, cid, job, chunk_no)
    row = unit.execute(
        statement("send_chunk"),
        {
            "tenant": unit.tenant_id, "cid": cid, "job": job, "chunk_no": chunk_no,
            "earlier_jobs": [each[0] for each in earlier], "earlier_chunks": [each[1] for each in earlier],
        },
    ).one()  # fmt: skip
    if row.messages < row.recipients:
        # Others may have a message that another module made; who has none then is kept from it.
        made = unit.execute(statement("messages_of_chunk"), {"cid": cid, "job": job, "chunk_no": chunk_no}).scalar_one()
        see_written("mtrk.mensagens", asked=row.recipients, written=made)
    people = claim.last_row - claim.first_row + 1
    if not people == row.people == row.judged == row.decided:
        msg = f"of {people} people {row.people} are planned, {row.judged} were judged and {row.decided} have an outcome"
        raise UnaccountedError(msg)
    return row.recipients, row.judged - row.recipients


def _chunks_of_earlier_sends(unit: Unit, cid: UUID, job: UUID, chunk_no: int) -> Sequence[tuple[UUID, int]]:
    """Return the chunks of cancelled sends of the campaign that had the mailboxes of this one."""
    found = unit.execute(
        f"select import_job_id, {FIRST_ROWS_CHUNK} + cast(:seat as int) % cast(options ->> '{DEALT}' as int)"
        f" from mkt.import_jobs where kind = 'send' and cid = :cid and import_job_id < :job and options ? '{DEALT}'",
        {"cid": cid, "job": job, "seat": chunk_no - FIRST_ROWS_CHUNK},
    )
    return [(row[0], row[1]) for row in found]


def imbalance(unit: Unit, job: Job) -> str | None:
    """Return what does not add up in a send whose chunks are all done; None: everybody is accounted for."""
    row = unit.execute(statement("account_for_send"), {"job": job.import_job_id}).one()
    if row.decided == job.total_rows == job.records_seen and row.messages == row.recipients == row.ok_rows:
        return None
    return (
        f"the campaign chose {job.records_seen} people, {row.decided} were decided about, the chunks count {job.total_rows};"
        f" {row.recipients} are recipients, {row.messages} of them have a message, the chunks count {row.ok_rows}"
    )


def sent(unit: Unit, import_job_id: UUID) -> Sent:
    """Return what became of the people of a send, by rule and reason, the most frequent first."""
    by_outcome = {"recipient": 0, "excluded": 0, "planned": 0}
    exclusions: dict[str, int] = {}
    reasons: dict[str, dict[str, int]] = {}
    found = unit.execute(
        "select outcome, rule, reason, count(*) as people from mkt.campaign_contacts where import_job_id = :job"
        " group by 1, 2, 3 order by 4 desc, 2, 3",
        {"job": import_job_id},
    )
    for outcome, rule, reason, people in found:
        by_outcome[outcome] += people
        if rule is not None:
            exclusions[rule] = exclusions.get(rule, 0) + people
        if reason is not None:
            reasons.setdefault(rule, {})[reason] = people
    exclusions = dict(sorted(exclusions.items(), key=lambda item: (-item[1], item[0])))
    return Sent(by_outcome["recipient"], by_outcome["excluded"], by_outcome["planned"], exclusions, reasons)
