-- Domains that DNS is to be asked about before the tenant's contacts that wait for their first verdict can have one (of very many the
-- share that a part of them has), and how fast it answered lately: domains a second, as all workers together asked in five minutes.
select (
    select count(distinct split_part(c.email, '@', 2)) * greatest(1, :unchecked / greatest(count(*), 1.0))
    from (
        select v.rid from mkt.email_validations v
        where v.tenant_id = :tenant and v.next_validation_at <= now() + interval '1 day' and v.reason_code = 'not_yet_checked'
        limit 5000
    ) v
    cross join lateral (select o.email from mtrk.contatos o where o.rid = v.rid and o.tenant_id = :tenant offset 0) c
) as domains, (
    select count(*) / 300.0 from mkt.domain_checks d where d.checked_at > clock_timestamp() - interval '5 minutes'
) as per_second
