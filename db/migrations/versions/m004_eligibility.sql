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

-- Judges these contacts before a campaign, each by its keys, so that a few thousand of them take the same time beside any number
-- of others. Contacts that share a mailbox are compared among those that are given.
create function mkt.judge_contacts(campaign uuid, rids bigint[])
    returns table (rid bigint, rule text, reason text)
    language sql stable set search_path = pg_catalog, pg_temp
    as $judge$
with terms as materialized (
    select k.cid, k.tenant_id, mkt.campaign_policy(k.cid) as p, now() as moment from mtrk.campanhas k where k.cid = campaign
),
pads as materialized (
    select h.* from terms t cross join lateral mkt.hash_pads(t.tenant_id) h
    where exists (select from ops.suppressions s where s.tenant_id = t.tenant_id and s.email is null and s.lifted_at is null)
),
used as materialized (
    select a.audience_id, o.excluded, a.status = 'active' as is_active
    from mkt.campaign_audiences o join mkt.audiences a on a.audience_id = o.audience_id where o.cid = campaign
),
people as materialized (
    select w.rid, c.tenant_id, mkt.mailbox(c.email) as mailbox
    from (select distinct r as rid from unnest(rids) r) w
    left join lateral (select k.tenant_id, k.email from mtrk.contatos k where k.rid = w.rid offset 0) c on true
),
looked as materialized (
    select p.rid, p.mailbox, p.mailbox is null as is_gone, o.strength, x.is_shunned, l.links, l.held, l.least, l.most,
           v.status, v.reason_code, f.finding, t.p,
           v.validated_at + make_interval(secs => coalesce(
               (t.p -> 'max_age' ->> v.reason_code)::float8,
               (t.p ->> 'freshness')::float8 * case when a.reason_code is null then 604800 else a.age end)) < t.moment as is_stale,
           v.rid is null or v.reason_code = 'not_yet_checked' as is_unchecked, t.moment
    from people p
    cross join terms t
    cross join lateral (
        select max(array_position(array['unsubscribe', 'bounce', 'complaint', 'manual', 'erasure'], s.kind)) as strength
        from (
            select k.kind, k.audience_id from ops.suppressions k
            where k.tenant_id = p.tenant_id and k.mailbox = p.mailbox and k.lifted_at is null
            union all
            select k.kind, k.audience_id
            from pads h
            join ops.suppressions k on k.tenant_id = p.tenant_id and k.email is null
                and k.mailbox_hash = mkt.keyed_hash(h.inner_pad, h.outer_pad, p.mailbox)
            where k.lifted_at is null
        ) s
        where s.audience_id is null or s.audience_id in (select u.audience_id from used u where not u.excluded)
        offset 0
    ) o
    cross join lateral (
        select exists (
            select from mkt.audience_contacts m where m.rid = p.rid and m.removed_at is null
            and m.audience_id in (select u.audience_id from used u where u.excluded)) as is_shunned
        offset 0
    ) x
    cross join lateral (
        select count(*) as links, count(q.import_job_id) as held, min(w.lacks) as least, max(w.lacks) as most
        from mkt.audience_contacts m
        left join mkt.quarantines q on q.import_job_id = m.import_job_id and q.released_at is null
        cross join lateral (select case
            when (t.p ->> 'consent_required')::boolean and coalesce(m.legal_basis, 'nao_informada') = 'nao_informada' then 1
            when jsonb_typeof(t.p -> 'legal_bases') = 'array' and not t.p -> 'legal_bases' ? coalesce(m.legal_basis, 'nao_informada') then 2
            when t.p -> 'excluded_sources' ? m.consent_source then 3
            else 0 end as lacks) w
        where m.rid = p.rid and m.removed_at is null
          and m.audience_id in (select u.audience_id from used u where not u.excluded) -- archived since, or not
        offset 0
    ) l
    left join lateral (
        select e.rid, e.status, e.reason_code, e.validated_at, e.details_json -> 'flags' as flags
        from mkt.email_validations e where e.rid = p.rid offset 0
    ) v on true
    left join lateral (select g.reason_code, g.age from mkt.verdict_ages() g where g.reason_code = v.reason_code offset 0) a on true
    cross join lateral (
        -- The finding that the policy puts out: the verdict's own, else the first of its flags by name.
        select case when v.status = 'risky' and coalesce(t.p -> 'findings' ->> v.reason_code, 'out') = 'out' then v.reason_code
                    when v.flags is null or v.flags = '[]' then null
                    else (select min(g.key collate "C") from jsonb_each_text(t.p -> 'findings') g
                          where g.value = 'out' and v.flags ? g.key
                            and (v.status <> 'valid' or g.key in ('role_account', 'forwarding_alias'))) end as finding
        offset 0
    ) f
),
judged as materialized (
    select k.*, case
        when k.is_gone or k.strength = 5 then 'erased'
        when k.strength > 1 then 'suppressed'
        when k.strength = 1 then 'unsubscribed'
        when k.is_shunned then 'excluded_audience'
        when k.links = 0 then 'left_audience'
        when k.status = 'invalid' then 'invalid'
        when k.finding is not null then 'risky'
        when k.is_unchecked and k.p ->> 'not_yet_checked' = 'out' then 'not_yet_checked'
        when k.status = 'unknown' and not k.is_unchecked and k.p ->> 'unknown' = 'out' then 'unknown'
        when k.is_stale and not k.is_unchecked then 'stale_verdict'
        when k.least > 0 then 'consent_missing'
        when k.held = k.links then 'quarantined' end as rule
    from looked k
)
select j.rid, coalesce(j.rule, case
           when j.p ->> 'duplicate_mailbox' = 'out' and j.rid <> min(j.rid) over (partition by j.mailbox, j.rule) then 'duplicate_mailbox'
           when jsonb_typeof(j.p -> 'frequency_cap') = 'object' and (
               select count(*) from mtrk.mensagens m
               where m.tenant_id = (select t.tenant_id from terms t) and m.rid = j.rid and m.cid <> campaign
                 and m.created_at > j.moment - make_interval(secs => 86400 * (j.p -> 'frequency_cap' ->> 'days')::float8)
           ) >= (j.p -> 'frequency_cap' ->> 'messages')::int then 'frequency_cap' end),
       case j.rule
           when 'suppressed' then (array['bounce', 'complaint', 'manual'])[j.strength - 1]
           when 'unsubscribed' then 'unsubscribe'
           when 'invalid' then j.reason_code when 'unknown' then j.reason_code when 'stale_verdict' then j.reason_code
           when 'risky' then j.finding
           when 'consent_missing' then (array['basis_not_stated', 'basis_not_chosen', 'source_excluded'])[j.most] end
