-- What the job's opt-outs would do: entries of people of whom it was not said yet, and contacts who are reachable until now (of
-- the audience, where they hold for one). Every row with a readable address counts, whatever becomes of it, and all addresses of
-- a row are one person's; a contact under another spelling of the mailbox is the same person, too.
with said as materialized (
    select distinct a.email collate "C" as email, mkt.mailbox(a.email collate "C") as mailbox, r.opt_out
    from mkt.import_rows r
    cross join lateral unnest(array_append(string_to_array(r.attributes ->> 'other_emails', ', '), r.normalized_email)) as a (email)
    where r.import_job_id = :job and r.opt_out is not null and a.email is not null
),
known as materialized (
    select said.email, said.mailbox, said.opt_out,
           exists (select from ops.suppressions s where s.tenant_id = :tenant and s.mailbox = said.mailbox and s.kind = said.opt_out
               and s.lifted_at is null and (s.audience_id is null or s.audience_id = cast(:audience as uuid))) as same,
           exists (select from ops.suppressions s where s.tenant_id = :tenant and s.mailbox = said.mailbox
               and s.lifted_at is null and (s.audience_id is null or s.audience_id = cast(:audience as uuid))) as any_kind
    from said
)
select count(distinct (k.email, k.opt_out)) filter (where not k.same) as entries,
       count(distinct c.rid) filter (where not k.any_kind) as reachable
from known k
left join (
    -- Of the mailbox, however it is spelled in the base: that is known of no index, so all contacts are looked through, once.
    select o.rid, mkt.mailbox(o.email) as mailbox from mtrk.contatos o
    where o.tenant_id = :tenant
      and (cast(:audience as uuid) is null or exists (
          select from mkt.audience_contacts l where l.audience_id = cast(:audience as uuid) and l.rid = o.rid and l.removed_at is null))
) c on c.mailbox = k.mailbox
