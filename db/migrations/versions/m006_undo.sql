-- Every new column may be null or has a constant default, so that no table is rewritten and old code goes on beside it.

alter table mkt.import_jobs
    add column undo_requested_at timestamp with time zone,
    drop constraint ck_import_jobs_kind,
    add constraint ck_import_jobs_kind check (kind in ('import', 'dry_run', 'correction', 'suppression', 'send', 'erasure', 'undo')),
    add constraint ck_import_jobs_undo check (kind <> 'undo' or parent_job_id is not null);
create unique index uq_import_jobs_undo on mkt.import_jobs (parent_job_id) where kind = 'undo' and status <> 'cancelled';
-- What is taken back is no answer to a new request: the same file may come in anew.
drop index mkt.uq_import_jobs_same_content;
create unique index uq_import_jobs_same_content on mkt.import_jobs (tenant_id, audience_id, kind, file_hash, options_hash, repeat_no)
    nulls not distinct where status not in ('failed', 'cancelled') and cancel_requested_at is null and failure_code is null and undo_requested_at is null;

alter table mkt.import_chunks
    add column first_rid bigint,
    add column last_rid bigint,
    drop constraint ck_import_chunks_stage,
    add constraint ck_import_chunks_stage check (stage in ('waiting', 'split', 'parse', 'parsed', 'mark', 'upsert', 'link', 'validate', 'plan', 'send', 'deal', 'undo', 'erase', 'purge', 'settle', 'done'));

-- Who was brought back by an import, and how they had been taken out.
alter table mkt.audience_contacts
    add column readmitted_by_job_id uuid,
    add column readmitted_before jsonb;

create table mkt.undo_items (
    import_job_id uuid not null,
    rid bigint not null,
    thing text not null,
    tenant_id uuid not null,
    part_no integer,
    row_number integer,
    outcome text not null,
    reason text,
    fields text[],
    constraint pk_undo_items primary key (import_job_id, rid, thing),
    constraint ck_undo_items_thing check (thing in ('contact', 'fields', 'link', 'consent', 'readmission', 'retirement')),
    constraint ck_undo_items_outcome check (outcome in ('reversed', 'kept', 'failed')),
    constraint ck_undo_items_reason check ((outcome = 'reversed') = (reason is null))
);
alter table mkt.undo_items enable row level security;
create policy tenant on mkt.undo_items to mkt_worker, mkt_reader
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on mkt.undo_items to mkt_worker, mkt_reader;
grant insert on mkt.undo_items to mkt_worker; -- append-only

-- The worker may not delete contacts and what belongs to them; these functions do, with the owner's rights, and only for the
-- tenant that the session is bound to, while an undo of it is at work.

-- The undo that is at work; an error where there is none.
create function mkt.undoing(job uuid)
    returns mkt.import_jobs
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$
    declare
        found_job mkt.import_jobs;
    begin
        select j.* into found_job from mkt.import_jobs j
        where j.import_job_id = job and j.kind = 'undo' and j.status = 'processing'
          and j.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
        if found_job.import_job_id is null then
            raise exception 'no undo % is at work for this tenant', job using errcode = 'insufficient_privilege';
        end if;
        return found_job;
    end $$;

-- Which of these contacts rows of any table refer to by a foreign key: those of other modules, which mkt does not know. Its own,
-- and messages, are looked at by name.
create function mkt.contacts_referenced(rids bigint[])
    returns setof bigint
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
        refers record;
    begin
        for refers in
            select k.conrelid::regclass as "table",
                   string_agg(format('r.%I = c.%I', a.attname, b.attname), ' and ') as same
            from pg_constraint k
            cross join lateral unnest(k.conkey, k.confkey) u (own, theirs)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.own
            join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.theirs
            where k.contype = 'f' and k.confrelid = 'mtrk.contatos'::regclass and k.conparentid = 0 and has_table_privilege(k.conrelid, 'select')
              and k.conrelid not in ('mkt.audience_contacts'::regclass, 'mkt.email_validations'::regclass, 'mtrk.mensagens'::regclass)
            group by k.oid, k.conrelid
        loop
            return query execute format(
                'select c.rid from mtrk.contatos c where c.rid = any($1) and c.tenant_id = $2 and exists (select from %s r where %s)',
                refers."table", refers.same) using rids, tenant;
        end loop;
    end $$;

