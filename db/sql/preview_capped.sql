left join (
    select g.rid from mtrk.mensagens g
    where g.tenant_id = :tenant and g.cid <> :cid and g.created_at > now() - make_interval(secs => 86400 * cast(:days as float8)) {range}
    group by g.rid having count(*) >= :messages
) x on x.rid = m.rid
