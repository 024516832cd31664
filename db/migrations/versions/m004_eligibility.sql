-- Whom a campaign reaches: the SQL twin of pipeline/eligibility, which has the rules, their order and their sources (a test
-- holds the two together, contact by contact).

-- What holds where neither the tenant nor the campaign chose otherwise (pipeline.eligibility.policy).
create function mkt.default_policy()
    returns jsonb
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
    as $$ select '{
        "findings": {
            "bounced_soft_repeated": "out", "confusable_domain": "out", "disposable_domain": "out", "disposable_mx": "out",
            "forwarding_alias": "in", "implicit_mx": "in", "implicit_mx_no_mail_spf": "out", "local_part_too_long": "out",
            "mx_ipv6_only": "in", "parked_mx": "out", "possible_typo": "out", "provider_rule": "out", "role_account": "in",
            "smtputf8_required": "out", "system_mailbox": "out"
        },
        "not_yet_checked": "out", "unknown": "out", "freshness": 1.5, "max_age": {}, "consent_required": false,
        "legal_bases": null, "excluded_sources": [], "frequency_cap": null, "duplicate_mailbox": "out"
    }'::jsonb $$;

-- After how many seconds each reason of a verdict is looked at again; NULL: it follows the clock of retries (pipeline.verdicts.reasons).
create function mkt.verdict_ages()
    returns table (reason_code text, age int)
    language sql immutable parallel safe rows 40 set search_path = pg_catalog, pg_temp
    as $$ values
        ('override_deny', 5184000), ('bounced_hard', 5184000), ('delivered_recently', 2592000), ('domain_not_found', 604800),
        ('null_mx', 2592000), ('no_mail_host', 604800), ('unroutable_mail_host', 604800), ('mx_unresolvable', 604800),
        ('mx_unroutable', 604800), ('bounced_soft_repeated', 604800), ('mx_lookup_incomplete', null), ('dns_servfail', null),
        ('dns_timeout', null), ('dns_refused', null), ('dns_error', null), ('not_yet_checked', null),
        ('implicit_mx_no_mail_spf', 604800), ('implicit_mx', 604800), ('local_part_too_long', 5184000), ('disposable_domain', 2592000),
        ('disposable_mx', 2592000), ('possible_typo', 604800), ('parked_mx', 2592000), ('system_mailbox', 5184000),
        ('role_account', 5184000), ('smtputf8_required', 5184000), ('confusable_domain', 5184000), ('provider_rule', 5184000),
        ('mx_ipv6_only', 604800), ('mx_lookup_incomplete_persistent', null), ('dns_servfail_persistent', null),
        ('dns_timeout_persistent', null), ('dns_refused_persistent', null), ('dns_error_persistent', null),
        ('override_allow', 5184000), ('mx_ok', 5184000) $$;

-- What a campaign goes by: its own choices over its tenant's over the defaults; what is chosen for single findings and ages is merged
-- one by one. NULL: there is no such campaign.
create function mkt.campaign_policy(campaign uuid)
    returns jsonb
    language sql stable set search_path = pg_catalog, pg_temp
    as $$
        select p.standard || p.tenant || p.own || jsonb_build_object(
            'findings', (p.standard -> 'findings') || coalesce(p.tenant -> 'findings', '{}') || coalesce(p.own -> 'findings', '{}'),
            'max_age', (p.standard -> 'max_age') || coalesce(p.tenant -> 'max_age', '{}') || coalesce(p.own -> 'max_age', '{}'))
        from (
            select mkt.default_policy() as standard,
                   coalesce((select t.policy from mkt.tenant_policies t where t.tenant_id = k.tenant_id), '{}') as tenant,
                   coalesce((select o.policy from mkt.campaign_policies o where o.cid = k.cid), '{}') as own
            from mtrk.campanhas k where k.cid = campaign
        ) p
    $$;

