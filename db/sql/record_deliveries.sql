-- Append what is not there yet; in key order, as by everybody who writes here.
insert into ops.deliveries (tenant_id, event_id, email, kind, occurred_at, detail)
select :tenant, e.event_id, e.email, e.kind, e.occurred_at, e.detail
from jsonb_to_recordset(cast(:events as jsonb)) as e (event_id text, email text, kind text, occurred_at timestamptz, detail text)
order by e.event_id
on conflict (tenant_id, event_id) do nothing
returning event_id
