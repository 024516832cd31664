-- The first row of an address in file order wins, or the last. Part and row are packed into one number so that a plain
-- min() or max() finds it; only addresses that occur more than once come back to the rows.
with winners as materialized (
    select normalized_email, case when :last then max((cast(part_no as bigint) << 32) | row_number)
           else min((cast(part_no as bigint) << 32) | row_number) end as place
    from mkt.import_rows
    where import_job_id = :job and parse_status = 'ok'
    group by normalized_email
    having count(*) > 1
)
update mkt.import_rows r
set duplicate_of_part = cast(f.place >> 32 as int),
    duplicate_of_row = cast(f.place & 4294967295 as int)
from winners f
where r.import_job_id = :job and r.parse_status = 'ok' and r.normalized_email = f.normalized_email
  and ((cast(r.part_no as bigint) << 32) | r.row_number) <> f.place
