    union all
    -- Erased persons are known by a hash alone, so every mailbox is hashed, under every key that hashes of the tenant were made with.
    select c.email, array_position(cast(:kinds as text[]), s.kind), null
    from mkt.hash_pads(:tenant) p
    cross join mtrk.contatos c
    join ops.suppressions s on s.tenant_id = :tenant and s.mailbox is null and s.lifted_at is null
        and (s.audience_id is null or s.audience_id = any(cast(:used as uuid[])))
        and s.mailbox_hash = mkt.keyed_hash(p.inner_pad, p.outer_pad, mkt.mailbox(c.email))
    where c.tenant_id = :tenant
