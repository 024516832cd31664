-- Single flight over all workers: a domain is ours if nobody answered for it lately and nobody is asking now. What was heard
-- of it before comes back with the claim: a trouble that goes on is counted.
insert into mkt.domain_checks as d (domain, claimed_by, claimed_until)
select domain, :worker, clock_timestamp() + make_interval(secs => :seconds)
from unnest(cast(:domains as text[])) as domain
order by domain
on conflict (domain) do update
set claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until
where (d.claimed_until is null or d.claimed_until <= clock_timestamp())
  and (d.expires_at is null or d.expires_at <= :now)
returning d.domain, d.outcome, d.attempt, d.retry_at
