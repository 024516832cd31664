-- Entries, the newest first; of one address: whatever its mailbox is known by.
select s.suppression_id, s.email, encode(s.mailbox_hash, 'hex') as mailbox_hash, s.kind, s.audience_id, a.name as audience, s.source, s.evidence, s.import_job_id,
       s.occurred_at, s.created_at, s.lifted_at, s.lifted_as, u.name as lifted_by, s.lift_evidence
from ops.suppressions s
left join mkt.audiences a on a.tenant_id = s.tenant_id and a.audience_id = s.audience_id
left join auth.users u on u.tenant_id = s.tenant_id and u.user_id = s.lifted_by_user_id
where s.tenant_id = :tenant
  and (s.lifted_at is not null) = :lifted
  and (cast(:before as bigint) is null or s.suppression_id < :before)
  and (cast(:kind as text) is null or s.kind = :kind)
  and (cast(:audience as uuid) is null or s.audience_id = cast(:audience as uuid))
  and (cast(:email as text) is null or s.mailbox = mkt.mailbox(cast(:email as text))
       or (s.email is null and s.mailbox_hash = any(cast((select mkt.mailbox_hashes(:tenant, mkt.mailbox(cast(:email as text)))) as bytea[]))))
order by s.suppression_id desc
limit :limit
