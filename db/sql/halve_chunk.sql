-- The rows from `:cut` on become a chunk of their own, over the same stored bytes; both begin anew at the stage where they stood, with
-- the counters of their own rows. Blank rows, and what only the sum over the job is read of (opt-outs added and protected), stay with
-- the first half. `:records` is how many records the second half has where the ledger does not have them yet.
with original as materialized (
    select c.*, j.audience_id from mkt.import_chunks c join mkt.import_jobs j using (import_job_id)
    where c.import_job_id = :job and c.chunk_no = :chunk_no
),
rows as materialized (
    select r.row_number >= :cut as is_second, r.parse_status, r.error_code, r.opt_out,
           r.parse_status = 'ok' and r.duplicate_of_row is null as counts, r.duplicate_of_row is not null as is_duplicate,
           k.change, l.is_new, l.is_unstated, l.is_out
    from original o
    join mkt.import_rows r on r.import_job_id = o.import_job_id and r.part_no = o.part_no and r.row_number between o.first_row and o.last_row
    left join lateral (
        select c.rid from mtrk.contatos c
        where o.contacts_created is not null and o.foreseen is null and r.row_number >= :cut and r.parse_status = 'ok'
          and r.duplicate_of_row is null and c.tenant_id = r.tenant_id and c.email = r.normalized_email offset 0
    ) c on true
    left join lateral (
        select h.change from mkt.contact_changes h where h.import_job_id = o.import_job_id and h.rid = c.rid offset 0
    ) k on true
    left join lateral (
        select a.import_job_id = o.import_job_id as is_new, a.import_job_id = o.import_job_id and a.legal_basis = 'nao_informada' as is_unstated,
               a.import_job_id is distinct from o.import_job_id and a.removed_at is not null and a.removed_by_job_id is null as is_out
        from mkt.audience_contacts a
        where o.links_added is not null and a.audience_id = o.audience_id and a.rid = c.rid offset 0
    ) l on true
),
counted as (
    select coalesce(:records, count(*) filter (where is_second)) as records,
           count(*) filter (where is_second and counts) as ok,
           count(*) filter (where is_second and parse_status = 'error') as refused,
           count(*) filter (where is_second and is_duplicate) as duplicates,
           count(*) filter (where is_second and opt_out is not null) as said,
           count(*) filter (where change = 'created') as created, count(*) filter (where change = 'updated') as updated,
           count(*) filter (where is_new) as added, count(*) filter (where is_unstated) as unstated, count(*) filter (where is_out) as kept_out
    from rows
),
foreseen as (
    select left(o.foreseen, length(o.foreseen) - n.ok::int) as first, f.second, o.foreseen is not null as is_planned,
           length(f.second) - length(replace(f.second, :create, '')) as created, length(f.second) - length(replace(f.second, :update, '')) as updated
    from original o, counted n, lateral (select right(o.foreseen, n.ok::int) as second) f
),
codes as (
    select e.is_second, jsonb_object_agg(e.error_code, e.n) as errors
    from (select is_second, error_code, count(*) as n from rows where parse_status = 'error' group by 1, 2) e group by 1
),
-- What upsert and link have counted, of the second half.
done as (
    select case when f.is_planned then f.created else n.created end as created, case when f.is_planned then f.updated else n.updated end as updated
    from counted n, foreseen f
),
second as (
    insert into mkt.import_chunks (import_job_id, chunk_no, tenant_id, kind, stage, due_at, halvings, last_error, chunk_key, part_no, first_row, last_row,
        records_seen, ok_rows, error_rows, duplicate_rows, opt_outs_said, errors, foreseen,
        contacts_created, contacts_updated, contacts_unchanged, links_added, links_existing, links_kept_out, consents_unstated)
    select o.import_job_id, :half_no, o.tenant_id, o.kind, o.stage, clock_timestamp(), o.halvings + 1, :error, o.chunk_key, o.part_no, :cut, o.last_row,
           n.records, n.ok, n.refused, n.duplicates, n.said, (select errors from codes where is_second), f.second,
           case when o.contacts_created is not null then d.created end, case when o.contacts_created is not null then d.updated end,
           case when o.contacts_created is not null then n.ok - d.created - d.updated end,
           case when o.links_added is not null then n.added end, case when o.links_added is not null then n.ok - n.added - n.kept_out end,
           case when o.links_added is not null then n.kept_out else 0 end, n.unstated
    from original o, counted n, foreseen f, done d
)
update mkt.import_chunks c
set last_row = :cut_before, halvings = c.halvings + 1, stage_attempts = 0, rests = 0, claimed_by = null, claimed_at = null,
    hinted_at = null, hints = 0, due_at = clock_timestamp(), last_error = :error, updated_at = now(),
    records_seen = c.records_seen - n.records, ok_rows = c.ok_rows - n.ok, error_rows = c.error_rows - n.refused,
    duplicate_rows = c.duplicate_rows - n.duplicates, opt_outs_said = c.opt_outs_said - n.said,
    errors = (select errors from codes where not is_second), foreseen = f.first,
    contacts_created = c.contacts_created - d.created, contacts_updated = c.contacts_updated - d.updated,
    contacts_unchanged = c.contacts_unchanged - (n.ok - d.created - d.updated),
    links_added = c.links_added - n.added, links_existing = c.links_existing - (n.ok - n.added - n.kept_out),
    links_kept_out = c.links_kept_out - case when c.links_added is not null then n.kept_out else 0 end,
    consents_unstated = c.consents_unstated - n.unstated
from counted n, foreseen f, done d
where c.import_job_id = :job and c.chunk_no = :chunk_no
