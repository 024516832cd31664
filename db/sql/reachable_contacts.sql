-- Contacts of the tenant, or of one audience, who are not opted out there.
select count(*)
from mtrk.contatos c
where c.tenant_id = :tenant
  and (cast(:audience as uuid) is null or exists (
      select from mkt.audience_contacts l where l.audience_id = cast(:audience as uuid) and l.rid = c.rid and l.removed_at is null))
  and not exists (
      select from ops.suppressions s
      where s.tenant_id = c.tenant_id and s.mailbox = mkt.mailbox(c.email) and s.lifted_at is null and s.audience_id is null)
  and (cast(:audience as uuid) is null or not exists (
      select from ops.suppressions s
      where s.tenant_id = c.tenant_id and s.mailbox = mkt.mailbox(c.email) and s.lifted_at is null and s.audience_id = cast(:audience as uuid)))
