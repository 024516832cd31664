-- What DNS said, once per domain. `changed_at` moves only when the verdict becomes another one: contacts that were
-- judged on the same verdict need no new judgement.
insert into mkt.domain_checks as d
    (domain, outcome, facts, status, reason_code, score, revalidate_after, validator_version, checked_at, changed_at, expires_at)
select n.domain, n.outcome, n.facts, n.status, n.reason_code, n.score, n.revalidate_after, :version,
       clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(secs => n.ttl)
from jsonb_to_recordset(cast(:checks as jsonb)) as n
    (domain text, outcome text, facts jsonb, status text, reason_code text, score smallint, revalidate_after int, ttl int)
order by n.domain
on conflict (domain) do update
set outcome = excluded.outcome, facts = excluded.facts, status = excluded.status, reason_code = excluded.reason_code,
    score = excluded.score, revalidate_after = excluded.revalidate_after, validator_version = excluded.validator_version,
    checked_at = excluded.checked_at, expires_at = excluded.expires_at, claimed_by = null, claimed_until = null,
    changed_at = case
        when (d.status, d.reason_code, d.score, d.validator_version)
             is distinct from (excluded.status, excluded.reason_code, excluded.score, excluded.validator_version)
        then excluded.changed_at else d.changed_at end
