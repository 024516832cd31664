-- What the chunk's contacts are worth, as it ends: by verdict, and what else is known of them. Everything is reached by key, and
-- the mailbox worked out before: what is not leakproof may not come before the conditions of row security.
with looked as materialized (
    select coalesce(v.status, 'unknown') as status, coalesce(v.reason_code, :unanswered) as reason, v.is_role, v.is_disposable, v.is_typo,
           v.has_bounced or coalesce(s.bounced, false) as is_known_bounce, s.bounced is not null as is_opted_out, o.there as is_elsewhere
    from (select a.*, case when :opt_outs then mkt.mailbox(a.email) end as mailbox from ({contacts}) a offset 0) k
    left join lateral (
        select e.status, e.reason_code,
               mkt.verdict_says(e.reason_code, e.flags, '{role_account}') as is_role,
               mkt.verdict_says(e.reason_code, e.flags, '{disposable_domain,disposable_mx}') as is_disposable,
               mkt.verdict_says(e.reason_code, e.flags, '{possible_typo}') as is_typo,
               mkt.verdict_says(e.reason_code, e.flags, '{bounced_hard}') as has_bounced
        from (
            select w.status, w.reason_code, w.details_json -> 'flags' as flags
            from mkt.email_validations w where w.rid = k.rid offset 0
        ) e
    ) v on true
    left join lateral (
        select bool_or(p.kind = 'bounce') as bounced from ops.suppressions p
        where p.tenant_id = :tenant and p.mailbox = k.mailbox and p.lifted_at is null
          and (p.audience_id is null or p.audience_id = :audience) offset 0
    ) s on :opt_outs
    left join lateral (
        select true as there from mkt.audience_contacts l
        where l.rid = k.rid and l.audience_id <> :audience and l.removed_at is null limit 1 offset 0
    ) o on true
)
update mkt.import_chunks c
set quality = (
        select coalesce(jsonb_object_agg(r.status, r.reasons), '{}')
        from (
            select n.status, jsonb_object_agg(n.reason, n.contacts) as reasons
            from (select status, reason, count(*) as contacts from looked group by status, reason) n
            group by n.status
        ) r
    ),
    findings = (
        select jsonb_build_object(
            'role_accounts', count(*) filter (where is_role), 'disposable', count(*) filter (where is_disposable),
            'typos', count(*) filter (where is_typo), 'known_bounces', count(*) filter (where is_known_bounce),
            'opted_out', count(*) filter (where is_opted_out), 'in_other_audiences', count(*) filter (where is_elsewhere))
        from looked
    )
where c.import_job_id = :job and c.chunk_no = :chunk_no
  and (c.quality is null or exists (select from looked)) -- what was measured outlives the rows that it was measured of
