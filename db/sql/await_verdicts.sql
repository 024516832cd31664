-- Those that a judgement was due for and that got none. DNS has not answered: a contact without a state gets one that says
-- so, and so does one whose verdict was a decision that the tenant took back. Or DNS is in trouble: any other verdict outlives that. Neither is a judgement, hence no history; the clock comes again.
insert into mkt.email_validations as v
    (rid, tenant_id, status, reason_code, score, validated_at, validator_version, next_validation_at)
select cast(k.key as bigint), :tenant, 'unknown', :unanswered, :score, :now, :version,
       coalesce(d.retry_at, :now + make_interval(secs => :retry_after))
from json_each_text(cast(:contacts as json)) as k
left join lateral (
    select greatest(o.retry_at, o.expires_at) as retry_at from mkt.domain_checks o
    where o.domain = split_part(k.value, '@', 2) and o.expires_at > :fresh_at
      and greatest(o.retry_at, o.expires_at) > :now and o.retry_at is not null offset 0
) d on true
order by 1
on conflict (rid) do update
set next_validation_at = excluded.next_validation_at,
    status = case when v.reason_code = any(:decisions) then excluded.status else v.status end,
    reason_code = case when v.reason_code = any(:decisions) then excluded.reason_code else v.reason_code end,
    score = case when v.reason_code = any(:decisions) then excluded.score else v.score end,
    details_json = case when v.reason_code = any(:decisions) then excluded.details_json else v.details_json end
where v.next_validation_at <= :now
