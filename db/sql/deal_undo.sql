-- Everybody with whom the import did something, in chunks of consecutive contacts. What was done is counted here to show how far
-- the undo is; a chunk counts again what it finds.
with seats as (
    select t.rid, t.things, (row_number() over (order by t.rid) - 1) / :chunk_rows as seat from ({touched}) t
)
insert into mkt.import_chunks
    (import_job_id, chunk_no, tenant_id, kind, stage, due_at, part_no, first_row, last_row, first_rid, last_rid, records_seen)
select :job, :first + s.seat, :tenant, 'rows', 'undo', clock_timestamp(), 0, s.seat * :chunk_rows + 1, s.seat * :chunk_rows + count(*),
       min(s.rid), max(s.rid), sum(s.things)
from seats s
group by s.seat
