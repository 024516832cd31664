update mkt.audience_contacts
set consent_form = mkt.redacted(consent_form, :pattern), consent_evidence = mkt.redacted(consent_evidence, :pattern),
    removal_reason = mkt.redacted(removal_reason, :pattern), readmitted_before = mkt.redacted(readmitted_before, :pattern)
where tenant_id = :tenant and (consent_form is not null or consent_evidence is not null or removal_reason is not null or readmitted_before is not null)
  and coalesce(consent_form, '') || E'\n' || coalesce(consent_evidence::text, '') || E'\n' || coalesce(removal_reason, '') || E'\n' || coalesce(readmitted_before::text, '') ~* :pattern
