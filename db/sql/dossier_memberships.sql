select m.rid, m.audience_id, a.name as audience, a.description, m.added_at, m.import_job_id, j.file_name, m.part_no, m.row_number,
       u.name as uploaded_by, m.legal_basis, m.consent_source, m.consented_at, host(m.consent_ip) as consent_ip, m.consent_form,
       m.consent_evidence, m.consent_job_id, m.removed_at, r.name as removed_by, m.removed_by_job_id, m.removal_reason
from mkt.audience_contacts m
join mkt.audiences a on a.audience_id = m.audience_id
left join mkt.import_jobs j on j.import_job_id = m.import_job_id
left join auth.users u on u.user_id = j.uploaded_by_user_id
left join auth.users r on r.user_id = m.removed_by_user_id
where m.rid = any(cast(:rids as bigint[]))
order by m.added_at, a.name
