-- Whoever is opted out under the address as it was written is so under the one that was meant. A bounce is the mailbox's, not
-- the person's, and stays behind; a block of any other kind follows, as what an import may say.
insert into ops.suppressions (tenant_id, email, kind, source, evidence)
select p.tenant_id, r.normalized_email, k.kind, 'import',
       jsonb_build_object('import_job_id', cast(:job as text), 'part_no', min(r.part_no), 'row_number', min(r.row_number))
from mkt.import_rows r
cross join lateral (
    select o.tenant_id, o.normalized_email from mkt.import_rows o
    where o.import_job_id = :parent and o.part_no = r.mends_part and o.row_number = r.mends_row offset 0
) p
cross join lateral (
    select distinct case s.kind when 'complaint' then 'complaint' else 'unsubscribe' end as kind
    from ops.suppressions s where s.tenant_id = p.tenant_id and s.email = p.normalized_email and s.kind <> 'bounce'
) k
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and p.normalized_email <> r.normalized_email
  and not exists (
      select from ops.suppressions s where s.tenant_id = p.tenant_id and s.email = r.normalized_email and s.kind = k.kind)
group by p.tenant_id, r.normalized_email, k.kind
order by r.normalized_email, k.kind
