-- What DNS said, once per domain. `changed_at` moves only when the verdict, or a finding that addresses inherit, becomes
-- another one: contacts that were judged on the same state need no new judgement.
insert into mkt.domain_checks as d
    (domain, outcome, facts, details, status, reason_code, score, revalidate_after, validator_version, attempt, retry_at,
     checked_at, changed_at, expires_at)
select n.domain, n.outcome, n.facts, n.details, n.status, n.reason_code, n.score, n.revalidate_after, :version, n.attempt, n.retry_at,
       :now, :now, cast(:now as timestamptz) + make_interval(secs => n.ttl)
from jsonb_to_recordset(cast(:checks as jsonb)) as n
    (domain text, outcome text, facts jsonb, details jsonb, status text, reason_code text, score smallint, revalidate_after int,
     ttl int, attempt smallint, retry_at timestamptz)
order by n.domain
on conflict (domain) do update
set outcome = excluded.outcome, facts = excluded.facts, details = excluded.details, status = excluded.status,
    reason_code = excluded.reason_code, score = excluded.score, revalidate_after = excluded.revalidate_after,
    validator_version = excluded.validator_version, attempt = excluded.attempt, retry_at = excluded.retry_at,
    checked_at = excluded.checked_at, expires_at = excluded.expires_at, claimed_by = null, claimed_until = null,
    changed_at = case
        when (d.status, d.reason_code, d.score, d.validator_version, d.details -> 'flags', d.details -> 'suggestion')
             is distinct from (excluded.status, excluded.reason_code, excluded.score, excluded.validator_version,
                               excluded.details -> 'flags', excluded.details -> 'suggestion')
        then excluded.changed_at else d.changed_at end
