-- Room in the tenant's window goes to what has been due longest. In the window: hinted, not finished, not waiting.
with room as (
    select greatest(0, :window - count(*)) as chunks
    from mkt.import_chunks
    where due_at is not null and hinted_at is not null
),
next as (
    select c.import_job_id, c.chunk_no
    from mkt.import_chunks c
    join mkt.import_jobs j using (import_job_id)
    where c.due_at <= clock_timestamp() and c.hinted_at is null
      and j.status in ('queued', 'processing')
      and (c.kind = 'settle' or (j.cancel_requested_at is null and j.pause_requested_at is null and j.failure_code is null))
    order by c.due_at, c.import_job_id, c.chunk_no
    limit (select chunks from room)
    for update of c skip locked
)
update mkt.import_chunks c
set hinted_at = now(), hints = 1, due_at = clock_timestamp() + make_interval(secs => :delay)
from next n
where c.import_job_id = n.import_job_id and c.chunk_no = n.chunk_no
returning c.import_job_id, c.chunk_no, c.stage, c.attempts
