"""What to do next: at most a handful of sentences, the most urgent first, each with the command that does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from pipeline.reporting.figures import AudienceReport, ImportReport, Source

#: Throw-away mailboxes of which a source has more, in percent of its contacts, are worth a word with whoever it comes from.
MANY_DISPOSABLE: Final = 1.0
#: Sentences of one kind.
MOST: Final = 2


class Act(StrEnum):
    """What can be done; the sentence is ``report.next.<act>``."""

    RELEASE = "release"  # an import is in quarantine
    MEND_TYPOS = "mend_typos"  # addresses were mistyped
    MEND_REJECTS = "mend_rejects"  # rows were refused
    WORSE = "worse"  # an import is worse than the tenant's usual ones
    DISPOSABLE = "disposable"  # many throw-away mailboxes
    STATE_BASIS = "state_basis"  # nobody said on what grounds people may be written to
    WAIT = "wait"  # DNS has not been asked about all of them
    NOTHING = "nothing"


#: The command that does it; ``ID`` is filled in.
_COMMANDS: Final = {
    Act.RELEASE: 'mkt job release {id} --note "…"',
    Act.MEND_TYPOS: "mkt job suggestions {id}",
    Act.MEND_REJECTS: "mkt job rejects {id}",
    Act.WORSE: "mkt job report {id}",
    Act.WAIT: "mkt doctor",
}


@dataclass(frozen=True)
class Advice:
    """One thing to do: for how many contacts or rows, about which import, by which command (None: by no one command)."""

    act: Act
    count: int
    command: str | None = None
    import_job_id: UUID | None = None
    file_name: str | None = None
    shares: Sequence[str] = ()  # of an import that is worse than usual: in what


def advise(report: AudienceReport | ImportReport) -> list[Advice]:
    """Return what to do about a report's findings."""
    sources = report.imports if isinstance(report, AudienceReport) else [report.source]
    found = [*_about_sources(sources, report.people.left_out["quarantined"]), *_about_people(report)]
    if isinstance(report, ImportReport):  # the reader has its report at hand
        found = [replace(each, command=None) if each.act is Act.WORSE else each for each in found]
    return found or [Advice(Act.NOTHING, 0)]


def _about_sources(sources: Sequence[Source], quarantined: int) -> Iterator[Advice]:
    held = [source for source in sources if source.is_held]
    # Whoever is left out for another reason anyway is not won by a release.
    yield from (_about(Act.RELEASE, source, min(source.count("joined"), quarantined)) for source in held[:MOST])
    for act, name in ((Act.MEND_TYPOS, "typos"), (Act.MEND_REJECTS, "error_rows")):
        most = sorted((s for s in sources if s.count(name)), key=lambda s: s.count(name), reverse=True)
        yield from (_about(act, source, source.count(name)) for source in most[:MOST])
    for source in [source for source in sources if source.worse_than_usual][:1]:
        yield _about(Act.WORSE, source, source.count("contacts"), tuple(source.worse_than_usual))


def _about(act: Act, source: Source, count: int, worse: Sequence[str] = ()) -> Advice:
    # People type it, and the end of an id is enough to find a job by.
    command = _COMMANDS[act].format(id=str(source.import_job_id)[-12:])
    return Advice(act, count, command, source.import_job_id, source.file_name, worse)


def _about_people(report: AudienceReport | ImportReport) -> Iterator[Advice]:
    people = report.people
    if (disposable := people.findings["disposable"]) * 100 > MANY_DISPOSABLE * people.contacts:
        yield Advice(Act.DISPOSABLE, disposable)
    if people.basis_not_stated:
        yield Advice(Act.STATE_BASIS, people.basis_not_stated)
    if waiting := people.left_out["not_yet_checked"]:
        yield Advice(Act.WAIT, waiting, _COMMANDS[Act.WAIT])
