-- Whoever is opted out under the address as it was written is so under the one that was meant, in the same way and for the same
-- audiences. A bounce is the mailbox's, not the person's, and stays behind. `follows` are the entries that it hangs on: where all
-- of them are retracted, so is this. Counted are those of whom nobody had said it. The mailbox is worked out before it is looked up:
-- what is not leakproof may not come before the conditions of row security, so it would be compared with every entry.
with told as materialized (
    select p.tenant_id, r.normalized_email as email, mkt.mailbox(r.normalized_email) as mailbox, s.kind, s.audience_id,
           min(r.part_no) as part_no, min(r.row_number) as row_number, jsonb_agg(distinct s.suppression_id) as follows
    from mkt.import_rows r
    cross join lateral (
        select o.tenant_id, o.normalized_email, mkt.mailbox(o.normalized_email) as mailbox from mkt.import_rows o
        where o.import_job_id = :parent and o.part_no = r.mends_part and o.row_number = r.mends_row offset 0
    ) p
    cross join lateral (
        select k.suppression_id, k.kind, k.audience_id from ops.suppressions k
        where k.tenant_id = p.tenant_id and k.mailbox = p.mailbox and k.kind <> 'bounce' and k.lifted_at is null offset 0
    ) s
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and p.normalized_email <> r.normalized_email
    group by p.tenant_id, r.normalized_email, s.kind, s.audience_id
),
judged as materialized (
    select told.*, exists (
        select from ops.suppressions s
        where s.tenant_id = told.tenant_id and s.mailbox = told.mailbox and s.kind = told.kind and s.lifted_at is null
          and (s.audience_id is null or s.audience_id = told.audience_id)) as there
    from told
),
added as (
    insert into ops.suppressions
        (tenant_id, audience_id, email, mailbox, key_version, mailbox_hash, kind, source, import_job_id, evidence)
    select j.tenant_id, j.audience_id, j.email, j.mailbox, p.key_version, mkt.keyed_hash(p.inner_pad, p.outer_pad, j.mailbox), j.kind, 'import', cast(:job as uuid),
           jsonb_build_object('import_job_id', cast(:job as text), 'part_no', j.part_no, 'row_number', j.row_number, 'follows', j.follows)
    from judged j left join mkt.current_pads(:tenant) p on true
    order by j.email, j.kind
    returning 1
)
select count(*) filter (where not there) as new, count(*) as asked, (select count(*) from added) as written from judged
