-- Imports that it is worth while to undo again: their newest undo (`k`) kept something, for a reason that another import can be, of
-- somebody whom an import touched or names that has been taken back since it began (by `f`), or whom another correction of the same
-- import may have moved, too; and one of the two is this undo.
select distinct k.parent_job_id
from mkt.import_jobs k
join mkt.import_jobs f on f.tenant_id = k.tenant_id and f.kind = 'undo' and f.status = 'done' and f.parent_job_id <> k.parent_job_id
    and f.finished_at >= coalesce(k.started_at, k.created_at)
where :job in (k.import_job_id, f.import_job_id) and k.kind = 'undo' and k.status = 'done'
  and not exists (
      select from mkt.import_jobs n
      where n.kind = 'undo' and n.parent_job_id = k.parent_job_id and n.status <> 'cancelled' and n.import_job_id > k.import_job_id)
  and exists (
      select from mkt.undo_items i
      left join lateral (select c.email from mtrk.contatos c where c.rid = i.rid and c.tenant_id = i.tenant_id offset 0) c on true
      where i.import_job_id = k.import_job_id and i.outcome = 'kept' and i.reason in ('imported_again', 'restated', 'changed', 'linked')
        and (exists (select from mkt.undo_items o where o.import_job_id = f.import_job_id and o.rid = i.rid and o.outcome = 'reversed')
             or i.thing = 'retirement' and exists (
                 select from mkt.import_jobs a join mkt.import_jobs b on b.parent_job_id = a.parent_job_id and b.kind = 'correction'
                 where a.import_job_id = k.parent_job_id and b.import_job_id = f.parent_job_id)
             or exists (select from mkt.import_rows r where r.normalized_email = c.email and r.tenant_id = i.tenant_id
                        and r.import_job_id = f.parent_job_id and r.parse_status = 'ok')))
order by 1
