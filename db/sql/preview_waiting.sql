-- Domains that DNS is to be asked about before the tenant's contacts that wait for their first verdict can have one, and how fast it
-- answered lately: domains a second, as all workers together asked in the last five minutes.
select (
    select count(distinct split_part(c.email, '@', 2))
    from mkt.email_validations v
    cross join lateral (select o.email from mtrk.contatos o where o.rid = v.rid offset 0) c
    where v.tenant_id = :tenant and v.next_validation_at <= now() + interval '1 day' and v.reason_code = 'not_yet_checked'
) as domains, (
    select count(*) / 300.0 from mkt.domain_checks d where d.checked_at > clock_timestamp() - interval '5 minutes'
) as per_second
