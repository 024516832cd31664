-- One claim: a chunk that is still at this stage and attempt, that nobody has locked, of a job that gives work out.
with target as (
    select c.import_job_id, c.chunk_no
    from mkt.import_chunks c
    where c.import_job_id = :job and c.chunk_no = :chunk_no
      and c.stage = :stage and c.attempts = :attempts and c.due_at is not null
    for update skip locked
)
update mkt.import_chunks c
set attempts = c.attempts + 1,
    stage_attempts = c.stage_attempts + 1,
    claimed_by = :worker,
    claimed_at = now(),
    claimed_pid = pg_backend_pid(),
    claimed_attempt = c.attempts + 1,
    -- Whoever claims it had its message: the next one, if one is needed, is the first of another attempt.
    hints = 1,
    -- More patience at every further attempt, up to eight times: what is only slow must not be taken away for ever.
    due_at = clock_timestamp() + make_interval(secs => :grace * power(2, least(c.stage_attempts, 3))),
    updated_at = now()
from target t
join mkt.import_jobs j using (import_job_id)
where c.import_job_id = t.import_job_id and c.chunk_no = t.chunk_no
  and j.status in ('queued', 'processing')
  and (c.kind = 'settle' or (j.cancel_requested_at is null and j.pause_requested_at is null and j.failure_code is null))
returning c.chunk_no, c.kind, c.stage, c.attempts, c.stage_attempts, c.last_error, c.chunk_key, c.part_no, c.first_row, c.last_row, c.first_rid, c.last_rid, c.ok_rows, c.halvings, j.lane
