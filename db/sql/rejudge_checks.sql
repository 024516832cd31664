-- Other rules, the same answer: nothing that DNS said or that the clock counts changes. A check that brought a new answer
-- since it was read has been judged by whoever stored that. In key order, as everybody who writes here.
with judged as (
    select * from jsonb_to_recordset(cast(:checks as jsonb)) as n
        (domain text, checked_at timestamptz, details jsonb, status text, reason_code text, score smallint, revalidate_after int)
),
mine as (
    select d.domain from mkt.domain_checks d join judged n using (domain)
    where d.checked_at = n.checked_at
    order by d.domain
    for update of d
)
update mkt.domain_checks d
set details = n.details, status = n.status, reason_code = n.reason_code, score = n.score, revalidate_after = n.revalidate_after,
    validator_version = :version,
    changed_at = case
        when (d.status, d.reason_code, d.score, d.validator_version, d.details -> 'flags', d.details -> 'suggestion')
             is distinct from (n.status, n.reason_code, n.score, :version, n.details -> 'flags', n.details -> 'suggestion')
        then :now else d.changed_at end
from mine join judged n using (domain)
where d.domain = mine.domain
