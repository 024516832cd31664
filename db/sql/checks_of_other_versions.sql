-- Answered checks that were judged by other rules, in key order from after :after on, with what judging needs.
select domain, facts, attempt, checked_at, status, reason_code
from mkt.domain_checks
where domain > :after and outcome is not null and validator_version <> :version
order by domain
limit :most
