-- What the job's opt-outs would do: entries that are not there yet, and contacts who are reachable until now. Every row
-- with a readable address counts, whatever becomes of it, and all addresses of a row are one person's.
with said as materialized (
    select distinct a.email collate "C" as email, r.opt_out
    from mkt.import_rows r
    cross join lateral unnest(array_append(string_to_array(r.attributes ->> 'other_emails', ', '), r.normalized_email)) as a (email)
    where r.import_job_id = :job and r.opt_out is not null and a.email is not null
),
known as materialized (
    select said.email, said.opt_out,
           exists (select from ops.suppressions s where s.tenant_id = :tenant and s.email = said.email and s.kind = said.opt_out) as same,
           exists (select from ops.suppressions s where s.tenant_id = :tenant and s.email = said.email) as any_kind
    from said
)
select count(*) filter (where not k.same) as entries,
       count(distinct k.email) filter (where not k.any_kind and c.rid is not null) as reachable
from known k
left join lateral (
    select o.rid from mtrk.contatos o where o.tenant_id = :tenant and o.email = k.email offset 0
) c on true
