"""Why a request for an import, or for a correction of one, is not taken: codes, and the error that carries their sentences.

What is wrong with the file itself is a `pipeline.problems.FileProblem`.
"""

from __future__ import annotations

from enum import StrEnum, unique

from pipeline import texts


@unique
class IntakeProblem(StrEnum):
    """Why a request becomes no job; the sentence is ``cli.refused.intake.<problem>``."""

    NO_USER = "no_user"
    NO_AUDIENCE_GIVEN = "no_audience_given"
    NO_AUDIENCE = "no_audience"
    AUDIENCE_ARCHIVED = "audience_archived"  # takes no contacts
    COLLECTED_AT = "collected_at"  # in the future, or before anybody collected addresses
    STORE_FULL = "store_full"  # the bytes cannot be kept
    STORE_AWAY = "store_away"
    # Of another job: its rejected rows are mended, its suggestions accepted, or what it counted is carried out.
    PARENT_UNDONE = "parent_undone"
    NOTHING_TO_MEND = "nothing_to_mend"  # no import, or one that has read nothing
    MENDED_ERASED = "mended_erased"  # its file held somebody who was erased
    MENDED_EXPIRED = "mended_expired"  # its file was kept as long as the settings say
    NOTHING_TO_CORRECT = "nothing_to_correct"  # no import, or one that has read nothing
    NOT_SUGGESTED = "not_suggested"
    NOTHING_SUGGESTED = "nothing_suggested"
    NO_PLAN = "no_plan"  # no dry run that is done
    PLAN_UNDONE = "plan_undone"  # carried out before, and taken back
    PLAN_ERASED = "plan_erased"
    PLAN_EXPIRED = "plan_expired"
    PLAN_FILE_GONE = "plan_file_gone"


class IntakeRefusedError(Exception):
    """The request is not taken; the text is the English sentence, ``key`` and ``params`` make another."""

    def __init__(self, problem: IntakeProblem, **params: str) -> None:
        self.problem, self.key, self.params = problem, f"refused.intake.{problem}", params
        super().__init__(texts.text(f"cli.{self.key}", "en", **params))
