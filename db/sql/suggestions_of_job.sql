-- What the verdicts of the job's contacts suggest, for contacts who are still in its audience under the address as written:
-- by domain, or by address where it is the part before the @ that is mended.
select p.written, p.meant, count(*) as contacts
from mkt.import_rows r
join mtrk.contatos c on c.tenant_id = r.tenant_id and c.email = r.normalized_email
join mkt.email_validations v on v.rid = c.rid
join mkt.audience_contacts a on a.audience_id = :audience and a.rid = c.rid and a.removed_at is null
cross join lateral mkt.suggested_pair(c.email, v.details_json ->> 'suggestion') p
where r.import_job_id = :job and r.parse_status = 'ok' and r.duplicate_of_row is null and v.details_json ->> 'suggestion' is not null
  and v.reason_code <> 'override_deny'
group by p.written, p.meant
order by contacts desc, p.written
