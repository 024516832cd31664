-- The quality of a source: what parse and validate count in each chunk, and the views that analytics reads.

alter table mkt.import_chunks
    add column errors jsonb, -- parse: {error_code: rows}
    add column findings jsonb; -- validate: {finding: contacts}, beside `quality`
create index ix_import_chunks_waiting on mkt.import_chunks (tenant_id) where (quality -> 'unknown') ? 'not_yet_checked';

-- A job that failed and was taken up again may turn out better than its first half.
grant delete on mkt.quarantines to mkt_worker;

-- Whether a verdict says one of these things of an address, be it the reason or one that did not decide.
create function mkt.verdict_says(reason text, flags jsonb, wanted text[])
    returns boolean
    language sql immutable parallel safe
    as $$ select reason = any(wanted) or coalesce(flags ?| wanted, false) $$;

-- Whether campaigns write to an address of this verdict where nobody chose otherwise.
create function mkt.is_usable(status text, reason text)
    returns boolean
    language sql immutable parallel safe
    as $$ select status = 'valid' or reason in ('implicit_mx', 'mx_ipv6_only', 'role_account') $$;

revoke execute on function mkt.verdict_says(text, jsonb, text[]), mkt.is_usable(text, text) from public;
grant execute on function mkt.verdict_says(text, jsonb, text[]), mkt.is_usable(text, text) to mkt_worker, mkt_reader;

-- Everybody who is in an audience, with the verdict of today and the first thing that keeps campaigns from writing to them.
-- The strongest opt-out counts: one of the whole tenant, or one that was said of this audience (`scoped`: {audience: [strength, bounced]}).
-- The flags are taken out of a verdict below its outer join, while the table is read: the evidence itself need not be carried along.
create view mkt.audience_members with (security_invoker = true) as
select m.tenant_id, m.audience_id, m.rid, m.import_job_id, m.added_at, m.status, m.reason_code,
       case m.strength when 1 then 'erasure' when 2 then 'manual' when 3 then 'complaint' when 4 then 'bounce' when 5 then 'unsubscribe' end as opted_out_as,
       m.basis, m.source, m.is_role, m.is_disposable, m.is_typo, m.is_known_bounce, m.is_quarantined,
       case when m.strength is not null then 'opted_out'
            when m.status = 'invalid' then 'invalid'
            when m.status = 'risky' and not m.is_usable then 'risky'
            when m.reason_code = 'not_yet_checked' then 'not_yet_checked'
            when m.status = 'unknown' then 'unknown'
            when m.is_quarantined then 'quarantined' end as left_out_as
from (
    select l.tenant_id, l.audience_id, l.rid, l.import_job_id, l.added_at,
           coalesce(v.status, 'unknown') as status, coalesce(v.reason_code, 'not_yet_checked') as reason_code,
           mkt.is_usable(v.status, v.reason_code) as is_usable,
           least(o.strength, (o.scoped -> l.audience_id::text ->> 0)::int) as strength,
           coalesce(l.legal_basis, 'nao_informada') as basis, coalesce(l.consent_source, 'not_stated') as source,
           coalesce(mkt.verdict_says(v.reason_code, v.flags, '{role_account}'), false) as is_role,
           coalesce(mkt.verdict_says(v.reason_code, v.flags, '{disposable_domain,disposable_mx}'), false) as is_disposable,
           coalesce(mkt.verdict_says(v.reason_code, v.flags, '{possible_typo}'), false) as is_typo,
           coalesce(mkt.verdict_says(v.reason_code, v.flags, '{bounced_hard}'), false) or coalesce(o.bounced, false)
               or coalesce((o.scoped -> l.audience_id::text ->> 1)::boolean, false) as is_known_bounce,
           q.import_job_id is not null as is_quarantined
    from mkt.audience_contacts l
    join mtrk.contatos c on c.rid = l.rid and c.tenant_id = l.tenant_id
    left join (
        select rid, status, reason_code, coalesce(details_json -> 'flags', '[]') as flags from mkt.email_validations
    ) v on v.rid = l.rid
    left join mkt.quarantines q on q.import_job_id = l.import_job_id and q.released_at is null
    left join (
        select tenant_id, mailbox, min(strength) filter (where audience_id is null) as strength,
               bool_or(bounced) filter (where audience_id is null) as bounced,
               jsonb_object_agg(audience_id, jsonb_build_array(strength, bounced)) filter (where audience_id is not null) as scoped
        from (
            select tenant_id, mailbox, audience_id, bool_or(kind = 'bounce') as bounced,
                   min(case kind when 'erasure' then 1 when 'manual' then 2 when 'complaint' then 3 when 'bounce' then 4 else 5 end) as strength
            from ops.suppressions where lifted_at is null and mailbox is not null group by tenant_id, mailbox, audience_id
        ) e
        group by tenant_id, mailbox
    ) o on o.tenant_id = l.tenant_id and o.mailbox = mkt.mailbox(c.email)
    where l.removed_at is null
) m;

