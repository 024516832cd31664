-- Every chunk's rows are read once, along the key; materialized, so that no plan can do it once per chunk.
with counted as materialized (
    select k.chunk_no, (
        select count(*)
        from mkt.import_rows r
        where r.import_job_id = :job and r.part_no = k.part_no and r.row_number between k.first_row and k.last_row
          and r.duplicate_of_row is not null
    ) as duplicates
    from mkt.import_chunks k
    where k.import_job_id = :job and k.kind = 'rows'
)
update mkt.import_chunks c
set duplicate_rows = d.duplicates,
    ok_rows = c.ok_rows - d.duplicates
from counted d
where c.import_job_id = :job and c.chunk_no = d.chunk_no and d.duplicates > 0
