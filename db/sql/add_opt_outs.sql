-- One entry per address and kind, with the first row that says so; what is there already stays as it is.
insert into ops.suppressions (tenant_id, email, kind, source, evidence)
select :tenant, said.email, said.opt_out, 'import',
       jsonb_build_object('import_job_id', cast(:job as text), 'part_no', said.part_no, 'row_number', said.row_number)
from (
    select distinct on (a.email, r.opt_out) a.email collate "C" as email, r.opt_out, r.part_no, r.row_number
    from mkt.import_rows r
    cross join lateral unnest(array_append(string_to_array(r.attributes ->> 'other_emails', ', '), r.normalized_email)) as a (email)
    where r.import_job_id = :job and r.opt_out is not null and a.email is not null
    order by a.email, r.opt_out, r.part_no, r.row_number
) said
where not exists (select from ops.suppressions s where s.tenant_id = :tenant and s.email = said.email and s.kind = said.opt_out)
order by said.email, said.opt_out
