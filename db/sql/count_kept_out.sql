-- How many of the chunk's contacts were taken out of the audience by people, and are out of it.
select count(*)
from mkt.import_rows r
cross join lateral (
    select k.rid from mtrk.contatos k
    where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c
cross join lateral (
    select k.removed_at, k.removed_by_job_id from mkt.audience_contacts k where k.audience_id = :audience and k.rid = c.rid offset 0
) a
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null
  and a.removed_at is not null and a.removed_by_job_id is null
