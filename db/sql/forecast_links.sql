-- How many of the chunk's contacts would join the audience, now: those who are not in it, and those who do not exist yet.
select count(*) filter (where a.there is null)
from mkt.import_rows r
left join lateral (
    select k.rid from mtrk.contatos k
    where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c on true
left join lateral (
    select true as there from mkt.audience_contacts k where k.audience_id = :audience and k.rid = c.rid offset 0
) a on true
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null
