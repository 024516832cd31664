-- Chunks that end with contacts whom nobody has asked about, to be measured again: after ten minutes, then each time after as
-- long again as the job's end is past, for thirty days. In key order, and what another one is at is left to them.
with due as (
    select c.import_job_id, c.chunk_no, j.audience_id
    from mkt.import_chunks c
    join mkt.import_jobs j using (import_job_id)
    where c.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and (c.quality -> 'unknown') ? 'not_yet_checked'
      and j.finished_at > cast(:now as timestamptz) - interval '30 days'
      and c.updated_at <= cast(:now as timestamptz) - greatest(interval '10 minutes', c.updated_at - j.finished_at)
    order by c.import_job_id, c.chunk_no
    limit :most
    for update of c skip locked
)
update mkt.import_chunks c
set updated_at = :now
from due
where c.import_job_id = due.import_job_id and c.chunk_no = due.chunk_no
returning c.import_job_id, c.chunk_no, c.attempts, c.part_no, c.first_row, c.last_row, due.audience_id
