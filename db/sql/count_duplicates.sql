update mkt.import_chunks c
set duplicate_rows = d.duplicates,
    ok_rows = c.ok_rows - d.duplicates
from (
    select c2.chunk_no, count(*) as duplicates
    from mkt.import_rows r
    join mkt.import_chunks c2
      on c2.import_job_id = r.import_job_id and c2.kind = 'rows' and c2.part_no = r.part_no
     and r.row_number between c2.first_row and c2.last_row
    where r.import_job_id = :job and r.duplicate_of_row is not null
    group by c2.chunk_no
) d
where c.import_job_id = :job and c.chunk_no = d.chunk_no
