-- The contacts that a choice of the tenant's speaks of are judged again as soon as can be; locked in key order.
with concerned as (
    select v.rid
    from mkt.email_validations v
    join mtrk.contatos c on c.rid = v.rid
    where v.tenant_id = :tenant and v.next_validation_at > :now
      and (v.reason_code = any(:roles) or v.details_json -> 'flags' ?| cast(:roles as text[])
           or (:smtputf8 and octet_length(c.email) <> length(c.email)))
    order by v.rid
    for update of v
)
update mkt.email_validations v
set next_validation_at = :now
from concerned
where v.rid = concerned.rid
