-- Memberships of those whom the campaign chose and whose address nobody has looked at yet.
select l.rid
from mkt.campaign_audiences u
join mkt.audiences a on a.audience_id = u.audience_id and a.status = 'active'
join mkt.audience_contacts l on l.audience_id = u.audience_id and l.removed_at is null
left join mkt.email_validations v on v.rid = l.rid
where u.cid = :cid and not u.excluded and (v.rid is null or v.reason_code = 'not_yet_checked')