-- Takes away these contacts with their verdicts and the history of them: nobody whose contact is gone could be found in it, and
-- so not be erased from it. A contact whose deletion the database refuses (another module's trigger or right) stays as it is; to
-- find it, the others are tried by halves. Trouble with the moment is not caught: the whole chunk is tried again.
create function mkt.delete_undone_contacts(job uuid, tenant uuid, rids bigint[])
    returns bigint
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
    declare
        half int := cardinality(rids) / 2;
    begin
        if cardinality(rids) = 0 then
            return 0;
        end if;
        delete from mkt.email_validations v where v.rid = any(rids) and v.tenant_id = tenant;
        delete from mkt.email_validation_history h where h.rid = any(rids) and h.tenant_id = tenant;
        delete from mtrk.contatos c where c.rid = any(rids) and c.tenant_id = tenant;
        return 0;
    exception when integrity_constraint_violation or raise_exception or insufficient_privilege or triggered_action_exception then
        if cardinality(rids) = 1 or sqlstate = '42501' then
            update mkt.undo_items i set outcome = 'failed', reason = 'refused'
            where i.import_job_id = job and i.thing = 'contact' and i.rid = any(rids);
            return cardinality(rids);
        end if;
        return mkt.delete_undone_contacts(job, tenant, rids[:half]) + mkt.delete_undone_contacts(job, tenant, rids[half + 1:]);
    end $$;

-- Takes away what the lines of an undo in this range say is taken back: memberships, contacts, and what was noted of changes.
-- Returns how many contacts the database would not let go; their lines say so. Keys are given as sorted arrays, so that the rows
-- are reached by them and in their order: joined, a table without statistics is read from end to end for every chunk.
create function mkt.take_away_undone(job uuid, first_rid bigint, last_rid bigint)
    returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
        set enable_seqscan = off set enable_bitmapscan = off
    as $$
    declare
        undo mkt.import_jobs := mkt.undoing(job);
        rids bigint[];
        refused bigint;
    begin
        select coalesce(array_agg(i.rid order by i.rid), '{}') into rids from mkt.undo_items i
        where i.import_job_id = job and i.rid between first_rid and last_rid and i.thing = 'link' and i.outcome = 'reversed';
        delete from mkt.audience_contacts m
        where m.audience_id = undo.audience_id and m.rid = any(rids) and m.import_job_id = undo.parent_job_id;
        select mkt.delete_undone_contacts(job, undo.tenant_id, coalesce(array_agg(i.rid order by i.rid), '{}')) into refused
        from mkt.undo_items i
        where i.import_job_id = job and i.rid between first_rid and last_rid and i.thing = 'contact' and i.outcome = 'reversed';
        select coalesce(array_agg(i.rid order by i.rid), '{}') into rids from mkt.undo_items i
        where i.import_job_id = job and i.rid between first_rid and last_rid and i.thing in ('contact', 'fields') and i.outcome = 'reversed';
        delete from mkt.contact_changes h where h.import_job_id = undo.parent_job_id and h.rid = any(rids);
        return refused;
    end $$;

revoke execute on function mkt.undoing, mkt.contacts_referenced, mkt.delete_undone_contacts, mkt.take_away_undone from public;
grant execute on function mkt.contacts_referenced to mkt_worker, mkt_reader;
grant execute on function mkt.take_away_undone to mkt_worker;
-- A dry run of an undo judges as the reader.
grant execute on function mkt.merged_name(text, text, text), mkt.merged_attributes(jsonb, jsonb, text, jsonb) to mkt_reader;
