-- An import that was undone while others still counted on what it did may be undone once more: of its undos one at most has not
-- come to its end.
drop index mkt.uq_import_jobs_undo;
create unique index uq_import_jobs_undo on mkt.import_jobs (parent_job_id) where kind = 'undo' and status not in ('cancelled', 'done');
create index ix_import_jobs_undo on mkt.import_jobs (parent_job_id) where kind = 'undo';

-- Gives these contacts, whom the caller has locked, the fields that they are to have again, and returns whom the database does not
-- let change (another module's trigger or right); to find them, the others are tried by halves. Trouble with the moment is not
-- caught: the whole chunk is tried again.
create function mkt.put_fields_back(tenant uuid, rids bigint[], old_names text[], old_attributes jsonb[], old_times timestamptz[])
    returns setof bigint
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
    declare
        half int := cardinality(rids) / 2;
        changed bigint;
    begin
        if cardinality(rids) = 0 then
            return;
        end if;
        begin
            update mtrk.contatos c set name = u.name, attributes = u.attributes, updated_at = u.updated_at
            from unnest(rids, old_names, old_attributes, old_times) u (rid, name, attributes, updated_at)
            where c.rid = u.rid and c.tenant_id = tenant;
            get diagnostics changed = row_count;
            if changed < cardinality(rids) then
                raise exception 'a trigger passes over the change' using errcode = 'triggered_action_exception';
            end if;
            return;
        exception when integrity_constraint_violation or raise_exception or insufficient_privilege or triggered_action_exception then
            if cardinality(rids) = 1 or sqlstate = '42501' then
                return query select unnest(rids);
                return;
            end if;
        end;
        return query select * from mkt.put_fields_back(tenant, rids[:half], old_names[:half], old_attributes[:half], old_times[:half]);
        return query select * from mkt.put_fields_back(
            tenant, rids[half + 1:], old_names[half + 1:], old_attributes[half + 1:], old_times[half + 1:]);
    end $$;
revoke execute on function mkt.put_fields_back from public;
grant execute on function mkt.put_fields_back to mkt_worker;

-- What an import made of somebody, and the next one has found and kept as the image before: where the first is taken back from under
-- it, the next one has the first one's image, as if that had never been. Returns how many there were. `images`: of each contact that
-- other imports name, what the first import had made of it.
create function mkt.hand_images_down(job uuid, images jsonb)
    returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        undo mkt.import_jobs := mkt.undoing(job);
        handed bigint;
    begin
        update mkt.contact_changes n set before = h.before
        from jsonb_to_recordset(coalesce(images, '[]')) i (rid bigint, made jsonb, named_by uuid[])
        join mkt.contact_changes h on h.import_job_id = undo.parent_job_id and h.rid = i.rid
        where n.import_job_id = any(i.named_by) and n.rid = i.rid and n.change = 'updated' and h.before ? 'updated_at'
          and cast(n.before ->> 'updated_at' as timestamptz) = h.changed_at and n.before - 'updated_at' = i.made;
        get diagnostics handed = row_count;
        return handed;
    end $$;
revoke execute on function mkt.hand_images_down from public;
grant execute on function mkt.hand_images_down to mkt_worker;

-- As before, and a trigger that passes over the deletion in silence has refused it, too.
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
        return 0;
    exception when integrity_constraint_violation or raise_exception or insufficient_privilege or triggered_action_exception then
        if cardinality(rids) = 1 or sqlstate = '42501' then
            update mkt.undo_items i set outcome = 'failed', reason = 'refused'
            where i.import_job_id = job and i.thing = 'contact' and i.rid = any(rids);
            return cardinality(rids);
        end if;
        return mkt.delete_undone_contacts(job, tenant, rids[:half]) + mkt.delete_undone_contacts(job, tenant, rids[half + 1:]);
    end $$;
