-- Hinted before, due again, and not locked: the message was lost, or the worker died. A chunk that a worker is busy
-- with is locked and skipped.
with silent as (
    select c.import_job_id, c.chunk_no
    from mkt.import_chunks c
    join mkt.import_jobs j using (import_job_id)
    where c.due_at <= clock_timestamp() and c.hinted_at is not null
      and j.status in ('queued', 'processing')
      and (c.kind = 'settle' or (j.cancel_requested_at is null and j.pause_requested_at is null and j.failure_code is null))
    order by c.due_at
    limit :window
    for update of c skip locked
)
update mkt.import_chunks c
set hinted_at = now(),
    hints = c.hints + 1,
    due_at = clock_timestamp() + make_interval(secs => least(:delay * power(2, least(c.hints, 20)), :delay_max))
from silent s
where c.import_job_id = s.import_job_id and c.chunk_no = s.chunk_no
returning c.import_job_id, c.chunk_no, c.stage, c.attempts
