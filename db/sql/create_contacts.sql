-- The anti-join leaves to the insert only what is missing (several times faster than a conflict per row);
-- the conflict clause decides the race with another job. Sorted by key, so that two jobs wait in one order.
insert into mtrk.contatos (tenant_id, email, name, attributes)
select r.tenant_id, r.normalized_email, r.normalized_name, r.attributes
from mkt.import_rows r
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null
  and not exists (
      select from mtrk.contatos c
      where c.tenant_id = r.tenant_id and c.email = r.normalized_email
  )
order by r.normalized_email
on conflict (tenant_id, email) do nothing