-- The contract with analytics (docs/quality.md). Columns are only ever added, and then view_version grows.
create view mkt.v_import_quality with (security_invoker = true) as
select 1 as view_version, j.tenant_id, j.import_job_id, j.kind, j.status, j.audience_id, a.name as audience, j.parent_job_id, j.file_name,
       j.uploaded_by_user_id, u.name as uploaded_by, j.created_at, j.finished_at,
       date_trunc('month', j.created_at at time zone t.timezone)::date as month,
       j.records_seen - j.blank_rows as records, j.error_rows, j.duplicate_rows, j.ok_rows as contacts,
       n.contacts_created as contacts_new, n.contacts_known, n.links_added as joined, n.links_existing as already_there,
       n.links_kept_out as kept_out, n.consents_unstated as basis_not_stated, f.measured, f.valid, f.invalid, f.risky, f.unknown,
       f.not_yet_checked, n.role_accounts, n.disposable, n.typos, n.known_bounces, n.opted_out, n.in_other_audiences,
       e.errors_by_code, f.verdicts_by_reason, q.rules as quarantine_rules, q.quarantined_at, q.released_at
from mkt.import_jobs j
join core.tenants t on t.tenant_id = j.tenant_id
join mkt.audiences a on a.audience_id = j.audience_id
left join auth.users u on u.user_id = j.uploaded_by_user_id
left join mkt.quarantines q on q.import_job_id = j.import_job_id
cross join lateral (
    select coalesce(sum(contacts_created), 0)::bigint as contacts_created,
           coalesce(sum(contacts_updated + contacts_unchanged), 0)::bigint as contacts_known,
           coalesce(sum(links_added), 0)::bigint as links_added, coalesce(sum(links_existing), 0)::bigint as links_existing,
           coalesce(sum(links_kept_out), 0)::bigint as links_kept_out, coalesce(sum(consents_unstated), 0)::bigint as consents_unstated,
           sum((findings ->> 'role_accounts')::bigint)::bigint as role_accounts, sum((findings ->> 'disposable')::bigint)::bigint as disposable,
           sum((findings ->> 'typos')::bigint)::bigint as typos, sum((findings ->> 'known_bounces')::bigint)::bigint as known_bounces,
           sum((findings ->> 'opted_out')::bigint)::bigint as opted_out,
           sum((findings ->> 'in_other_audiences')::bigint)::bigint as in_other_audiences
    from mkt.import_chunks where import_job_id = j.import_job_id and kind = 'rows'
) n
cross join lateral (
    select sum(s.contacts)::bigint as measured,
           case when count(*) > 0 then coalesce(sum(s.contacts) filter (where s.status = 'valid'), 0)::bigint end as valid,
           case when count(*) > 0 then coalesce(sum(s.contacts) filter (where s.status = 'invalid'), 0)::bigint end as invalid,
           case when count(*) > 0 then coalesce(sum(s.contacts) filter (where s.status = 'risky'), 0)::bigint end as risky,
           case when count(*) > 0 then coalesce(sum(s.contacts) filter (where s.status = 'unknown'), 0)::bigint end as unknown,
           case when count(*) > 0 then coalesce(sum(s.not_yet_checked), 0)::bigint end as not_yet_checked,
           jsonb_object_agg(s.status, s.reasons) filter (where s.status is not null) as verdicts_by_reason
    from (
        select r.status, sum(r.contacts) as contacts, sum(r.contacts) filter (where r.reason = 'not_yet_checked') as not_yet_checked,
               jsonb_object_agg(r.reason, r.contacts) as reasons
        from (
            select x.key as status, y.key as reason, sum(y.value::bigint)::bigint as contacts
            from mkt.import_chunks k, jsonb_each(k.quality) x, jsonb_each_text(x.value) y
            where k.import_job_id = j.import_job_id and k.kind = 'rows'
            group by x.key, y.key
        ) r
        group by r.status
    ) s
) f
cross join lateral (
    select coalesce(jsonb_object_agg(r.code, r.rows), '{}') as errors_by_code
    from (
        select x.key as code, sum(x.value::bigint)::bigint as rows
        from mkt.import_chunks k, jsonb_each_text(k.errors) x
        where k.import_job_id = j.import_job_id and k.kind = 'rows'
        group by x.key
    ) r
) e
where j.kind in ('import', 'correction');

create view mkt.v_audience_quality with (security_invoker = true) as
select 1 as view_version, a.tenant_id, a.audience_id, a.name as audience, a.status, a.created_at,
       coalesce(m.contacts, 0)::bigint as contacts, coalesce(m.reachable, 0)::bigint as reachable,
       coalesce(m.left_out_opted_out, 0)::bigint as left_out_opted_out, coalesce(m.left_out_invalid, 0)::bigint as left_out_invalid,
       coalesce(m.left_out_risky, 0)::bigint as left_out_risky, coalesce(m.left_out_not_yet_checked, 0)::bigint as left_out_not_yet_checked,
       coalesce(m.left_out_unknown, 0)::bigint as left_out_unknown, coalesce(m.left_out_quarantined, 0)::bigint as left_out_quarantined,
       coalesce(m.valid, 0)::bigint as valid, coalesce(m.invalid, 0)::bigint as invalid, coalesce(m.risky, 0)::bigint as risky,
       coalesce(m.unknown, 0)::bigint as unknown, coalesce(m.role_accounts, 0)::bigint as role_accounts,
       coalesce(m.disposable, 0)::bigint as disposable, coalesce(m.typos, 0)::bigint as typos,
       coalesce(m.known_bounces, 0)::bigint as known_bounces, coalesce(m.basis_not_stated, 0)::bigint as basis_not_stated,
       coalesce(m.quarantined, 0)::bigint as quarantined, coalesce(o.contacts, 0)::bigint as in_other_audiences, m.last_joined_at,
       coalesce(i.imports, 0)::bigint as imports, coalesce(i.records, 0)::bigint as records, coalesce(i.error_rows, 0)::bigint as error_rows,
       coalesce(i.duplicate_rows, 0)::bigint as duplicate_rows, coalesce(i.quarantined_imports, 0)::bigint as quarantined_imports,
       coalesce(m.verdicts_by_reason, '{}') as verdicts_by_reason
