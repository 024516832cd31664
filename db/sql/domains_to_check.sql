-- The chunk's distinct domains that no fresh check of this validator version answers for.
select wanted.domain
from (
    select distinct split_part(r.normalized_email, '@', 2) collate "C" as domain
    from mkt.import_rows r
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
) wanted
where not exists (
    select from mkt.domain_checks d
    where d.domain = wanted.domain and d.expires_at > clock_timestamp() and d.validator_version = :version
)
order by 1
