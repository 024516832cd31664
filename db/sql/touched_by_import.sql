-- Contacts with whom the import did something that can be taken back, and how many things.
select t.rid, sum(t.things)::bigint as things
from (
    select h.rid, 1 as things from mkt.contact_changes h where h.import_job_id = :import
    union all
    select m.rid, case when m.import_job_id = :import then 1 else
        cast(coalesce(m.consent_job_id = :import, false) or coalesce(m.consent_evidence #>> '{before,consent_job_id}' = cast(:import as text), false) as int)
        + cast(coalesce(m.readmitted_by_job_id = :import, false) as int) + cast(coalesce(m.removed_by_job_id = :import, false) as int) end
    from mkt.audience_contacts m
    where m.audience_id = :audience
) t
group by t.rid having sum(t.things) > 0
