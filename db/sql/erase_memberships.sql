-- The person leaves every audience, and what was said of the consent goes: the row stays, so that sums over it do.
update mkt.audience_contacts
set removed_at = coalesce(removed_at, now()), removal_reason = 'erased', readmitted_before = null,
    consent_source = null, legal_basis = null, consented_at = null, consent_ip = null, consent_form = null, consent_evidence = null
where tenant_id = :tenant and rid = any(cast(:rids as bigint[]))
