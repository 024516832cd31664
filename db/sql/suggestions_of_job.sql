-- What the verdicts of the job's contacts suggest, for contacts who are still in its audience under the address as written:
-- by domain, or by address where it is the part before the @ that is mended. Contact by contact, by key, as reasons_of_job.
select p.written, p.meant, count(*) as contacts
from mkt.import_rows r
cross join lateral (
    select k.rid, k.email from mtrk.contatos k where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c
cross join lateral (
    select k.details_json ->> 'suggestion' as suggestion from mkt.email_validations k
    where k.rid = c.rid and k.reason_code <> 'override_deny' and k.details_json ->> 'suggestion' is not null offset 0
) v
cross join lateral (
    select from mkt.audience_contacts k where k.audience_id = :audience and k.rid = c.rid and k.removed_at is null offset 0
) a
cross join lateral mkt.suggested_pair(c.email, v.suggestion) p
where r.import_job_id = :job and r.parse_status = 'ok' and r.duplicate_of_row is null
group by p.written, p.meant
order by contacts desc, p.written
