-- As before, but contact, verdict and opt-outs of each member are found by key. Of a tenant that is new the planner expects one row
-- of everything, and compared every member with all contacts of the tenant and with all its opt-outs: 45 s for 20,000.
create or replace view mkt.audience_members with (security_invoker = true) as
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
           mkt.is_usable(v.status, v.reason_code) as is_usable, o.strength,
           coalesce(l.legal_basis, 'nao_informada') as basis, coalesce(l.consent_source, 'not_stated') as source,
           coalesce(mkt.verdict_says(v.reason_code, v.flags, '{role_account}'), false) as is_role,
           coalesce(mkt.verdict_says(v.reason_code, v.flags, '{disposable_domain,disposable_mx}'), false) as is_disposable,
           coalesce(mkt.verdict_says(v.reason_code, v.flags, '{possible_typo}'), false) as is_typo,
           coalesce(mkt.verdict_says(v.reason_code, v.flags, '{bounced_hard}'), false) or coalesce(o.bounced, false) as is_known_bounce,
           q.import_job_id is not null as is_quarantined
    from mkt.audience_contacts l
    cross join lateral (
        select mkt.mailbox(k.email) as mailbox from mtrk.contatos k where k.rid = l.rid and k.tenant_id = l.tenant_id offset 0
    ) c
    left join lateral (
        select k.status, k.reason_code, coalesce(k.details_json -> 'flags', '[]') as flags
        from mkt.email_validations k where k.rid = l.rid offset 0
    ) v on true
    left join lateral (
        select k.import_job_id from mkt.quarantines k where k.import_job_id = l.import_job_id and k.released_at is null offset 0
    ) q on true
    cross join lateral (
        select min(case k.kind when 'erasure' then 1 when 'manual' then 2 when 'complaint' then 3 when 'bounce' then 4 else 5 end) as strength,
               bool_or(k.kind = 'bounce') as bounced
        from ops.suppressions k
        where k.tenant_id = l.tenant_id and k.mailbox = c.mailbox and k.lifted_at is null
          and (k.audience_id is null or k.audience_id = l.audience_id)
    ) o
    where l.removed_at is null
) m;