from mkt.audiences a
left join (
    select s.audience_id, sum(s.contacts) as contacts, sum(s.reachable) as reachable, sum(s.left_out_opted_out) as left_out_opted_out,
           sum(s.left_out_invalid) as left_out_invalid, sum(s.left_out_risky) as left_out_risky,
           sum(s.left_out_not_yet_checked) as left_out_not_yet_checked, sum(s.left_out_unknown) as left_out_unknown,
           sum(s.left_out_quarantined) as left_out_quarantined, sum(s.contacts) filter (where s.status = 'valid') as valid,
           sum(s.contacts) filter (where s.status = 'invalid') as invalid, sum(s.contacts) filter (where s.status = 'risky') as risky,
           sum(s.contacts) filter (where s.status = 'unknown') as unknown, sum(s.role_accounts) as role_accounts,
           sum(s.disposable) as disposable, sum(s.typos) as typos, sum(s.known_bounces) as known_bounces,
           sum(s.basis_not_stated) as basis_not_stated, sum(s.quarantined) as quarantined, max(s.last_joined_at) as last_joined_at,
           jsonb_object_agg(s.status, s.reasons) as verdicts_by_reason
    from (
        select r.audience_id, r.status, sum(r.contacts) as contacts, sum(r.reachable) as reachable,
               sum(r.left_out_opted_out) as left_out_opted_out, sum(r.left_out_invalid) as left_out_invalid,
               sum(r.left_out_risky) as left_out_risky, sum(r.left_out_not_yet_checked) as left_out_not_yet_checked,
               sum(r.left_out_unknown) as left_out_unknown, sum(r.left_out_quarantined) as left_out_quarantined,
               sum(r.role_accounts) as role_accounts, sum(r.disposable) as disposable, sum(r.typos) as typos,
               sum(r.known_bounces) as known_bounces, sum(r.basis_not_stated) as basis_not_stated, sum(r.quarantined) as quarantined,
               max(r.last_joined_at) as last_joined_at, jsonb_object_agg(r.reason_code, r.contacts) as reasons
        from (
            select audience_id, status, reason_code, count(*) as contacts, count(*) filter (where left_out_as is null) as reachable,
                   count(*) filter (where left_out_as = 'opted_out') as left_out_opted_out,
                   count(*) filter (where left_out_as = 'invalid') as left_out_invalid,
                   count(*) filter (where left_out_as = 'risky') as left_out_risky,
                   count(*) filter (where left_out_as = 'not_yet_checked') as left_out_not_yet_checked,
                   count(*) filter (where left_out_as = 'unknown') as left_out_unknown,
                   count(*) filter (where left_out_as = 'quarantined') as left_out_quarantined,
                   count(*) filter (where is_role) as role_accounts, count(*) filter (where is_disposable) as disposable,
                   count(*) filter (where is_typo) as typos, count(*) filter (where is_known_bounce) as known_bounces,
                   count(*) filter (where basis = 'nao_informada') as basis_not_stated, count(*) filter (where is_quarantined) as quarantined,
                   max(added_at) as last_joined_at
            from mkt.audience_members
            group by audience_id, status, reason_code
        ) r
        group by r.audience_id, r.status
    ) s
    group by s.audience_id
) m on m.audience_id = a.audience_id
left join (
    select l.audience_id, count(*) as contacts
    from mkt.audience_contacts l
    join (select rid from mkt.audience_contacts where removed_at is null group by rid having count(*) > 1) k on k.rid = l.rid
    where l.removed_at is null
    group by l.audience_id
) o on o.audience_id = a.audience_id
left join (
    select j.audience_id, count(*) as imports, sum(j.records_seen - j.blank_rows) as records, sum(j.error_rows) as error_rows,
           sum(j.duplicate_rows) as duplicate_rows, count(q.import_job_id) as quarantined_imports
    from mkt.import_jobs j
    left join mkt.quarantines q on q.import_job_id = j.import_job_id and q.released_at is null
    where j.kind in ('import', 'correction')
    group by j.audience_id
) i on i.audience_id = a.audience_id;

grant select on mkt.audience_members, mkt.v_import_quality, mkt.v_audience_quality to mkt_worker, mkt_reader;
