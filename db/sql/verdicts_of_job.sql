select v.status, count(*)
from mkt.import_rows r
join mtrk.contatos c on c.tenant_id = r.tenant_id and c.email = r.normalized_email
join mkt.email_validations v on v.rid = c.rid
where r.import_job_id = :job and r.parse_status = 'ok' and r.duplicate_of_row is null
group by v.status
