-- The rows of one chunk, with what became of each. `:upserted` says whether the chunk's effects on contacts are there; while
-- they are not, and in a dry run, a row with an address that counts has no outcome. The look-ups go by key, row by row.
select o.*
from (
    select r.row_number, r.raw_email, r.raw_name, r.normalized_email, r.parse_status, r.error_code, r.error_detail,
           r.duplicate_of_part, r.duplicate_of_row, r.warnings, r.opt_out,
           case when r.parse_status = 'error' then 'error'
                when r.duplicate_of_row is not null then 'duplicate'
                when c.rid is not null then coalesce(h.change, 'unchanged') end as outcome
    from mkt.import_rows r
    left join lateral (
        select k.rid from mtrk.contatos k
        where :upserted and r.parse_status = 'ok' and r.duplicate_of_row is null
          and k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
    ) c on true
    left join lateral (
        select k.change from mkt.contact_changes k where k.import_job_id = r.import_job_id and k.rid = c.rid offset 0
    ) h on true
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and (cast(:parse_status as text) is null or r.parse_status = :parse_status)
      and (cast(:error_code as text) is null or r.error_code = :error_code)
) o
where cast(:outcome as text) is null or o.outcome = :outcome or (:outcome = 'opted_out' and o.opt_out is not null)
order by o.row_number
