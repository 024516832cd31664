-- One judgement per contact of the chunk whose domain has a fresh check: state and history in one statement.
-- A state that was drawn from the same version and the same answer, and is not due again, is left as it is; the
-- condition stands twice because another job may judge the same contact between our snapshot and our write.
with judged as (
    select c.rid, r.tenant_id, d.status, d.reason_code, d.score, d.facts, d.changed_at, d.revalidate_after
    from mkt.import_rows r
    cross join lateral (
        select k.rid from mtrk.contatos k
        where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
    ) c
    cross join lateral (
        select k.* from mkt.domain_checks k
        where k.domain = split_part(r.normalized_email, '@', 2) and k.expires_at > now() and k.validator_version = :version offset 0
    ) d
    left join lateral (
        select k.rid, k.validator_version, k.domain_changed_at, k.next_validation_at from mkt.email_validations k
        where k.rid = c.rid offset 0
    ) v on true
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
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
    where (v.validator_version <> excluded.validator_version
           or v.domain_changed_at is distinct from excluded.domain_changed_at or v.next_validation_at <= now())
      and (v.domain_changed_at is null or v.domain_changed_at <= excluded.domain_changed_at) -- the newer answer stays
    returning v.rid, v.tenant_id, v.status, v.score, v.reason_code, v.validated_at, v.validator_version, v.details_json
)
insert into mkt.email_validation_history (tenant_id, rid, status, score, reason_code, validated_at, validator_version, details_json)
select tenant_id, rid, status, score, reason_code, validated_at, validator_version, details_json
from written
