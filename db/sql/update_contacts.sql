-- One statement per contact and chunk, so that a contact takes all of a row or nothing of it; with the image before.
with changed as (
    update mtrk.contatos c
    set name = mkt.merged_name(c.name, r.normalized_name, :name_policy),
        attributes = mkt.merged_attributes(c.attributes, r.attributes, :policy, cast(:policies as jsonb)),
        updated_at = now()
    from (
        select k.rid, r.normalized_name, r.attributes, r.part_no, r.row_number
        from mkt.import_rows r
        cross join lateral (
            select o.rid from mtrk.contatos o
            where o.tenant_id = r.tenant_id and o.email = r.normalized_email offset 0
        ) k
        where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
          and r.parse_status = 'ok' and r.duplicate_of_row is null
        offset 0
    ) r
    where c.rid = r.rid
      and (mkt.merged_name(c.name, r.normalized_name, :name_policy) is distinct from c.name
           or mkt.merged_attributes(c.attributes, r.attributes, :policy, cast(:policies as jsonb)) is distinct from c.attributes)
    returning c.rid, c.tenant_id, r.part_no, r.row_number, old.name as name_before, old.attributes as attributes_before,
              old.updated_at as updated_at_before
)
insert into mkt.contact_changes (import_job_id, rid, tenant_id, part_no, row_number, change, before)
select :job, rid, tenant_id, part_no, row_number, 'updated', jsonb_build_object('name', name_before, 'attributes', attributes_before, 'updated_at', updated_at_before)
from changed
