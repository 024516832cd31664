-- Which of these addresses belong to mailboxes with a block by keyed hash that is not lifted. `mkt.hash_pads` has the keys of all
-- versions that the tenant's hashes were made with, and fails where one is missing. The tenant's blocks are read once: few people
-- ask to be forgotten, and a look-up for each address could take an index that has all opt-outs of the tenant.
with pads as materialized (
    select p.inner_pad, p.outer_pad from mkt.hash_pads(:tenant) p
),
blocks as materialized (
    select distinct s.mailbox_hash from ops.suppressions s
    where s.tenant_id = :tenant and s.email is null and s.kind = 'erasure' and s.lifted_at is null
),
asked as materialized (
    select m.address, mkt.keyed_hash(pads.inner_pad, pads.outer_pad, mkt.mailbox(m.address)) as mailbox_hash
    from json_array_elements_text(cast(:addresses as json)) as m (address) cross join pads
)
select distinct asked.address from asked join blocks using (mailbox_hash)
