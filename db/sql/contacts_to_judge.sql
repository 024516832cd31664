-- Which of these contacts need a judgement, and whether DNS has answered for them: those without a state, and those whose
-- state was drawn by other rules, or from another answer, or is due. Where a base is judged from stored evidence, all are
-- looked at, and those written whose verdict is another one; what is merely due is the clock's affair. The contacts are given as a select of `rid` and `email`.
select k.rid, k.email, d.domain is not null as answered
from ({contacts} offset 0) k
left join lateral (
    select o.rid, o.validator_version, o.domain_changed_at, o.next_validation_at from mkt.email_validations o
    where o.rid = k.rid offset 0
) v on true
left join lateral (
    select o.domain, o.changed_at from mkt.domain_checks o
    where o.domain = split_part(k.email, '@', 2) and o.expires_at > :fresh_at and o.validator_version = :version
      and o.reason_code <> :unanswered offset 0
) d on true
where v.rid is null or v.validator_version <> :version or v.domain_changed_at is distinct from coalesce(d.changed_at, v.domain_changed_at)
   or v.next_validation_at <= :now or :stored
