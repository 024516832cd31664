"""Why a request for an import, or for a correction of one, is not taken: codes, and the error that carries their sentences.

What is wrong with the file itself is a `pipeline.problems.FileProblem`.
"""

from __future__ import annotations

from enum import StrEnum, unique

from pipeline import texts


@unique
class IntakeProblem(StrEnum):
    """Why a request becomes no job; the sentence is ``cli.refused.<problem>``."""

    NO_USER = "intake.no_user"
    NO_AUDIENCE_GIVEN = "intake.no_audience_given"
    NO_AUDIENCE = "no_audience"
    AUDIENCE_ARCHIVED = "audience_archived"  # takes no contacts
    COLLECTED_AT = "intake.collected_at"  # in the future, or before anybody collected addresses
    STORE_FULL = "intake.store_full"  # the bytes cannot be kept
    STORE_AWAY = "intake.store_away"
    # Of another job: its rejected rows are mended, its suggestions accepted, or what it counted is carried out.
    PARENT_UNDONE = "intake.parent_undone"
    NOTHING_TO_MEND = "intake.nothing_to_mend"  # no import, or one that has read nothing
    MENDED_ERASED = "intake.mended_erased"  # its file held somebody who was erased
    MENDED_EXPIRED = "intake.mended_expired"  # its file was kept as long as the settings say
    NOTHING_TO_CORRECT = "intake.nothing_to_correct"  # no import, or one that has read nothing
    NOT_SUGGESTED = "intake.not_suggested"
    NOTHING_SUGGESTED = "intake.nothing_suggested"
    NO_PLAN = "intake.no_plan"  # no dry run that is done
    PLAN_UNDONE = "intake.plan_undone"  # carried out before, and taken back
    PLAN_ERASED = "intake.plan_erased"
    PLAN_EXPIRED = "intake.plan_expired"
    PLAN_FILE_GONE = "intake.plan_file_gone"


class IntakeRefusedError(Exception):
    """The request is not taken; the text is the English sentence, ``key`` and ``params`` make another."""

    def __init__(self, problem: IntakeProblem, **params: str) -> None:
        self.problem, self.key, self.params = problem, f"refused.{problem}", params
        super().__init__(texts.text(f"cli.{self.key}", "en", **params))
