-- The anti-join leaves to the insert only what is missing (several times faster than a conflict per row);
-- the conflict clause decides the race with another job. Sorted by key, so that two jobs wait in one order.
with wanted as (
    select r.tenant_id, r.normalized_email, r.normalized_name, r.attributes, r.part_no, r.row_number
    from mkt.import_rows r
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
      and not exists (
          select from mtrk.contatos c
          where c.tenant_id = r.tenant_id and c.email = r.normalized_email
      )
),
created as (
    insert into mtrk.contatos (tenant_id, email, name, attributes)
    select tenant_id, normalized_email, normalized_name, attributes
    from wanted
    order by normalized_email
    on conflict (tenant_id, email) do nothing
    returning rid, email
)
insert into mkt.contact_changes (import_job_id, rid, tenant_id, part_no, row_number, change)
select :job, c.rid, w.tenant_id, w.part_no, w.row_number, 'created'
from created c
join wanted w on w.normalized_email = c.email
