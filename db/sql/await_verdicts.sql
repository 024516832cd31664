-- The rest of the chunk: DNS gave no answer in time. Not a judgement, hence no history; the clock asks again.
insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validator_version, next_validation_at)
select c.rid, r.tenant_id, 'unknown', :reason, :score, :version, now() + make_interval(secs => :retry_after)
from mkt.import_rows r
cross join lateral (
    select k.rid from mtrk.contatos k
    where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null
  and not exists (select from mkt.email_validations v where v.rid = c.rid)
order by c.rid
on conflict (rid) do nothing
