-- One judgement per contact: state and history in one statement. About the `plain` ones there is nothing to say but what
-- their domain's check says, and a little more about those that are `remarked`; `specials` bring their verdict along, and
-- were judged on the check of that moment.
-- Who needs no judgement was left out before; the conditions stand here again because another transaction may judge the
-- same contact between our look and our write. The newer answer stays, and a verdict outlives trouble with DNS.
with asked as (
    select cast(p.key as bigint) as rid, p.value as email, null::text as status, null::text as reason_code, null::smallint as score, null::int as retry_after,
           jsonb_build_object('norm', p.value, 'canonical', p.value) as details, null::jsonb as flags, null::timestamptz as checked_at
    from json_each_text(cast(:plain as json)) as p
    union all
    select r.rid, r.email, null, null, null, null, jsonb_build_object('norm', r.email, 'canonical', r.canonical), r.flags, null
    from jsonb_to_recordset(cast(:remarked as jsonb)) as r (rid bigint, email text, canonical text, flags jsonb)
    union all
    select s.rid, s.email, s.status, s.reason_code, s.score, s.retry_after, s.details, null, s.checked_at
    from jsonb_to_recordset(cast(:specials as jsonb)) as s
        (rid bigint, email text, status text, reason_code text, score smallint, retry_after int, details jsonb, checked_at timestamptz)
),
judged as (
    select a.rid, coalesce(a.status, d.status) as status, coalesce(a.reason_code, d.reason_code) as reason_code,
           coalesce(a.score, d.score) as score, d.changed_at,
           coalesce(d.details, '{}') || a.details
           || case when a.flags is null then '{}' else jsonb_build_object('flags', d.details -> 'flags' || a.flags) end as details,
           case when coalesce(a.status, d.status) = 'unknown' and d.retry_at is not null
                -- Until the answer is stale, asking for it again would bring the same one.
                then greatest(d.retry_at, d.expires_at, :now)
                else greatest(:now, case when :stored then d.checked_at else :now end
                                    + make_interval(secs => coalesce(a.retry_after, d.revalidate_after)))
           end as next_validation_at
    from asked a
    left join lateral (
        select o.* from mkt.domain_checks o
        where o.domain = split_part(a.email, '@', 2) and o.expires_at > :fresh_at and o.validator_version = :version
          and o.reason_code <> :unanswered offset 0
    ) d on true
    where case when a.status is null then d.domain is not null else a.checked_at is not distinct from d.checked_at end
),
written as (
    insert into mkt.email_validations as v
        (rid, tenant_id, status, reason_code, score, validated_at, validator_version, details_json, next_validation_at, domain_changed_at)
    select rid, :tenant, status, reason_code, score, :now, :version, details, next_validation_at, changed_at
    from judged
    order by rid
    on conflict (rid) do update
    set status = excluded.status, reason_code = excluded.reason_code, score = excluded.score, validated_at = excluded.validated_at,
        validator_version = excluded.validator_version, details_json = excluded.details_json,
        next_validation_at = excluded.next_validation_at, domain_changed_at = coalesce(excluded.domain_changed_at, v.domain_changed_at)
    where (v.validator_version <> :version or v.domain_changed_at is distinct from coalesce(excluded.domain_changed_at, v.domain_changed_at)
           or case when :stored then (v.status, v.reason_code, v.score) is distinct from (excluded.status, excluded.reason_code, excluded.score)
              else v.next_validation_at <= :now end)
      and (v.domain_changed_at is null or v.domain_changed_at <= coalesce(excluded.domain_changed_at, v.domain_changed_at))
      and (v.status = 'unknown' or excluded.status <> 'unknown' or excluded.reason_code like '%\_persistent'
           or v.reason_code = any(:decisions)) -- the tenant's own, which holds no longer
    returning v.rid, v.tenant_id, v.status, v.score, v.reason_code, v.validated_at, v.validator_version, v.details_json
)
insert into mkt.email_validation_history (tenant_id, rid, status, score, reason_code, validated_at, validator_version, details_json)
select tenant_id, rid, status, score, reason_code, validated_at, validator_version, details_json
from written
