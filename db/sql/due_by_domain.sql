-- The contacts of a domain and of the domains below it are judged again as soon as can be; locked in key order, as by
-- everybody who writes verdicts. There is no index on domains: a tenant decides about one seldom.
with concerned as (
    select v.rid
    from mtrk.contatos c
    join mkt.email_validations v on v.rid = c.rid
    where c.tenant_id = :tenant and v.next_validation_at > :now
      and (split_part(c.email, '@', 2) = :entry or right(split_part(c.email, '@', 2), length(:entry) + 1) = '.' || :entry)
    order by v.rid
    for update of v
)
update mkt.email_validations v
set next_validation_at = :now
from concerned
where v.rid = concerned.rid
