-- Contact by contact, by key: of a job that has just ended the planner has no statistics, and might compare each row with everybody.
select v.status, v.reason_code, count(*)
from mkt.import_rows r
cross join lateral (
    select k.rid from mtrk.contatos k where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c
cross join lateral (select k.status, k.reason_code from mkt.email_validations k where k.rid = c.rid offset 0) v
where r.import_job_id = :job and r.parse_status = 'ok' and r.duplicate_of_row is null
group by v.status, v.reason_code
order by 3 desc, 2
