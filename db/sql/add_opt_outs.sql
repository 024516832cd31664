-- One entry per address and kind, with the first row that says so: this job's own evidence, whoever else says the same. Counted
-- as new are those whom nobody had said it of. The hash is made here, for all of them at once.
with said as materialized (
    select distinct on (a.email, r.opt_out) a.email collate "C" as email, mkt.mailbox(a.email collate "C") as mailbox, r.opt_out, r.part_no, r.row_number
    from mkt.import_rows r
    cross join lateral unnest(array_append(string_to_array(r.attributes ->> 'other_emails', ', '), r.normalized_email)) as a (email)
    where r.import_job_id = :job and r.opt_out is not null and a.email is not null
    order by a.email, r.opt_out, r.part_no, r.row_number
),
judged as materialized (
    select said.*, exists (
        select from ops.suppressions s
        where s.tenant_id = :tenant and s.mailbox = said.mailbox and s.kind = said.opt_out and s.lifted_at is null
          and (s.audience_id is null or s.audience_id = cast(:audience as uuid))) as there
    from said
),
added as (
    insert into ops.suppressions
        (tenant_id, audience_id, email, mailbox, key_version, mailbox_hash, kind, source, import_job_id, evidence)
    select :tenant, cast(:audience as uuid), j.email, j.mailbox, p.key_version, mkt.keyed_hash(p.inner_pad, p.outer_pad, j.mailbox),
           j.opt_out, 'import', cast(:job as uuid), jsonb_build_object('import_job_id', cast(:job as text), 'part_no', j.part_no, 'row_number', j.row_number)
    from judged j left join mkt.current_pads(:tenant) p on true
    order by j.email, j.opt_out
    returning 1
)
select count(*) filter (where not there) as new, count(*) as asked, (select count(*) from added) as written from judged
