-- Records of the tenant's files since its midnight, as the chunks say that hold them. What failed has brought nothing in, and
-- a dry run asks only; but the job that asks counts, from its first record, although it may be one of these.
select coalesce(sum(c.records_seen - c.blank_rows), 0)
from mkt.import_jobs j
join mkt.import_chunks c using (import_job_id)
where c.kind = 'rows'
  and (j.import_job_id = cast(:job as uuid)
       or (j.kind in ('import', 'correction', 'suppression') and j.status <> 'failed' and j.failure_code is null
           and j.created_at >= date_trunc('day', now(), :timezone) - interval '7 days'
           and c.created_at >= date_trunc('day', now(), :timezone)))
