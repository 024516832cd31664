-- Changes those contacts of the chunk that it has `locked`, each once, so that a contact takes all of a row or nothing of it; with the
-- image before. Returns how many were to be changed, and how many were.
with changed as materialized (
    select r.tenant_id, r.part_no, r.row_number, k.rid, k.name as name_before, k.attributes as attributes_before, k.updated_at, m.name, m.attributes
    from mkt.import_rows r
    cross join lateral (
        select o.rid, o.name, o.attributes, o.updated_at from mtrk.contatos o
        where o.tenant_id = r.tenant_id and o.email = r.normalized_email offset 0
    ) k
    cross join lateral (
        select mkt.merged_name(k.name, r.normalized_name, :name_policy) as name,
               mkt.merged_attributes(k.attributes, r.attributes, :policy, cast(:policies as jsonb)) as attributes offset 0
    ) m
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
      and k.rid = any(cast(:locked as bigint[]))
      and (m.name is distinct from k.name or m.attributes is distinct from k.attributes)
),
noted as (
    insert into mkt.contact_changes (import_job_id, rid, tenant_id, part_no, row_number, change, before)
    select :job, c.rid, c.tenant_id, c.part_no, c.row_number, 'updated',
           jsonb_build_object('name', c.name_before, 'attributes', c.attributes_before, 'updated_at', c.updated_at)
    from changed c
)
select count(*) as asked,
       coalesce(mkt.write_contacts(cast(:tenant as uuid), array_agg(c.rid), array_agg(c.name), array_agg(c.attributes), array_agg(now())), 0) as written
from changed c
