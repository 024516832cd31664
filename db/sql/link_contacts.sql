-- Who is not in the audience joins it, with the row they came in by and what it says of consent; else what the job was
-- told, else that nobody said. Returns how many joined, and how many of them without a legal basis.
with joined as (
    insert into mkt.audience_contacts (audience_id, rid, tenant_id, import_job_id, part_no, row_number,
        consent_source, legal_basis, consented_at, consent_ip, consent_form, consent_evidence)
    select :audience, c.rid, r.tenant_id, r.import_job_id, r.part_no, r.row_number,
        coalesce(r.consent ->> 'source', :source), coalesce(r.consent ->> 'legal_basis', :basis, 'nao_informada'),
        case when r.consent ->> 'consented_at_unread' is null
             then coalesce(cast(r.consent ->> 'consented_at' as timestamptz), cast(:collected_at as timestamptz)) end,
        cast(r.consent ->> 'ip' as inet),
        coalesce(r.consent ->> 'form', case when r.consent ->> 'source' = 'web_form' then r.consent ->> 'source_said' end, :form),
        nullif(cast(:evidence as jsonb) || coalesce(r.consent, '{}'), '{}')
    from mkt.import_rows r
    cross join lateral (
        select k.rid from mtrk.contatos k
        where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
    ) c
    left join lateral (
        select true as there from mkt.audience_contacts k where k.audience_id = :audience and k.rid = c.rid offset 0
    ) a on true
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
      and a.there is null
    order by c.rid
    on conflict (audience_id, rid) do nothing
    returning legal_basis
)
select count(*) as added, count(*) filter (where legal_basis = 'nao_informada') as unstated from joined