-- Everybody whom the campaign chose, and the first rule that keeps each from receiving it; NULL: nothing does, and the contact is a
-- recipient. With `only_rids` exactly these contacts, whatever became of them since they were chosen. No rows: there is no such
-- campaign. With the rights, and for the tenant, of whoever asks.
create function mkt.judge_campaign(campaign uuid, only_rids bigint[] default null)
    returns table (rid bigint, rule text, reason text)
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$
    #variable_conflict use_column
    declare
        policy jsonb := mkt.campaign_policy(campaign);
        tenant uuid := (select k.tenant_id from mtrk.campanhas k where k.cid = campaign);
        chosen uuid[];
        reached uuid[]; -- those of them that are active: who is only in others is not chosen any more
        excluded uuid[];
        held uuid[] := array(select q.import_job_id from mkt.quarantines q where q.released_at is null);
        out_findings text[] := array(select f.key from jsonb_each_text(policy -> 'findings') f where f.value = 'out');
        out_flags text[] := array(select f from unnest(out_findings) f where f in ('role_account', 'forwarding_alias'));
        bases jsonb := nullif(policy -> 'legal_bases', 'null');
        cap jsonb := nullif(policy -> 'frequency_cap', 'null');
        -- Entries that are known by a hash alone cost a hash for every contact.
        inner_pads bytea[];
        outer_pads bytea[];
    begin
        if policy is null then
            return;
        end if;
        select coalesce(array_agg(o.audience_id) filter (where not o.excluded), '{}'),
               coalesce(array_agg(o.audience_id) filter (where not o.excluded and a.status = 'active'), '{}'),
               coalesce(array_agg(o.audience_id) filter (where o.excluded), '{}')
        into chosen, reached, excluded
        from mkt.campaign_audiences o join mkt.audiences a on a.audience_id = o.audience_id
        where o.cid = campaign;
        if exists (select from ops.suppressions s where s.tenant_id = tenant and s.email is null and s.lifted_at is null) then
            select array_agg(h.inner_pad), array_agg(h.outer_pad) into inner_pads, outer_pads from mkt.hash_pads(tenant) h;
        end if;
        return query
        -- The contacts that are asked about, each with its memberships of the campaign: none where it has left since.
        with asked as (
            select l.rid, l.audience_id, l.import_job_id, l.legal_basis, l.consent_source
            from mkt.audience_contacts l
            where only_rids is null and l.tenant_id = tenant and l.audience_id = any(reached) and l.removed_at is null
            union all
            select g.rid, l.audience_id, l.import_job_id, l.legal_basis, l.consent_source
            from (select distinct unnest(only_rids) as rid) g
            left join lateral (
                select l.* from mkt.audience_contacts l
                where l.rid = g.rid and l.tenant_id = tenant and l.audience_id = any(reached) and l.removed_at is null offset 0
            ) l on true
        ),
        members as (
            select k.rid, count(k.audience_id) > 0 as is_linked, bool_and(k.import_job_id is not null and k.import_job_id = any(held)) as is_held,
                   -- What each membership lacks of the consent that the policy asks for; nothing, if one of them has it all.
                   min(w.lacks) = 0 as has_consent, max(w.lacks) as lacks
            from asked k
            cross join lateral (select case
                when (policy ->> 'consent_required')::boolean and coalesce(k.legal_basis, 'nao_informada') = 'nao_informada' then 1
                when not bases ? coalesce(k.legal_basis, 'nao_informada') then 2
                when policy -> 'excluded_sources' ? k.consent_source then 3
                else 0 end as lacks) w
            group by k.rid
        ),
        people as materialized (
            -- Of an erased person the row stays, under an address that is nobody's. The mailbox is worked out here, before it is looked
            -- up: what is not leakproof may not come before the conditions of row security, so it would be compared with every entry.
            select m.*, c.rid is null or c.email like '%@erased.invalid' as is_gone, mkt.mailbox(c.email) as mailbox
            from members m
            left join lateral (
                select c.rid, c.email from mtrk.contatos c where c.rid = m.rid and c.tenant_id = tenant offset 0
            ) c on true
        ),
        judged as (
            select p.rid, p.mailbox, r.rule, case r.rule
                    when 'suppressed' then (array['bounce', 'complaint', 'manual'])[s.suppressed]
                    when 'unsubscribed' then 'unsubscribe'
                    when 'invalid' then v.reason_code when 'unknown' then v.reason_code when 'stale_verdict' then v.reason_code
                    when 'risky' then f.finding
                    when 'consent_missing' then (array['basis_not_stated', 'basis_not_chosen', 'source_excluded'])[p.lacks]
                end as reason
            from people p
            cross join lateral (
                select bool_or(o.kind = 'erasure') as erased, bool_or(o.kind = 'unsubscribe') as unsubscribed,
                       max(array_position(array['bounce', 'complaint', 'manual'], o.kind)) as suppressed
                from (
                    select s.kind, s.audience_id from ops.suppressions s
                    where s.tenant_id = tenant and s.mailbox = p.mailbox and s.lifted_at is null
                    union all
                    select s.kind, s.audience_id
                    from (
                        select mkt.keyed_hash(h.inner_pad, h.outer_pad, p.mailbox) as hash
                        from unnest(inner_pads, outer_pads) h (inner_pad, outer_pad) offset 0
                    ) h
                    join ops.suppressions s on s.mailbox_hash = h.hash
                    where s.tenant_id = tenant and s.email is null and s.lifted_at is null
                ) o
                where o.audience_id is null or o.audience_id = any(chosen) offset 0
            ) s
            left join lateral (
                select v.status, v.reason_code, v.validated_at, v.details_json -> 'flags' as flags
                from mkt.email_validations v where v.rid = p.rid and v.tenant_id = tenant offset 0
            ) v on true
            left join lateral (select a.age from mkt.verdict_ages() a where a.reason_code = v.reason_code offset 0) a on true
            -- The finding that the policy puts out: the verdict's own, else the first of its flags by name.
            cross join lateral (select case
                when v.status = 'risky' and coalesce(policy -> 'findings' ->> v.reason_code, 'out') = 'out' then v.reason_code
                when v.status = 'valid' then (select min(x collate "C") from unnest(out_flags) x where v.flags ? x)
                when v.flags ?| out_findings then (select min(x collate "C") from unnest(out_findings) x where v.flags ? x)
                end as finding offset 0) f
            cross join lateral (select coalesce((policy -> 'max_age' ->> v.reason_code)::float8,
                (policy ->> 'freshness')::float8 * case when v.reason_code in (select a.reason_code from mkt.verdict_ages() a) then a.age else 604800 end
                ) as keeps offset 0) k
            cross join lateral (select case
                when p.is_gone or s.erased then 'erased'
                when s.suppressed is not null then 'suppressed'
                when s.unsubscribed then 'unsubscribed'
                when exists (
                    select from mkt.audience_contacts l
                    where l.rid = p.rid and l.tenant_id = tenant and l.audience_id = any(excluded) and l.removed_at is null) then 'excluded_audience'
                when not p.is_linked then 'left_audience'
                when v.status = 'invalid' then 'invalid'
                when f.finding is not null then 'risky'
                when v.status is null or v.reason_code = 'not_yet_checked' then case when policy ->> 'not_yet_checked' = 'out' then 'not_yet_checked' end
                when v.status = 'unknown' and policy ->> 'unknown' = 'out' then 'unknown'
                when v.validated_at + make_interval(secs => k.keeps) < now() then 'stale_verdict'
            end as rule offset 0) e
            cross join lateral (select coalesce(e.rule, case
                when not p.has_consent then 'consent_missing'
                when p.is_held then 'quarantined'
            end) as rule offset 0) r
        ),
        firsts as (
            select j.*, case when j.rule is null then min(j.rid) over (partition by j.mailbox, j.rule) else j.rid end as first_rid from judged j
        )
        select f.rid, case
            when f.rule is not null then f.rule
            when f.rid <> f.first_rid and policy ->> 'duplicate_mailbox' = 'out' then 'duplicate_mailbox'
            when cap is not null and (
                select count(*) from mtrk.mensagens m
                where m.tenant_id = tenant and m.rid = f.rid and m.cid <> campaign
                  and m.created_at > now() - make_interval(secs => 86400 * (cap ->> 'days')::float8)) >= (cap ->> 'messages')::int then 'frequency_cap'
            end, f.reason
        from firsts f;
    end $$;

