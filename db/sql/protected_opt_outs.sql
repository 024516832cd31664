-- Contacts of the chunk who were opted out before the job and stay so, although their row does not say it.
select count(*)
from mkt.import_rows r
cross join lateral (
    select from ops.suppressions s
    where s.tenant_id = r.tenant_id and s.email = r.normalized_email
      and (s.source <> 'import' or s.evidence ->> 'import_job_id' is distinct from cast(:job as text))
    limit 1 offset 0
) s
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null and r.opt_out is null
