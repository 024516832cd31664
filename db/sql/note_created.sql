-- Which of the chunk's contacts this transaction has just created: those whose row version is its own. (Joining the
-- insert's RETURNING to the rows instead compares every pair: the planner has no statistics of either yet.)
-- `offset 0` keeps the look-up a look-up, here and in its sisters: one per row of the chunk, by the key.
insert into mkt.contact_changes (import_job_id, rid, tenant_id, part_no, row_number, change)
select r.import_job_id, c.rid, r.tenant_id, r.part_no, r.row_number, 'created'
from mkt.import_rows r
cross join lateral (
    select k.rid from mtrk.contatos k
    where k.tenant_id = r.tenant_id and k.email = r.normalized_email
      and k.xmin = cast(pg_current_xact_id() as xid) offset 0
) c
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null
