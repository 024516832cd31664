-- A membership of which nobody said why the person may be written to takes what this job says of it: the basis, and where nobody
-- had said that either, the source. One whose basis somebody said keeps everything. All that was there before stays in the
-- evidence, as `before`, so that it can be told, and put back. In key order, as everybody who writes here; members are reached by
-- both parts of their key, which leaves the planner no choice where it knows nothing of an audience.
with said as materialized (
    select c.rid, r.consent
    from mkt.import_rows r
    cross join lateral (
        select k.rid from mtrk.contatos k
        where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
    ) c
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
    order by c.rid
),
told as materialized (
    select a.audience_id, a.rid, coalesce(r.consent, '{}') as consent,
        nullif(coalesce(r.consent ->> 'legal_basis', :basis), 'nao_informada') as legal_basis,
        coalesce(r.consent ->> 'source', :source) as consent_source,
        case when r.consent ->> 'consented_at_unread' is null
             then coalesce(cast(r.consent ->> 'consented_at' as timestamptz), cast(:collected_at as timestamptz)) end as consented_at,
        coalesce(r.consent ->> 'form', case when r.consent ->> 'source' = 'web_form' then r.consent ->> 'source_said' end, :form) as consent_form,
        jsonb_strip_nulls(jsonb_build_object('legal_basis', a.legal_basis, 'source', a.consent_source, 'consented_at', a.consented_at,
            'ip', host(a.consent_ip), 'form', a.consent_form, 'evidence', a.consent_evidence, 'consent_job_id', a.consent_job_id)) as before
    from said r
    cross join lateral (
        select k.* from mkt.audience_contacts k
        where k.audience_id = :audience and k.rid = r.rid and k.removed_at is null
          and coalesce(k.legal_basis, 'nao_informada') = 'nao_informada'
          and (coalesce(r.consent ->> 'legal_basis', :basis, 'nao_informada') <> 'nao_informada'
               or k.consent_source is null and coalesce(r.consent ->> 'source', :source) is not null)
        offset 0
        for update
    ) a
)
update mkt.audience_contacts m
set legal_basis = coalesce(told.legal_basis, m.legal_basis),
    consent_source = coalesce(told.consent_source, m.consent_source),
    consented_at = coalesce(told.consented_at, m.consented_at),
    consent_ip = coalesce(cast(told.consent ->> 'ip' as inet), m.consent_ip),
    consent_form = coalesce(told.consent_form, m.consent_form),
    consent_evidence = cast(:evidence as jsonb) || told.consent || jsonb_build_object('before', told.before),
    consent_job_id = :job
from told
where m.audience_id = told.audience_id and m.rid = told.rid
