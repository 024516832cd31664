-- The people of one chunk, judged as of now: a message for each recipient, in key order, and what became of everybody. Contacts of
-- one mailbox stand in one chunk; where an earlier send of the campaign was cancelled, those of its people who have their message
-- stood in the chunks that are named here, and no other contact of such a mailbox gets one.
with people as materialized (
    select k.rid from mkt.campaign_contacts k
    where k.import_job_id = :job and k.chunk_no = :chunk_no and k.outcome = 'planned'
),
judged as materialized (
    select j.rid, j.rule, j.reason from mkt.judge_campaign(:cid, array(select p.rid from people p)) j
),
written_to as materialized (
    select distinct mkt.mailbox(c.email) as mailbox
    from unnest(cast(:earlier_jobs as uuid[]), cast(:earlier_chunks as int[])) as e (import_job_id, chunk_no)
    join mkt.campaign_contacts k on k.import_job_id = e.import_job_id and k.chunk_no = e.chunk_no and k.outcome = 'recipient'
    cross join lateral (select o.email from mtrk.contatos o where o.rid = k.rid and o.tenant_id = :tenant offset 0) c
    where mkt.campaign_policy(:cid) ->> 'duplicate_mailbox' = 'out'
),
final as materialized (
    select j.rid, j.reason,
           case when (j.rule is null or j.rule = 'frequency_cap') and (select count(*) > 0 from written_to) and exists (
                select from (select o.email from mtrk.contatos o where o.rid = j.rid and o.tenant_id = :tenant offset 0) c
                join written_to w on w.mailbox = mkt.mailbox(c.email)) then 'duplicate_mailbox' else j.rule end as rule
    from judged j
),
written as (
    -- Who has a message of the campaign that another module made has it, and gets no second one.
    insert into mtrk.mensagens (tenant_id, cid, rid)
    select :tenant, :cid, f.rid from final f where f.rule is null order by f.rid
    on conflict do nothing
    returning 1
),
decided as (
    update mkt.campaign_contacts k
    set outcome = case when f.rule is null then 'recipient' else 'excluded' end, rule = f.rule, reason = f.reason, decided_at = now()
    -- The campaign as a column: the planner must not go through all that it has, for each one here.
    from (select cast(:cid as uuid) as cid, d.* from final d order by d.rid) f
    where k.cid = f.cid and k.rid = f.rid and k.outcome = 'planned'
    returning 1
)
select (select count(*) from people) as people, (select count(*) from judged) as judged, (select count(*) from decided) as decided,
       (select count(*) from final f where f.rule is null) as recipients, (select count(*) from written) as messages
