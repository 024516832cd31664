-- The row of an address takes every field that it lacks from the first duplicate, in file order, that has it.
with rows as materialized (
    select r.part_no, r.row_number, coalesce(r.duplicate_of_part, r.part_no) as winner_part,
           coalesce(r.duplicate_of_row, r.row_number) as winner_row, r.normalized_name, r.attributes, r.consent
    from mkt.import_rows r
    where r.import_job_id = :job and r.parse_status = 'ok' and (
        r.duplicate_of_row is not null
        or (r.part_no, r.row_number) in (
            select duplicate_of_part, duplicate_of_row from mkt.import_rows where import_job_id = :job and duplicate_of_row is not null))
),
attributes as (
    select winner_part, winner_row, jsonb_object_agg(key, value) as attributes
    from (
        select distinct on (winner_part, winner_row, a.key) winner_part, winner_row, a.key, a.value
        from rows cross join lateral jsonb_each(rows.attributes) a
        order by winner_part, winner_row, a.key, part_no, row_number
    ) first_of_each
    group by winner_part, winner_row
),
others as (
    select winner_part, winner_row,
           (array_agg(normalized_name order by part_no, row_number) filter (where normalized_name is not null))[1] as normalized_name,
           (array_agg(consent order by part_no, row_number) filter (where consent is not null))[1] as consent
    from rows
    group by winner_part, winner_row
)
update mkt.import_rows r
set normalized_name = o.normalized_name,
    attributes = coalesce(a.attributes, '{}'),
    consent = o.consent
from others o
left join attributes a using (winner_part, winner_row)
where r.import_job_id = :job and r.part_no = o.winner_part and r.row_number = o.winner_row
