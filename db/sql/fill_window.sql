-- Room in the tenant's window goes to small jobs first, and within a lane to what has been due longest. Each lane has a part of
-- the window that the other one never gets, so that neither waits for the other to end. In the window: hinted, not finished,
-- not waiting, of a job that gives work out.
with share as (
    -- At least two: one for each lane.
    select greatest(2, round(:window * coalesce((select weight from mkt.tenant_limits where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid), 1)))::int as whole
),
bounds as (
    select whole, whole - greatest(1, floor(whole * cast(:reserve as double precision)))::int as lane from share
),
working as (
    select import_job_id, coalesce(lane = 'express', false) as express,
           cancel_requested_at is null and pause_requested_at is null and failure_code is null as gives
    from mkt.import_jobs
    where finished_at is null
),
taken as (
    select count(*) filter (where w.express) as express, count(*) filter (where not w.express) as bulk
    from mkt.import_chunks c
    join working w using (import_job_id)
    where c.due_at is not null and c.hinted_at is not null and (c.kind = 'settle' or w.gives)
),
small as materialized (
    select c.import_job_id, c.chunk_no
    from mkt.import_chunks c
    join mkt.import_jobs j using (import_job_id)
    where c.due_at <= clock_timestamp() and c.hinted_at is null
      and j.lane = 'express' and j.finished_at is null
      and (c.kind = 'settle' or (j.cancel_requested_at is null and j.pause_requested_at is null and j.failure_code is null))
    order by c.due_at, c.import_job_id, c.chunk_no
    -- Without a small job, the thousand chunks of a large one are not looked through for it.
    limit (select case when exists (select from working where express)
                       then greatest(0, least(b.lane - t.express, b.whole - t.express - t.bulk)) else 0 end from bounds b, taken t)
    for update of c skip locked
),
large as materialized (
    select c.import_job_id, c.chunk_no
    from mkt.import_chunks c
    join mkt.import_jobs j using (import_job_id)
    where c.due_at <= clock_timestamp() and c.hinted_at is null
      and j.lane is distinct from 'express' and j.finished_at is null
      and (c.kind = 'settle' or (j.cancel_requested_at is null and j.pause_requested_at is null and j.failure_code is null))
    order by c.due_at, c.import_job_id, c.chunk_no
    limit (select greatest(0, least(b.lane - t.bulk, b.whole - t.express - t.bulk - (select count(*) from small))) from bounds b, taken t)
    for update of c skip locked
),
next as (
    select * from small union all select * from large
)
update mkt.import_chunks c
set hinted_at = now(), hints = 1, due_at = clock_timestamp() + make_interval(secs => :delay)
from next n
join mkt.import_jobs j on j.import_job_id = n.import_job_id
where c.import_job_id = n.import_job_id and c.chunk_no = n.chunk_no
returning c.import_job_id, c.chunk_no, c.stage, c.attempts, j.lane
