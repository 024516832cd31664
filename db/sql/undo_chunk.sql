-- The lines of a range, and what of them needs no deletion: changed fields, what was said of consent, and who was brought back or
-- taken out by a job.
with judged as materialized (
{judge}
),
written as (
    insert into mkt.undo_items (import_job_id, rid, thing, tenant_id, part_no, row_number, outcome, reason, fields)
    select :job, j.rid, j.thing, :tenant, j.part_no, j.row_number, j.outcome, j.reason, j.kept from judged j
    order by j.rid, j.thing
),
fields_back as (
    update mtrk.contatos c
    set name = j.name, attributes = j.attributes, updated_at = j.updated_at
    from (select * from judged where thing = 'fields' and outcome <> 'failed' and attributes is not null order by rid) j
    where c.rid = j.rid and c.tenant_id = :tenant
      and (j.outcome = 'reversed' or c.name is distinct from j.name or c.attributes is distinct from j.attributes)
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
        select rid, bool_or(thing = 'consent') as consent, bool_or(thing = 'readmission') as readmission, bool_or(thing = 'retirement') as retirement
        from judged where outcome = 'reversed' and thing in ('consent', 'readmission', 'retirement')
        group by rid order by rid
    ) j
    where m.audience_id = :audience and m.rid = j.rid
)
select count(*) filter (where outcome = 'reversed') as reversed, count(*) filter (where outcome = 'kept') as kept,
       count(*) filter (where outcome = 'failed') as failed
from judged
