-- The lines of an undo, and what is left of what the import did: each line of what was kept stands for one thing that is there, and
-- nothing else is. Chunks that are done have counted the same.
select (select count(*) from mkt.undo_items where import_job_id = :job and outcome = 'reversed') as reversed,
       (select count(*) from mkt.undo_items where import_job_id = :job and outcome <> 'reversed') as others,
       (select count(*) from mkt.undo_items where import_job_id = :job and outcome <> 'reversed' and thing in ('contact', 'fields')) as changes_kept,
       (select count(*) from mkt.contact_changes where import_job_id = :import) as changes_left,
       (select count(*) from mkt.undo_items where import_job_id = :job and outcome <> 'reversed' and thing = 'link') as links_kept,
       (select count(*) from mkt.audience_contacts where audience_id = :audience and import_job_id = :import) as links_left,
       (select ok_rows from mkt.import_jobs where import_job_id = :job) as ok_rows