-- Whether the contact, frozen as a recipient of the campaign, may still receive it: what a sender asks when it hands a message over.
-- What is counted among recipients (one of each mailbox, so many messages in so many days) was settled when they were frozen.
create function mkt.may_receive(campaign uuid, contact bigint)
    returns boolean
    language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
    as $$
        select exists (select from mkt.campaign_contacts f where f.cid = campaign and f.rid = contact and f.outcome = 'recipient')
           and coalesce((select j.rule is null or j.rule in ('duplicate_mailbox', 'frequency_cap')
                         from mkt.judge_campaign(campaign, array[contact]) j), false)
    $$;

revoke execute on function mkt.default_policy, mkt.verdict_ages, mkt.campaign_policy, mkt.judge_campaign, mkt.may_receive from public;
grant execute on function mkt.default_policy, mkt.verdict_ages, mkt.campaign_policy, mkt.judge_campaign, mkt.may_receive
    to mkt_worker, mkt_reader;

-- A preview reads all verdicts of a tenant, and nothing but these columns of most: the details are six times as long (decision 22).
create index ix_email_validations_tenant_id_rid on mkt.email_validations (tenant_id, rid) include (status, reason_code, validated_at);
create index ix_email_validations_of_role on mkt.email_validations (tenant_id, rid) where details_json -> 'flags' ? 'role_account';
create index ix_email_validations_in_doubt on mkt.email_validations (rid)
    where details_json -> 'flags' ? 'forwarding_alias' or status <> 'valid' and details_json -> 'flags' ?| array[
        'bounced_soft_repeated', 'confusable_domain', 'disposable_domain', 'disposable_mx', 'forwarding_alias', 'implicit_mx',
        'implicit_mx_no_mail_spf', 'local_part_too_long', 'mx_ipv6_only', 'parked_mx', 'possible_typo', 'provider_rule',
        'smtputf8_required', 'system_mailbox'];
