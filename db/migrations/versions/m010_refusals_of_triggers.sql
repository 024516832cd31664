-- Where these contacts lie, with what they are to have. `rows 1`, and not to be inlined: whatever the planner believes of the tenant,
-- to fetch what lies at one known place is the cheapest way there is.
create function mkt.contacts_in_place(tenant uuid, rids bigint[], new_names text[], new_attributes jsonb[], times timestamptz[])
    returns table (place tid, name text, attributes jsonb, updated_at timestamptz)
    language sql volatile rows 1 set search_path = pg_catalog, pg_temp
    as $$
        select k.place, u.name, u.attributes, u.updated_at
        from unnest(rids, new_names, new_attributes, times) u (rid, name, attributes, updated_at)
        cross join lateral (select c.ctid as place from mtrk.contatos c where c.rid = u.rid and c.tenant_id = tenant offset 0) k
    $$;

-- Writes contacts whom the caller has locked, and returns how many were really written: a trigger of another module may pass over
-- some in silence. An update cannot be told by which key to reach its rows: joined by `rid`, where the planner knows nothing of the
-- tenant it may go through all contacts that the tenant has (by the policy of row security) for each of a chunk.
create function mkt.write_contacts(tenant uuid, rids bigint[], new_names text[], new_attributes jsonb[], times timestamptz[])
    returns bigint
    language plpgsql set search_path = pg_catalog, pg_temp
        set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
    as $$
    declare
        written bigint;
    begin
        update mtrk.contatos c set name = u.name, attributes = u.attributes, updated_at = u.updated_at
        from mkt.contacts_in_place(tenant, rids, new_names, new_attributes, times) u
        where c.ctid = u.place;
        get diagnostics written = row_count;
        return written;
    end $$;
revoke execute on function mkt.contacts_in_place, mkt.write_contacts from public;
grant execute on function mkt.contacts_in_place, mkt.write_contacts to mkt_worker;

-- Whether an error speaks of what surrounds the work, and not of a row: what `pipeline.troubles` has, missing keys of hashes, and faults
-- of PostgreSQL's own. Then the whole chunk is tried again. (A statement that is cancelled, and a session that is told to end, no handler catches.)
create function mkt.is_trouble(state text)
    returns boolean
    language sql immutable set search_path = pg_catalog, pg_temp
    as $$ select state ~ '^(08|53|57P|58|F0|XX)|^(25006|40001|40P01|55P03)$' $$;

-- As before, with any error that a trigger may raise, also one that would wait for the commit.
create or replace function mkt.put_fields_back(tenant uuid, rids bigint[], old_names text[], old_attributes jsonb[], old_times timestamptz[])
    returns setof bigint
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
    declare
        half int := cardinality(rids) / 2;
    begin
        if cardinality(rids) = 0 then
            return;
        end if;
        begin
            if mkt.write_contacts(tenant, rids, old_names, old_attributes, old_times) < cardinality(rids) then
                raise exception 'a trigger passes over the change' using errcode = 'triggered_action_exception';
            end if;
            set constraints all immediate;
            return;
        exception when others then
            if mkt.is_trouble(sqlstate) then
                raise;
            elsif cardinality(rids) = 1 or sqlstate = '42501' then
                return query select unnest(rids);
                return;
            end if;
        end;
        return query select * from mkt.put_fields_back(tenant, rids[:half], old_names[:half], old_attributes[:half], old_times[:half]);
        return query select * from mkt.put_fields_back(
            tenant, rids[half + 1:], old_names[half + 1:], old_attributes[half + 1:], old_times[half + 1:]);
    end $$;

create or replace function mkt.delete_undone_contacts(job uuid, tenant uuid, rids bigint[])
    returns bigint
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
    declare
        half int := cardinality(rids) / 2;
        gone bigint;
    begin
        if cardinality(rids) = 0 then
            return 0;
        end if;
        delete from mkt.email_validations v where v.rid = any(rids) and v.tenant_id = tenant;
        delete from mkt.email_validation_history h where h.rid = any(rids) and h.tenant_id = tenant;
        delete from mtrk.contatos c where c.rid = any(rids) and c.tenant_id = tenant;
        get diagnostics gone = row_count;
        if gone < cardinality(rids) then
            raise exception 'a trigger passes over the deletion' using errcode = 'triggered_action_exception';
        end if;
        set constraints all immediate;
        return 0;
    exception when others then
        if mkt.is_trouble(sqlstate) then
            raise;
        elsif cardinality(rids) = 1 or sqlstate = '42501' then
            update mkt.undo_items i set outcome = 'failed', reason = 'refused'
            where i.import_job_id = job and i.thing = 'contact' and i.rid = any(rids);
            return cardinality(rids);
        end if;
        return mkt.delete_undone_contacts(job, tenant, rids[:half]) + mkt.delete_undone_contacts(job, tenant, rids[half + 1:]);
    end $$;
