select exists (
    select from mkt.campaign_audiences u
    join mkt.audiences a on a.audience_id = u.audience_id and a.status = 'active'
    join mkt.audience_contacts l on l.audience_id = u.audience_id and l.removed_at is null
    where u.cid = :cid and not u.excluded
) or exists (select from mkt.campaign_contacts where cid = :cid)
