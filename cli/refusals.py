"""Refusals: what was asked for cannot be done, said in one sentence of the catalogue; the command ends with exit code 2."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Refusal(StrEnum):
    """Why a command is refused; the sentence is ``cli.refused.<code>``."""

    BAD_MAP = "bad_map"  # --map without COLUMN=FIELD
    BAD_POLICY = "bad_policy"  # --policy without FIELD=keep|fill|overwrite
    MISUSE = "misuse"  # no command, option or value that there is
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
    # Campaigns: those of pipeline.campaigns.NoCampaign, and what only the command line can get wrong
    CAMPAIGN_UNKNOWN = "campaign.unknown"
    CAMPAIGN_AMBIGUOUS = "campaign.ambiguous"
    CAMPAIGN_EXISTS = "campaign.exists"
    CAMPAIGN_NOT_OURS = "campaign.not_ours"
    CAMPAIGN_EMPTY_NAME = "campaign.empty_name"
    CAMPAIGN_NO_AUDIENCES = "campaign.no_audiences"
    CAMPAIGN_ONLY_ARCHIVED = "campaign.only_archived"
    CAMPAIGN_TOO_MANY_AUDIENCES = "campaign.too_many_audiences"
    CAMPAIGN_ALREADY_SENT = "campaign.already_sent"
    CAMPAIGN_NO_AUDIENCE = "campaign.no_audience"
    CAMPAIGN_AUDIENCE_ARCHIVED = "campaign.audience_archived"
    CAMPAIGN_BOTH = "campaign.both"
    CAMPAIGN_NOT_CHOSEN = "campaign.not_chosen"
    CAMPAIGN_POLICY_UNKNOWN_KEY = "campaign.policy_unknown_key"
    CAMPAIGN_POLICY_BAD_VALUE = "campaign.policy_bad_value"
    CAMPAIGN_BAD_SET = "campaign.bad_set"  # --set without KEY=VALUE
    CAMPAIGN_NO_ADDRESS = "campaign.no_address"  # nobody to explain
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
    PASSED_OVER = "passed_over"  # another module's trigger keeps out in silence what was to be written
    NOT_DECIDED = "not_decided"  # there is nothing to forget
    # Keys of hashes: the others are `pipeline.hash_keys.KeyTrouble`.
    HASH_KEYS_UNUSABLE = "hash_keys.unusable"  # the database says so, in the middle of something
    # Opt-outs (`mkt suppress`).
    SUPPRESS_NO_ADDRESS = "suppress.no_address"
    SUPPRESS_NO_REASON = "suppress.no_reason"
    SUPPRESS_NO_EVIDENCE = "suppress.no_evidence"
    SUPPRESS_NOT_OPTED_OUT = "suppress.not_opted_out"
    SUPPRESS_OTHERWISE = "suppress.otherwise"  # opted out in ways, or for audiences, that were not named
    SUPPRESS_JOB_RUNS = "suppress.job_runs"
    SUPPRESS_NO_OPT_OUTS = "suppress.no_opt_outs"  # a job that said nothing, or nothing that still holds
    # Privacy
    PRIVACY_NO_ADDRESS = "privacy.no_address"  # a text that is no address, so nobody is known by it
    PRIVACY_NO_REASON = "privacy.no_reason"
    PRIVACY_FILE_ERASED = "privacy.file_erased"  # the job's file held somebody who was erased
    PRIVACY_FILE_EXPIRED = "privacy.file_expired"  # the job's file was kept as long as the settings say
    # Sends; the first is the command line's own, the others are those of `pipeline.sending.SendProblem`.
    ONLY_SIMULATED = "send.only_simulated"  # mkt sends no mail, and --simulate says that this is known
    SEND_NO_CAMPAIGN = "send.no_campaign"
    SEND_NO_AUDIENCES = "send.no_audiences"
    SEND_ONLY_ARCHIVED = "send.only_archived"
    SEND_NOBODY = "send.nobody"
    SEND_ALREADY_SENT = "send.already_sent"
    SEND_FAILED_BEFORE = "send.failed_before"
    SEND_BEING_CANCELLED = "send.being_cancelled"
    SEND_HAS_NO_FILE = "send.no_file"  # rows, rejects, suggestions and commit are about files
    # Undo: those of `pipeline.undoing.UndoProblem`, and what only the command line can get wrong.
    UNDO_NO_JOB = "undo.no_job"
    UNDO_DRY_RUN = "undo.dry_run"
    UNDO_SEND = "undo.send"
    UNDO_ERASURE = "undo.erasure"
    UNDO_SUPPRESSION = "undo.suppression"
    UNDO_UNDO = "undo.undo"
    UNDO_RUNNING = "undo.running"
    UNDO_UNDONE = "undo.undone"
    UNDO_NOTHING_LEFT = "undo.nothing_left"
    UNDO_FAILED_BEFORE = "undo.failed_before"
    UNDO_BEING_CANCELLED = "undo.being_cancelled"
    UNDO_CORRECTED = "undo.corrected"
    UNDO_ROWS_GONE = "undo.rows_gone"
    UNDO_NOT_UNDONE = "undo.not_undone"  # nobody asked for it to be undone
    UNDO_HAS_NO_FILE = "undo.no_file"  # rows, rejects, suggestions and commit are about files
    # The quality of a source, and reports
    QUALITY_EMPTY_AUDIENCE = "quality.empty_audience"  # there is nothing to report on
    QUALITY_NO_IMPORT = "quality.no_import"  # the job brings no contacts in
    QUALITY_NOT_QUARANTINED = "quality.not_quarantined"  # or released already
    QUALITY_NO_NOTE = "quality.no_note"  # a release says why
    QUALITY_PAGE_EXISTS = "quality.page_exists"
    QUALITY_ONE_STDOUT = "quality.one_stdout"  # --json and --html - both want it
    # Consent and membership (`mkt import --basis`, `mkt audience consent|remove|readmit`), and the audit trail.
    CONSENT_COLLECTED_AT = "consent.collected_at"  # in the future, or before anybody collected addresses
    CONSENT_NOTHING_SAID = "consent.nothing_said"
    CONSENT_NO_MEMBER = "consent.no_member"
    CONSENT_NOT_REMOVED = "consent.not_removed"
    AUDIT_ADDRESS = "audit.address"  # what was said would put an address into the audit trail
    SYSTEM = "system"
    DATABASE_AWAY = "database_away"
    TOO_LONG = "too_long"  # the database stopped what took longer than it may
    TROUBLE = "trouble"  # of what surrounds the work (pipeline.troubles): full, read-only, not to be reached
    BROKER_AWAY = "broker_away"
    BROKER_REFUSES = "broker_refuses"  # it runs, without memory or without room on its disk


class RefusedError(Exception):
    """Wrong usage or bad input; ``params`` fill in the sentence."""

    def __init__(self, refusal: Refusal, **params: object) -> None:
        super().__init__(refusal)
        self.refusal = refusal
        self.params = params
