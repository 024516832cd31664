-- Figures of the whole installation. Labels are words of ours, never an address, a domain or a name.
select 'mkt_jobs' as name, jsonb_build_object('status', status) as labels, count(*)::float8 as value
from mkt.import_jobs group by status
union all
select 'mkt_rows', jsonb_build_object('outcome', o.outcome), coalesce(sum(o.n), 0)::float8
from mkt.import_jobs j
cross join lateral (values ('ok', j.ok_rows), ('error', j.error_rows), ('duplicate', j.duplicate_rows)) as o (outcome, n)
group by o.outcome
union all
select 'mkt_chunks_due', jsonb_build_object('stage', c.stage), count(*)::float8
from mkt.import_chunks c join mkt.import_jobs j using (import_job_id)
where j.status in ('queued', 'processing') and c.due_at <= clock_timestamp()
group by c.stage
union all
select 'mkt_chunks_silent', '{}', count(*)::float8
from mkt.import_chunks c join mkt.import_jobs j using (import_job_id)
where j.status in ('queued', 'processing') and c.due_at < clock_timestamp() - interval '1 minute'
  and (c.kind = 'settle' or (j.cancel_requested_at is null and j.pause_requested_at is null and j.failure_code is null))
union all
select 'mkt_contacts', jsonb_build_object('status', status), count(*)::float8
from mkt.email_validations group by status
union all
select 'mkt_opt_outs', jsonb_build_object('kind', kind), count(*)::float8
from ops.suppressions where lifted_at is null group by kind
union all
select 'mkt_opt_outs_incomplete', '{}', count(*)::float8
from ops.suppressions where mailbox_hash is null
union all
select 'mkt_contacts_due', '{}', count(*)::float8
from mkt.email_validations where next_validation_at <= clock_timestamp()
union all
select 'mkt_domain_checks', jsonb_build_object('outcome', d.outcome, 'window', w.name), count(*)::float8
from (values ('minute', interval '1 minute'), ('hour', interval '1 hour')) as w (name, length)
join mkt.domain_checks d on d.checked_at > clock_timestamp() - w.length
group by d.outcome, w.name
union all
select 'mkt_domains_claimed', '{}', count(*)::float8
from mkt.domain_checks where claimed_until > clock_timestamp()
