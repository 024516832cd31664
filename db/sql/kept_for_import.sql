-- Imports that were undone before this undo ended, whose newest undo kept something of somebody whom this undo is about, for a
-- reason that another import can be.
select distinct u.parent_job_id
from mkt.import_jobs t
join mkt.import_jobs u on u.tenant_id = t.tenant_id and u.kind = 'undo' and u.status = 'done' and u.parent_job_id <> t.parent_job_id
    and u.finished_at <= coalesce(t.finished_at, clock_timestamp())
where t.import_job_id = :job
  and not exists (
      select from mkt.import_jobs n
      where n.kind = 'undo' and n.parent_job_id = u.parent_job_id and n.status <> 'cancelled' and n.import_job_id > u.import_job_id)
  and exists (
      select from mkt.undo_items k
      join mkt.undo_items i on i.import_job_id = :job and i.rid = k.rid and i.outcome = 'reversed'
      where k.import_job_id = u.import_job_id and k.outcome = 'kept'
        and k.reason in ('imported_again', 'restated', 'changed', 'linked'))
order by 1
