-- The rows of one chunk, with what became of each. `:upserted` says whether the chunk's effects on contacts are there; while
-- they are not, and in a dry run, a row with an address that counts has no outcome. The look-ups go by key, row by row.
select o.row_number, o.raw_email, o.raw_name, o.normalized_email, o.parse_status, o.error_code, o.error_detail,
       o.duplicate_of_part, o.duplicate_of_row, o.warnings, o.opt_out, o.outcome
from (
    select r.row_number, r.raw_email, r.raw_name, r.normalized_email, r.parse_status, r.error_code, r.error_detail,
           r.duplicate_of_part, r.duplicate_of_row, r.warnings, r.opt_out,
           case when r.parse_status = 'error' then 'error'
                when r.duplicate_of_row is not null then 'duplicate'
                when c.rid is not null then coalesce(h.change, 'unchanged') end as outcome, m.kept_out
    from mkt.import_rows r
    left join lateral (
        select k.rid from mtrk.contatos k
        where :upserted and r.parse_status = 'ok' and r.duplicate_of_row is null
          and k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
    ) c on true
    left join lateral (
        select k.change from mkt.contact_changes k where k.import_job_id = r.import_job_id and k.rid = c.rid offset 0
    ) h on true
    left join lateral (
        -- Taken out before the job ended, and not brought in by it: it met somebody who stays out.
        select true as kept_out from mkt.import_jobs j
        join mkt.audience_contacts k on k.audience_id = j.audience_id and k.rid = c.rid
        where :outcome = 'kept_out' and j.import_job_id = r.import_job_id and k.import_job_id is distinct from r.import_job_id
          and k.removed_by_job_id is null and k.removed_at < coalesce(j.finished_at, now()) offset 0
    ) m on true
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and (cast(:parse_status as text) is null or r.parse_status = :parse_status)
      and (cast(:error_code as text) is null or r.error_code = :error_code)
) o
where cast(:outcome as text) is null or o.outcome = :outcome or (:outcome = 'opted_out' and o.opt_out is not null) or (:outcome = 'kept_out' and o.kept_out)
order by o.row_number
