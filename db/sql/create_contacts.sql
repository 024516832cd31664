-- A cell with the clear token (a name of one space, an attribute of null) is an empty one here.
-- The anti-join leaves to the insert only what is missing (several times faster than a conflict per row);
-- the conflict clause decides the race with another job. Sorted by key, so that two jobs wait in one order.
-- Returns how many were missing, and how many were created.
with missing as materialized (
    select r.tenant_id, r.normalized_email, nullif(r.normalized_name, ' ') as name, jsonb_strip_nulls(r.attributes) as attributes
    from mkt.import_rows r
    left join lateral (
        select true as there from mtrk.contatos k
        where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
    ) c on true
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
      and c.there is null
),
created as (
    insert into mtrk.contatos (tenant_id, email, name, attributes)
    select m.tenant_id, m.normalized_email, m.name, m.attributes from missing m order by m.normalized_email
    on conflict (tenant_id, email) do nothing
    returning 1
)
select (select count(*) from missing) as missing, (select count(*) from created) as created
