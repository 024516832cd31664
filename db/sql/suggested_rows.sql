-- The rows of one chunk whose contacts' verdicts suggest what was accepted, and the addresses that were meant.
select r.part_no, r.row_number, v.suggestion
from mkt.import_rows r
cross join lateral (
    select k.rid, k.email from mtrk.contatos k
    where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c
cross join lateral (
    select k.details_json ->> 'suggestion' as suggestion from mkt.email_validations k
    where k.rid = c.rid and k.reason_code <> 'override_deny' offset 0
) v
cross join lateral (
    select from mkt.audience_contacts k where k.audience_id = :audience and k.rid = c.rid and k.removed_at is null offset 0
) a
cross join lateral mkt.suggested_pair(c.email, v.suggestion) p
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null and v.suggestion is not null
  and (p.written, p.meant) in (select * from unnest(cast(:written as text[]), cast(:meant as text[])))
order by r.part_no, r.row_number
