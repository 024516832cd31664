-- What becomes of each thing that the import did with the contacts of a range: one line each, `reason` null where it is taken
-- back, and for changed fields what the contact is to have again. Everything is reached by key, contact by contact; mailboxes are
-- worked out before, as what is not leakproof may not come before the conditions of row security.
--
-- `later` are imports that ended after this one had begun, or have not; `others` those of them that are not taken back themselves:
-- a row of theirs that names the contact stands behind it. `n` is what they say of it. `made` is what the import had made of somebody.
with touched as materialized (
    select h.rid from mkt.contact_changes h where h.import_job_id = :import and h.rid between :first_rid and :last_rid
    union
    select m.rid from mkt.audience_contacts m
    where m.audience_id = :audience and m.rid between :first_rid and :last_rid
      and (m.import_job_id = :import or m.consent_job_id = :import or m.readmitted_by_job_id = :import or m.removed_by_job_id = :import
           or m.consent_evidence #>> '{before,consent_job_id}' = cast(:import as text))
),
-- Whom a correction moved to an address that is opted out: they must not be written to under the old one.
meant as materialized (
    select p.normalized_email as written, bool_or(s.there) as opted_out
    from mkt.import_rows r
    cross join lateral (
        select k.normalized_email from mkt.import_rows k
        where k.import_job_id = :parent and k.part_no = r.mends_part and k.row_number = r.mends_row offset 0
    ) p
    cross join lateral (select mkt.mailbox(r.normalized_email) as mailbox offset 0) b
    cross join lateral (
        select exists (select from ops.suppressions k where k.tenant_id = :tenant and k.mailbox = b.mailbox
                       and k.lifted_at is null) as there offset 0
    ) s
    where :is_correction and r.import_job_id = :import and r.mends_row is not null and r.parse_status = 'ok'
    group by p.normalized_email
),
-- Whom a correction of the same import that stands moves from the same address: at work beside this one, it took nobody out itself.
moved_again as materialized (
    select distinct p.normalized_email as written
    from mkt.import_jobs j
    cross join lateral (
        select k.part_no, k.row_number, k.mends_part, k.mends_row from mkt.import_rows k
        where k.import_job_id = j.import_job_id and k.mends_row is not null and k.parse_status = 'ok' offset 0
    ) r
    cross join lateral (
        select k.normalized_email from mkt.import_rows k
        where k.import_job_id = :parent and k.part_no = r.mends_part and k.row_number = r.mends_row offset 0
    ) p
    where :is_correction and j.kind = 'correction' and j.parent_job_id = :parent and j.import_job_id = any(cast(:others as uuid[]))
      and (j.status <> 'cancelled' or exists (
          select from mkt.import_chunks u
          where u.import_job_id = j.import_job_id and u.kind = 'rows' and u.part_no = r.part_no
            and r.row_number between u.first_row and u.last_row and u.contacts_created is not null))
),
facts as materialized (
    select t.rid, h.change, h.before, h.changed_at, coalesce(h.part_no, m.part_no) as part_no, coalesce(h.row_number, m.row_number) as row_number,
           c.rid is null as is_gone, c.email, c.name, c.attributes, c.updated_at,
           coalesce(c.email = 'erased+' || t.rid || '@erased.invalid', false) as is_erased,
           r.row_number is null as is_row_gone, r.normalized_name as row_name, r.attributes as row_attributes,
           coalesce(m.import_job_id = :import, false) as is_link, m.consent_job_id, m.consent_evidence, m.readmitted_by_job_id, m.readmitted_before,
           m.removed_at, m.removed_by_job_id, coalesce(n.named, false) as is_named, coalesce(n.in_audience, false) as is_named_in_audience,
           coalesce(n.readmitted, false) as is_readmitted_again, n.names, n.attributes as named_attributes,
           n.named_by
    from touched t
    left join lateral (
        select k.change, k.before, k.changed_at, k.part_no, k.row_number from mkt.contact_changes k
        where k.import_job_id = :import and k.rid = t.rid offset 0
    ) h on true
    left join lateral (
        select k.rid, k.email, k.name, k.attributes, k.updated_at from mtrk.contatos k where k.rid = t.rid and k.tenant_id = :tenant offset 0
    ) c on true
    left join lateral (
        select k.* from mkt.audience_contacts k where k.audience_id = :audience and k.rid = t.rid offset 0
    ) m on true
    left join lateral (
        select k.row_number, k.normalized_name, k.attributes from mkt.import_rows k
        where k.import_job_id = :import and k.part_no = h.part_no and k.row_number = h.row_number offset 0
    ) r on true
    left join lateral (
        select bool_or(s.stands) as named, bool_or(s.stands and j.audience_id = :audience) as in_audience,
               bool_or(s.stands and j.audience_id = :audience and j.options ? 'readmit') as readmitted,
               array_agg(k.normalized_name) filter (where s.stands) as names, jsonb_agg(k.attributes) filter (where s.stands) as attributes,
               array_agg(k.import_job_id) as named_by
        from mkt.import_rows k
        cross join lateral (select o.* from mkt.import_jobs o where o.import_job_id = k.import_job_id offset 0) j
        cross join lateral (select k.import_job_id = any(cast(:others as uuid[])) as stands) s
        where cardinality(cast(:later as uuid[])) > 0 and k.normalized_email = c.email and k.tenant_id = :tenant
          and k.import_job_id = any(cast(:later as uuid[])) and k.parse_status = 'ok'
          -- A cancelled one stands behind what it wrote, no more.
          and (j.status <> 'cancelled' or exists (
              select from mkt.import_chunks u
              where u.import_job_id = k.import_job_id and u.kind = 'rows' and u.part_no = k.part_no
                and k.row_number between u.first_row and u.last_row and u.contacts_created is not null))
        having count(*) > 0
        offset 0
    ) n on true
),
-- The name and the attributes that the import changed: field by field, unless nobody has touched the contact since. A field that
-- has its old value, by whatever hand, is as it should be.
fields as materialized (
    select f.rid, f.part_no, f.row_number,
           case when f.is_gone then 'gone' when f.is_erased then 'erased' when not u.untouched and f.is_row_gone then 'row_gone'
                when l.kept <> '{}' then case when l.is_changed then 'changed' else 'imported_again' end end as reason,
           nullif(l.kept, '{}') as kept,
           case when u.untouched or l.name_back then f.before ->> 'name' else f.name end as name,
           case when f.is_gone or f.is_erased then null when u.untouched then f.before -> 'attributes' else l.attributes end as attributes,
           -- All of it goes back: then nothing has ever changed, and what was done before can be taken back in its turn.
           case when u.untouched or l.kept = '{}' and l.attributes is not distinct from f.before -> 'attributes'
                                    and case when l.name_back then true else f.name is not distinct from f.before ->> 'name' end
                then coalesce(cast(f.before ->> 'updated_at' as timestamptz), now()) else now() end as updated_at,
           l.made, f.named_by
    from facts f
    cross join lateral (
        -- Whoever else writes contacts may leave the time as it was: the values must be those that the import wrote, too.
        select coalesce(f.updated_at = f.changed_at and not f.is_named and not f.is_erased, false)
               and (f.is_row_gone
                    or f.name is not distinct from mkt.merged_name(f.before ->> 'name', f.row_name, :name_policy)
                    and f.attributes is not distinct from mkt.merged_attributes(f.before -> 'attributes', f.row_attributes, :policy, cast(:policies as jsonb))) as untouched
    ) u
    left join lateral (
        select a.name_changed and not (a.name_moved or a.name_said) as name_back, coalesce(k.attributes, '{}') as attributes,
               case when a.name_changed and (a.name_moved or a.name_said) then array_prepend('name', k.kept) else k.kept end as kept,
               k.is_changed or a.name_changed and a.name_moved as is_changed,
               jsonb_build_object('name', a.made_name, 'attributes', a.attributes) as made
        from (
            select w.name is distinct from f.before ->> 'name' and f.name is distinct from f.before ->> 'name' as name_changed,
                   f.name is distinct from w.name as name_moved,
                   coalesce(f.name = any(f.names), false) as name_said, w.name as made_name, w.attributes
            from (select mkt.merged_name(f.before ->> 'name', f.row_name, :name_policy) as name,
                         mkt.merged_attributes(f.before -> 'attributes', f.row_attributes, :policy, cast(:policies as jsonb)) as attributes) w
        ) a
        cross join lateral (
            select jsonb_object_agg(x.key, x.value) filter (where x.value is not null) as attributes,
                   coalesce(array_agg(x.shown order by x.key) filter (where x.kept), '{}') as kept,
                   coalesce(bool_or(x.kept and x.moved), false) as is_changed
            from (
                select y.key, y.changed and (y.moved or y.said) as kept, y.moved,
                       case when y.changed and not (y.moved or y.said) then y.old else y.now end as value,
                       case when mkt.holds_address(y.key) then '…' else y.key end as shown
                from (
                    select key, b.value as old, c.value as now,
                           w.value is distinct from b.value and c.value is distinct from b.value as changed,
                           c.value is distinct from w.value as moved,
                           exists (select from jsonb_array_elements(f.named_attributes) s where s -> key = c.value) as said
                    from jsonb_each(f.before -> 'attributes') b
                    full join jsonb_each(a.attributes) w using (key)
                    full join jsonb_each(f.attributes) c using (key)
                ) y
            ) x
        ) k
        where not u.untouched and not f.is_row_gone and not f.is_gone and not f.is_erased
    ) l on true
    where f.change = 'updated'
),
links as materialized (
    select f.*,
           case when f.is_erased then 'erased'
                when f.removed_at is not null and f.removed_by_job_id is null then 'taken_out'
                when f.removed_at is not null then 'corrected'
                when f.is_named_in_audience then 'imported_again' end as link_reason
    from facts f
),
created as materialized (
    select l.rid, l.part_no, l.row_number,
           case when l.is_gone then 'gone'
                when l.is_erased then 'erased'
                when l.is_row_gone then 'row_gone'
                when m.there then 'messaged'
                when l.rid in (
                    select k.rid from mtrk.campanhas g
                    cross join lateral (
                        select o.rid from mkt.campaign_contacts o where o.cid = g.cid and o.rid between :first_rid and :last_rid offset 0
                    ) k where g.tenant_id = :tenant) then 'in_campaign'
                when s.there then 'suppressed'
                when l.updated_at <> l.changed_at or l.name is distinct from nullif(l.row_name, ' ')
                     or l.attributes is distinct from jsonb_strip_nulls(l.row_attributes) then 'changed'
                when o.there then 'linked'
                when l.is_link and l.link_reason is not null then l.link_reason
                when l.is_named then 'imported_again' end as reason
    from links l
    left join lateral (select true as there from mtrk.mensagens k where k.tenant_id = :tenant and k.rid = l.rid limit 1 offset 0) m on true
    cross join lateral (select mkt.mailbox(l.email) as mailbox offset 0) b
    left join lateral (
        select true as there from ops.suppressions k
        where k.tenant_id = :tenant and k.mailbox = b.mailbox and k.import_job_id is distinct from :import
          and k.created_at >= l.changed_at limit 1 offset 0
    ) s on true
    left join lateral (
        select true as there from mkt.audience_contacts k
        where k.rid = l.rid and (k.audience_id <> :audience or k.import_job_id is distinct from :import) limit 1 offset 0
    ) o on true
    where l.change = 'created'
),
referenced as materialized (
    select * from mkt.contacts_referenced(array(select c.rid from created c where c.reason is null))
),
lines as (
    select c.rid, c.part_no, c.row_number, 'contact' as thing,
           coalesce(c.reason, case when c.rid in (select * from referenced) then 'referenced' end) as reason,
           null::text[] as kept, null::text as name, null::jsonb as attributes, null::timestamptz as updated_at, null::jsonb as made,
           null::uuid[] as named_by
    from created c
    union all
    select f.rid, f.part_no, f.row_number, 'fields', f.reason, f.kept, f.name, f.attributes, f.updated_at, f.made, f.named_by from fields f
    union all
    select l.rid, l.part_no, l.row_number, 'link', l.link_reason, null, null, null, null, null, null from links l where l.is_link
    union all
    select f.rid, f.part_no, f.row_number, 'consent',
           case when f.is_erased or f.consent_evidence -> 'before' is null then 'erased'
                when f.consent_job_id is distinct from :import then 'restated' end, null, null, null, null, null, null
    from facts f
    where not f.is_link and (f.consent_job_id = :import or f.consent_evidence #>> '{before,consent_job_id}' = cast(:import as text))
    union all
    select f.rid, f.part_no, f.row_number, 'readmission',
           case when f.is_erased or f.readmitted_before is null then 'erased' when f.removed_at is not null then 'taken_out'
                when f.is_readmitted_again then 'imported_again' end, null, null, null, null, null, null
    from facts f
    where not f.is_link and f.readmitted_by_job_id = :import
    union all
    select f.rid, f.part_no, f.row_number, 'retirement',
           case when f.is_erased then 'erased'
                when f.email in (select written from meant where opted_out) then 'suppressed'
                when f.email in (select written from moved_again) then 'imported_again' end, null, null, null, null, null, null
    from facts f
    where not f.is_link and f.removed_by_job_id = :import
)
select rid, thing, part_no, row_number,
       case when reason is null then 'reversed' when reason = 'row_gone' then 'failed' else 'kept' end as outcome,
       reason, kept, name, attributes, updated_at, made, named_by
from lines
