-- Hinted before, due again, and not locked: the message was lost, or the worker is silent. Or claimed by a session that is gone: its
-- worker died, and needs no patience. A chunk that a worker is busy with is locked and skipped.
-- Nobody has taken what only waits in the broker: of that, no more is sent again than may be missing there. Hints of small jobs are not
-- spared: they may stand in a queue that nobody reads (decision 26), and are few. Nor is what somebody has begun: its hint went ahead of
-- all that waits, and is silent because it died with whoever was taking it.
with waiting as materialized (
    select c.import_job_id, c.chunk_no
    from mkt.import_chunks c
    join mkt.import_jobs j using (import_job_id)
    where cast(:lost as bigint) is not null and j.lane is distinct from 'express' and c.claimed_by is null and c.stage_attempts = 0
      and c.hinted_at > clock_timestamp() - make_interval(secs => :delay_max) and c.due_at <= clock_timestamp()
    order by c.due_at
    offset coalesce(cast(:lost as bigint), 0)
),
silent as (
    select c.import_job_id, c.chunk_no, h.is_abandoned
    from mkt.import_chunks c
    join mkt.import_jobs j using (import_job_id)
    cross join lateral (
        select c.claimed_by is not null and c.claimed_attempt is not distinct from c.attempts
               -- No session outlives a restart of the server; the workers do.
               and c.claimed_at > pg_postmaster_start_time()
               and c.claimed_pid <> all (array(select a.pid from pg_stat_activity a)) as is_abandoned
    ) h
    where c.due_at is not null
      and (c.due_at <= clock_timestamp() and c.hinted_at is not null or c.claimed_by is not null and h.is_abandoned)
      and j.status in ('queued', 'processing')
      and (c.import_job_id, c.chunk_no) not in (select w.import_job_id, w.chunk_no from waiting w)
      and (c.kind = 'settle' or (j.cancel_requested_at is null and j.pause_requested_at is null and j.failure_code is null))
    order by c.due_at
    limit :window
    for update of c skip locked
)
update mkt.import_chunks c
set hinted_at = now(),
    -- Whoever claimed it had its message: what is sent now is the first of a new attempt.
    hints = case when s.is_abandoned then 1 else c.hints + 1 end,
    due_at = clock_timestamp() + make_interval(secs => case when s.is_abandoned then :delay
                                                       else least(:delay * power(2, least(c.hints, 20)), :delay_max) end),
    claimed_by = case when s.is_abandoned then null else c.claimed_by end,
    claimed_at = case when s.is_abandoned then null else c.claimed_at end,
    last_error = case when s.is_abandoned then format('WorkerLost: %s ended in the middle of its work', c.claimed_by) else c.last_error end
from silent s
where c.import_job_id = s.import_job_id and c.chunk_no = s.chunk_no
returning c.import_job_id, c.chunk_no, c.stage, c.attempts, s.is_abandoned
