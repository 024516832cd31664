-- Which of the chunk's contacts this transaction has just created: those whose row version is its own. (Joining the
-- insert's RETURNING to the rows instead compares every pair: the planner has no statistics of either yet.)
insert into mkt.contact_changes (import_job_id, rid, tenant_id, part_no, row_number, change)
select r.import_job_id, c.rid, c.tenant_id, r.part_no, r.row_number, 'created'
from mkt.import_rows r
join mtrk.contatos c on c.tenant_id = r.tenant_id and c.email = r.normalized_email
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null
  and c.xmin = cast(pg_current_xact_id() as xid)