from judged j
    $judge$;

-- Everybody whom the campaign chose, and the first rule that keeps each from receiving it; NULL: nothing does, and the contact is a
-- recipient. With `only_rids` exactly these contacts, whatever became of them since they were chosen. No rows: there is no such
-- campaign. With the rights, and for the tenant, of whoever asks.
create function mkt.judge_campaign(campaign uuid, only_rids bigint[] default null)
    returns table (rid bigint, rule text, reason text)
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $judge$
    declare
        policy jsonb := mkt.campaign_policy(campaign);
        tenant uuid := (select k.tenant_id from mtrk.campanhas k where k.cid = campaign);
        -- The contacts that are asked about, each with its links into the campaign: none where it has left since.
        asked text := case when only_rids is null then $sql$
            select l.rid, l.audience_id, l.import_job_id, l.legal_basis, l.consent_source
            from used u join mkt.audience_contacts l on l.audience_id = u.audience_id
            where not u.excluded and u.is_active and l.tenant_id = $2 and l.removed_at is null
        $sql$ else $sql$
            select g.rid, l.audience_id, l.import_job_id, l.legal_basis, l.consent_source
            from (select distinct unnest($3) as rid) g
            left join (mkt.audience_contacts l join used u on u.audience_id = l.audience_id and not u.excluded)
                on l.rid = g.rid and l.tenant_id = $2 and l.removed_at is null
        $sql$ end;
        -- Entries that are known by a hash alone cost a hash for every contact.
        hashed text := case when exists (
            select from ops.suppressions s where s.tenant_id = tenant and s.mailbox is null and s.lifted_at is null) then $sql$
            union all
            select c.rid, s.kind, s.audience_id
            from people c cross join mkt.hash_pads($2) p
            join ops.suppressions s on s.tenant_id = $2 and s.mailbox is null and s.lifted_at is null
                and s.mailbox_hash = mkt.keyed_hash(p.inner_pad, p.outer_pad, c.mailbox)
        $sql$ else '' end;
        capped text := case when jsonb_typeof(policy -> 'frequency_cap') = 'object' then $sql$
            select m.rid from people p join mtrk.mensagens m on m.tenant_id = $2 and m.rid = p.rid
            where m.cid <> $1 and m.created_at > now() - make_interval(secs => 86400 * ($4 -> 'frequency_cap' ->> 'days')::float8)
            group by m.rid having count(*) >= ($4 -> 'frequency_cap' ->> 'messages')::int
        $sql$ else 'select null::bigint as rid where false' end;
    begin
        if policy is null then
            return;
        end if;
        if only_rids is not null then
            return query select c.rid, c.rule, c.reason from mkt.judge_contacts(campaign, only_rids) c;
            return;
        end if;
        return query execute replace(replace(replace($sql$
        with used as materialized (
            select a.audience_id, o.excluded, a.status = 'active' as is_active
            from mkt.campaign_audiences o join mkt.audiences a on a.audience_id = o.audience_id
            where o.cid = $1
        ),
        asked as ({asked}),
        members as (
            select k.rid, count(k.audience_id) > 0 as is_linked,
                   bool_and(q.import_job_id is not null) as is_quarantined,
                   -- What each link lacks of the consent that the policy asks for; nothing, if one of them has it all.
                   min(w.lacks) filter (where k.audience_id is not null) = 0 as has_consent, max(w.lacks) as lacks
            from asked k
            left join mkt.quarantines q on q.import_job_id = k.import_job_id and q.released_at is null
            cross join lateral (select case
                when ($4 ->> 'consent_required')::boolean and coalesce(k.legal_basis, 'nao_informada') = 'nao_informada' then 1
                when jsonb_typeof($4 -> 'legal_bases') = 'array' and not $4 -> 'legal_bases' ? coalesce(k.legal_basis, 'nao_informada') then 2
                when $4 -> 'excluded_sources' ? k.consent_source then 3
                else 0 end as lacks) w
            group by k.rid
        ),
        people as (
            select m.*, c.rid is null as is_gone, mkt.mailbox(c.email) as mailbox
            from members m left join mtrk.contatos c on c.rid = m.rid and c.tenant_id = $2
        ),
        said as (
            select o.rid, bool_or(o.kind = 'erasure') as erased, bool_or(o.kind = 'unsubscribe') as unsubscribed,
                   max(array_position(array['bounce', 'complaint', 'manual'], o.kind)) as suppressed
            from (
                select p.rid, s.kind, s.audience_id
                from people p join ops.suppressions s on s.tenant_id = $2 and s.mailbox = p.mailbox and s.lifted_at is null
                {hashed}
            ) o
            where o.audience_id is null or o.audience_id in (select u.audience_id from used u where not u.excluded)
            group by o.rid
        ),
        kept_out as (
            select distinct l.rid from used u join mkt.audience_contacts l on l.audience_id = u.audience_id
            where u.excluded and l.tenant_id = $2 and l.removed_at is null and ($3 is null or l.rid = any($3))
        ),
        capped as ({capped}),
        verdicts as (
            select p.rid, v.status, v.reason_code, v.validated_at, v.details_json -> 'flags' as flags,
                   -- The finding that the policy puts out: the verdict's own, else the first of its flags by name.
                   case when v.status = 'risky' and coalesce($4 -> 'findings' ->> v.reason_code, 'out') = 'out' then v.reason_code
                        else (select min(f.key collate "C") from jsonb_each_text($4 -> 'findings') f
                              where f.value = 'out' and v.details_json -> 'flags' ? f.key
                                and (v.status <> 'valid' or f.key in ('role_account', 'forwarding_alias'))) end as finding,
                   coalesce(($4 -> 'max_age' ->> v.reason_code)::float8,
                            ($4 ->> 'freshness')::float8 * case when a.reason_code is null then 604800 else a.age end) as keeps
            from people p
            join mkt.email_validations v on v.rid = p.rid and v.tenant_id = $2
            left join mkt.verdict_ages() a on a.reason_code = v.reason_code
        ),
        judged as (
            select p.rid, p.mailbox, x.rid is not null as is_capped, r.rule, case r.rule
                    when 'suppressed' then (array['bounce', 'complaint', 'manual'])[s.suppressed]
                    when 'unsubscribed' then 'unsubscribe'
                    when 'invalid' then v.reason_code when 'unknown' then v.reason_code when 'stale_verdict' then v.reason_code
                    when 'risky' then v.finding
                    when 'consent_missing' then (array['basis_not_stated', 'basis_not_chosen', 'source_excluded'])[p.lacks]
                end as reason
            from people p
            left join said s on s.rid = p.rid
            left join kept_out k on k.rid = p.rid
            left join verdicts v on v.rid = p.rid
            left join capped x on x.rid = p.rid
            cross join lateral (select case
                when p.is_gone or s.erased then 'erased'
                when s.suppressed is not null then 'suppressed'
                when s.unsubscribed then 'unsubscribed'
                when k.rid is not null then 'excluded_audience'
                when not p.is_linked then 'left_audience'
                when v.status = 'invalid' then 'invalid'
                when v.finding is not null then 'risky'
                when (v.rid is null or v.reason_code = 'not_yet_checked') then case when $4 ->> 'not_yet_checked' = 'out' then 'not_yet_checked' end
                when v.status = 'unknown' and $4 ->> 'unknown' = 'out' then 'unknown'
                when v.validated_at + make_interval(secs => v.keeps) < now() then 'stale_verdict'
            end as rule offset 0) e
            cross join lateral (select coalesce(e.rule, case
                when not p.has_consent then 'consent_missing'
                when p.is_quarantined then 'quarantined'
            end) as rule offset 0) r
        ),
        firsts as (
            select j.*, case when j.rule is null then min(j.rid) over (partition by j.mailbox, j.rule) else j.rid end as first_rid from judged j
        )
        select f.rid, coalesce(f.rule, case
            when f.rid <> f.first_rid and $4 ->> 'duplicate_mailbox' = 'out' then 'duplicate_mailbox'
            when f.is_capped then 'frequency_cap' end), f.reason
        from firsts f
        $sql$, '{asked}', asked), '{hashed}', hashed), '{capped}', capped)
        using campaign, tenant, only_rids, policy;
    end $judge$;

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

revoke execute on function mkt.default_policy, mkt.verdict_ages, mkt.campaign_policy, mkt.judge_contacts, mkt.judge_campaign, mkt.may_receive from public;
grant execute on function mkt.default_policy, mkt.verdict_ages, mkt.campaign_policy, mkt.judge_contacts, mkt.judge_campaign, mkt.may_receive
    to mkt_worker, mkt_reader;

-- The same rows as the policies show, for statements that read all of them: here the tenant is looked up once for a statement, and not
-- once for every row, which costs more than all else that is done with a row. They are read with the rights of the tables' owner, hence
-- the condition.
create view mkt.own_memberships with (security_barrier) as
    select * from mkt.audience_contacts where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid);
create view mkt.own_verdicts with (security_barrier) as
    select * from mkt.email_validations where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on mkt.own_memberships, mkt.own_verdicts to mkt_worker, mkt_reader;
