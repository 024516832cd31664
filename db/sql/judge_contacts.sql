-- One judgement per contact of the chunk whose domain has a fresh check: state and history in one statement.
-- A state that was drawn from the same version and the same answer, and is not due again, is left as it is; the
-- condition stands twice because another job may judge the same contact between our snapshot and our write.
with judged as (
    select c.rid, c.tenant_id, d.status, d.reason_code, d.score, d.facts, d.changed_at, d.revalidate_after
    from mkt.import_rows r
    join mtrk.contatos c on c.tenant_id = r.tenant_id and c.email = r.normalized_email
    join mkt.domain_checks d on d.domain = split_part(c.email, '@', 2)
    left join mkt.email_validations v on v.rid = c.rid
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
      and d.expires_at > now() and d.validator_version = :version
      and (v.rid is null or v.validator_version <> :version
           or v.domain_changed_at is distinct from d.changed_at or v.next_validation_at <= now())
),
written as (
    insert into mkt.email_validations as v
        (rid, tenant_id, status, reason_code, score, validator_version, details_json, next_validation_at, domain_changed_at)
    select rid, tenant_id, status, reason_code, score, :version, facts, now() + make_interval(secs => revalidate_after), changed_at
    from judged
    order by rid
    on conflict (rid) do update
    set status = excluded.status, reason_code = excluded.reason_code, score = excluded.score, validated_at = excluded.validated_at,
        validator_version = excluded.validator_version, details_json = excluded.details_json,
        next_validation_at = excluded.next_validation_at, domain_changed_at = excluded.domain_changed_at
    where v.validator_version <> excluded.validator_version
       or v.domain_changed_at is distinct from excluded.domain_changed_at or v.next_validation_at <= now()
    returning v.rid, v.tenant_id, v.status, v.score, v.reason_code, v.validated_at, v.validator_version, v.details_json
)
insert into mkt.email_validation_history (tenant_id, rid, status, score, reason_code, validated_at, validator_version, details_json)
select tenant_id, rid, status, score, reason_code, validated_at, validator_version, details_json
from written
