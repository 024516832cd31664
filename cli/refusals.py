"""Refusals: what was asked for cannot be done, said in one sentence of the catalogue; the command ends with exit code 2."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Refusal(StrEnum):
    """Why a command is refused; the sentence is ``cli.refused.<code>``."""

    BAD_MAP = "bad_map"  # --map without COLUMN=FIELD
    BAD_POLICY = "bad_policy"  # --policy without FIELD=keep|fill|overwrite
    BAD_OPTION = "bad_option"  # a value that the option does not take
    NO_AUDIENCE_GIVEN = "no_audience_given"
    NO_MAPPING = "no_mapping"
    BAD_SLUG = "bad_slug"  # core.tenants takes no such slug
    EMPTY_NAME = "empty_name"
    TENANT_EXISTS = "tenant_exists"
    USER_EXISTS = "user_exists"
    AUDIENCE_EXISTS = "audience_exists"
    AUDIENCE_ALREADY_ARCHIVED = "audience_already_archived"
    AUDIENCE_ALREADY_ACTIVE = "audience_already_active"
    AUDIENCE_ARCHIVED = "audience_archived"  # takes no import
    NO_TENANT = "no_tenant"
    NO_USER = "no_user"
    NO_AUDIENCE = "no_audience"
    NO_JOB = "no_job"
    NO_SERVICES = "no_services"  # both URLs are set
    JOB_AMBIGUOUS = "job_ambiguous"  # a part of an id that several jobs have
    JOB_ID_SHORT = "job_id_short"  # a part of an id that says too little
    SCHEMA_BEHIND = "schema_behind"  # not ours to upgrade without being asked
    NOT_UTF8 = "not_utf8"
    EXPORT_EXISTS = "export_exists"
    ONE_STDOUT = "one_stdout"  # --json and --output - both want it
    WORKBOOK_TOO_LARGE = "workbook_too_large"
    NO_ROWS_YET = "no_rows_yet"  # the job has not begun to read its file
    RECORDS_GONE = "records_gone"  # the file store has the job's records no more
    NO_EFFECTS = "no_effects"  # a dry run creates and updates nothing
    NO_DELIVERY_FIELD = "no_delivery_field"  # --map to something that delivery reports do not have
    NO_DELIVERY_COLUMN = "no_delivery_column"  # a report without what happened, or when
    NO_ENTRY = "no_entry"  # neither an address nor a domain
    ENTRY_IS_SUFFIX = "entry_is_suffix"  # com.br: everybody's
    NOT_DECIDED = "not_decided"  # there is nothing to forget
    SYSTEM = "system"
    DATABASE_AWAY = "database_away"
    BROKER_AWAY = "broker_away"


class RefusedError(Exception):
    """Wrong usage or bad input; ``params`` fill in the sentence."""

    def __init__(self, refusal: Refusal, **params: object) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.params = params
