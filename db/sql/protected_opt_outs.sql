-- Contacts of the chunk who were opted out before the job, of the whole tenant or of its audience, and stay so, although their
-- row does not say it. Whoever was erased is known by the hash alone. Mailbox and hash are worked out before they are looked up:
-- what is not leakproof may not come before the conditions of row security, so it would be compared with every entry.
with pads as materialized (
    select p.* from mkt.hash_pads(:tenant) p
    where exists (select from ops.suppressions where tenant_id = :tenant and email is null and lifted_at is null)
)
select count(*)
from mkt.import_rows r
cross join lateral (select mkt.mailbox(r.normalized_email) as mailbox offset 0) m
cross join lateral (
    (select from ops.suppressions s
     where s.tenant_id = r.tenant_id and s.mailbox = m.mailbox and s.lifted_at is null
       and (s.audience_id is null or s.audience_id = cast(:audience as uuid))
       and s.import_job_id is distinct from cast(:job as uuid)
     limit 1)
    union all
    (select from pads p
     cross join lateral (select mkt.keyed_hash(p.inner_pad, p.outer_pad, m.mailbox) as hash offset 0) h
     cross join lateral (
         select from ops.suppressions s
         where s.tenant_id = r.tenant_id and s.email is null and s.mailbox_hash = h.hash and s.lifted_at is null
           and (s.audience_id is null or s.audience_id = cast(:audience as uuid)) offset 0
     ) s
     limit 1)
    limit 1
) s
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null and r.opt_out is null
