-- Rows of the ledger with the job that read them and what became of them; {which} says which rows.
select r.import_job_id, j.kind, j.status, j.file_name, a.name as audience, u.name as uploaded_by, j.created_at, r.part_no, r.row_number,
       r.raw_email, r.raw_name, r.attributes, r.normalized_email,
       case when r.parse_status = 'error' then 'error'
            when r.duplicate_of_row is not null then 'duplicate'
            when j.kind = 'dry_run' then 'dry_run'
            when c.upserted then coalesce(h.change, 'unchanged') end as outcome,
       r.error_code, r.error_detail, r.opt_out, r.consent
from mkt.import_rows r
join mkt.import_jobs j on j.import_job_id = r.import_job_id
left join mkt.audiences a on a.audience_id = j.audience_id
left join auth.users u on u.user_id = j.uploaded_by_user_id
left join lateral (
    select k.contacts_created is not null as upserted from mkt.import_chunks k
    where k.import_job_id = r.import_job_id and k.kind = 'rows' and k.part_no = r.part_no
      and r.row_number between k.first_row and k.last_row limit 1
) c on true
left join lateral (
    select o.change from mtrk.contatos k join mkt.contact_changes o on o.import_job_id = r.import_job_id and o.rid = k.rid
    where k.tenant_id = r.tenant_id and k.email = r.normalized_email limit 1
) h on true
where r.tenant_id = :tenant and {which}
order by r.import_job_id, r.part_no, r.row_number
