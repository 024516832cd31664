-- Two unique keys can refuse this: the same content, and the caller's request. Both mean "it is there already".
insert into mkt.import_jobs
    (tenant_id, kind, audience_id, uploaded_by_user_id, request_id, file_name, file_hash, file_bytes, file_key,
     options, options_hash, repeat_no, chunk_rows, parent_job_id, reading, cid, lane, status, stage)
values
    (:tenant, :kind, :audience, :user, :request, :file_name, :file_hash, :file_bytes, :file_key,
     cast(:options as jsonb), :options_hash, :repeat_no, :chunk_rows, :parent, cast(:reading as jsonb), :cid, :lane, 'queued', :stage)
on conflict do nothing
returning import_job_id
