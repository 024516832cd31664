-- Chunks of running jobs that need a look: due for more than a minute and taken up by nobody, or tried more than once.
select j.tenant_id, c.import_job_id, c.chunk_no, c.stage, c.stage_attempts, c.claimed_by, c.claimed_at, c.due_at, c.last_error,
       c.due_at < clock_timestamp() - interval '1 minute' as silent
from mkt.import_chunks c
join mkt.import_jobs j on j.import_job_id = c.import_job_id
where j.status in ('queued', 'processing') and c.due_at is not null
  and (c.kind = 'settle' or (j.cancel_requested_at is null and j.pause_requested_at is null and j.failure_code is null))
  and (c.due_at < clock_timestamp() - interval '1 minute' or c.stage_attempts > 1)
order by c.due_at
limit 100
