    union all
    -- Erased persons are known by a hash alone, so every mailbox is hashed, under every key that hashes of the tenant were made with.
    -- First all are hashed, then the hashes are looked for: the other way round row security would have each compared with every entry.
    select h.rid, array_position(cast(:kinds as text[]), s.kind), null
    from (
        select c.rid, mkt.keyed_hash(p.inner_pad, p.outer_pad, mkt.mailbox(c.email)) as hash
        from mtrk.contatos c
        cross join unnest(cast(:inner_pads as bytea[]), cast(:outer_pads as bytea[])) p (inner_pad, outer_pad)
        where c.tenant_id = :tenant {members}
        offset bigint '0'
    ) h
    join ops.suppressions s on s.mailbox_hash = h.hash
    where s.tenant_id = :tenant and s.email is null and s.lifted_at is null
      and (s.audience_id is null or s.audience_id = any(cast(:used as uuid[])))
