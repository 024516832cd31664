-- What a job that has not ended waits for: who holds a chunk of it the longest, and how many others are hinted and not taken up,
-- due and not hinted for want of room, or resting until a moment. One job, or (none named) the oldest hundred of all.
select j.import_job_id, j.kind, j.stage, j.cancel_requested_at, j.pause_requested_at, j.failure_code, j.options -> 'waits_for' as jobs,
       b.paused as paused_jobs, p.name as paused_by, h.chunk_no, h.stage as held_stage, h.claimed_by, h.claimed_at, h.stage_attempts, h.last_error, h.halvings, h.ok_rows,
       c.held, c.hinted, c.hinted_since, c.due, c.due_since, c.later, c.later_until,
       r.chunk_no as resting_chunk, r.stage as resting_stage, r.due_at as resting_until, r.last_error as resting_error,
       clock_timestamp() as now, cast(current_setting('default_transaction_read_only') as boolean) or pg_is_in_recovery() as is_read_only
from mkt.import_jobs j
cross join lateral (
    -- Of a job that ends nobody takes up what a dead worker held: it is at work no more.
    select count(*) filter (where k.claimed_by is not null and (k.claimed_attempt is distinct from k.attempts
                                  or k.claimed_pid = any (array(select a.pid from pg_stat_activity a)))) as held,
           count(*) filter (where k.claimed_by is null and k.hinted_at is not null and (k.last_error is null or k.due_at <= clock_timestamp())) as hinted,
           min(k.hinted_at) filter (where k.claimed_by is null and k.hinted_at is not null) as hinted_since,
           count(*) filter (where k.claimed_by is null and k.hinted_at is null and k.due_at <= clock_timestamp()) as due,
           min(k.due_at) filter (where k.claimed_by is null and k.hinted_at is null) as due_since,
           count(*) filter (where k.claimed_by is null and k.hinted_at is null and k.due_at > clock_timestamp()) as later,
           min(k.due_at) filter (where k.claimed_by is null and k.due_at > clock_timestamp()) as later_until
    from mkt.import_chunks k
    where k.import_job_id = j.import_job_id and k.due_at is not null
) c
left join lateral (
    select k.* from mkt.import_chunks k
    where k.import_job_id = j.import_job_id and k.claimed_by is not null and k.due_at is not null
    order by k.claimed_at limit 1
) h on true
left join lateral (
    select k.* from mkt.import_chunks k
    where k.import_job_id = j.import_job_id and k.claimed_by is null and k.last_error is not null and k.due_at > clock_timestamp()
    order by k.due_at limit 1
) r on true
left join lateral (
    select u.name from audit.events e left join auth.users u on u.user_id = e.user_id
    where j.pause_requested_at is not null and e.tenant_id = j.tenant_id and e.subject = cast(j.import_job_id as text) and e.action = 'job_paused'
    order by e.event_id desc limit 1
) p on true
cross join lateral (
    select array(select cast(k.import_job_id as text) from mkt.import_jobs k
                 where k.tenant_id = j.tenant_id and k.finished_at is null and k.pause_requested_at is not null
                   and j.options -> 'waits_for' ? cast(k.import_job_id as text)
                 order by k.import_job_id) as paused
) b
where j.finished_at is null and (cast(:job as uuid) is null or j.import_job_id = :job)
order by j.import_job_id
limit 100
