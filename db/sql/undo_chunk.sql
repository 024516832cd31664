-- The lines of a range, and what of them needs no deletion: changed fields, what was said of consent, and who was brought back or
-- taken out by a job.
with found as materialized (
{judge}
),
back as (
    select coalesce(array_agg(f.rid order by f.rid), '{}') as rids, array_agg(f.name order by f.rid) as names,
           array_agg(f.attributes order by f.rid) as attributes, array_agg(f.updated_at order by f.rid) as times
    from found f
    cross join lateral (select k.name, k.attributes from mtrk.contatos k where k.rid = f.rid and k.tenant_id = :tenant offset 0) c
    where f.thing = 'fields' and f.outcome <> 'failed' and f.attributes is not null
      and (f.outcome = 'reversed' or c.name is distinct from f.name or c.attributes is distinct from f.attributes)
),
refused as materialized (
    select r.rid from back b cross join lateral mkt.put_fields_back(:tenant, b.rids, b.names, b.attributes, b.times) r (rid)
),
judged as materialized (
    select f.rid, f.thing, f.part_no, f.row_number, case when r.rid is null then f.outcome else 'failed' end as outcome,
           case when r.rid is null then f.reason else 'refused' end as reason, case when r.rid is null then f.kept end as kept,
           f.made, f.named_by
    from found f
    left join refused r on f.thing = 'fields' and r.rid = f.rid
),
handed_down as materialized (
    select mkt.hand_images_down(:job, jsonb_agg(jsonb_build_object('rid', j.rid, 'made', j.made, 'named_by', j.named_by))) as images
    from judged j
    where j.thing = 'fields' and j.outcome = 'reversed' and j.named_by is not null and j.made is not null
),
written as (
    insert into mkt.undo_items (import_job_id, rid, thing, tenant_id, part_no, row_number, outcome, reason, fields)
    select :job, j.rid, j.thing, :tenant, j.part_no, j.row_number, j.outcome, j.reason, j.kept from judged j
    order by j.rid, j.thing
),
members_back as (
    update mkt.audience_contacts m
    set legal_basis = case when j.consent then m.consent_evidence -> 'before' ->> 'legal_basis' else m.legal_basis end,
        consent_source = case when j.consent then m.consent_evidence -> 'before' ->> 'source' else m.consent_source end,
        consented_at = case when j.consent then cast(m.consent_evidence -> 'before' ->> 'consented_at' as timestamptz) else m.consented_at end,
        consent_ip = case when j.consent then cast(m.consent_evidence -> 'before' ->> 'ip' as inet) else m.consent_ip end,
        consent_form = case when j.consent then m.consent_evidence -> 'before' ->> 'form' else m.consent_form end,
        consent_evidence = case when j.consent then m.consent_evidence -> 'before' -> 'evidence' else m.consent_evidence end,
        consent_job_id = case when j.consent then cast(m.consent_evidence -> 'before' ->> 'consent_job_id' as uuid) else m.consent_job_id end,
        removed_at = case when j.readmission then cast(m.readmitted_before ->> 'removed_at' as timestamptz)
                          when j.retirement then null else m.removed_at end,
        removed_by_job_id = case when j.retirement then null else m.removed_by_job_id end,
        removed_by_user_id = case when j.readmission then cast(m.readmitted_before ->> 'removed_by_user_id' as uuid) else m.removed_by_user_id end,
        removal_reason = case when j.readmission then m.readmitted_before ->> 'removal_reason' else m.removal_reason end,
        readmitted_by_job_id = case when j.readmission then cast(m.readmitted_before ->> 'readmitted_by_job_id' as uuid) else m.readmitted_by_job_id end,
        readmitted_before = case when j.readmission then m.readmitted_before -> 'readmitted_before' else m.readmitted_before end
    from (
        -- The audience's number as a column: members are reached by both parts of their key, whatever the planner knows of it.
        select cast(:audience as uuid) as audience_id, rid, bool_or(thing = 'consent') as consent, bool_or(thing = 'readmission') as readmission, bool_or(thing = 'retirement') as retirement
        from judged where outcome = 'reversed' and thing in ('consent', 'readmission', 'retirement')
        group by rid order by rid
    ) j
    where m.audience_id = j.audience_id and m.rid = j.rid
)
select count(*) filter (where outcome = 'reversed') as reversed, count(*) filter (where outcome = 'kept') as kept,
       count(*) filter (where outcome = 'failed') as failed
from judged cross join handed_down
