"""The figures of a report; as a document they are the contract of ``docs/cli.md``. No address of a person is among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pipeline.reporting.history import Usual, shares

#: What keeps campaigns from writing to a member, in the order in which it is looked for.
LEFT_OUT: Final = ("opted_out", "invalid", "risky", "not_yet_checked", "unknown", "quarantined")
STATUSES: Final = ("valid", "risky", "unknown", "invalid")
FINDINGS: Final = ("role_accounts", "disposable", "typos", "known_bounces")


@dataclass(frozen=True)
class People:
    """Members of an audience. ``reachable`` + the sum of ``left_out`` = ``contacts`` = the sum of ``verdicts``.

    ``reasons``: (status, reason, contacts). ``opted_out``: by the strongest opt-out of each.
    """

    contacts: int
    reachable: int
    left_out: Mapping[str, int]
    verdicts: Mapping[str, int]
    reasons: Sequence[tuple[str, str, int]]
    opted_out: Mapping[str, int]
    findings: Mapping[str, int]
    bases: Mapping[str, int]
    sources: Mapping[str, int]
    quarantined: int

    @property
    def basis_not_stated(self) -> int:
        """Members of whom nobody has said on what grounds they may be written to."""
        return self.bases.get("nao_informada", 0)


@dataclass(frozen=True)
class OverlapWith:
    """Another audience, and how many members are in it too."""

    audience_id: UUID
    audience: str
    contacts: int


@dataclass(frozen=True)
class Overlap:
    """How many members are in other audiences as well, and in which."""

    contacts: int = 0
    audiences: Sequence[OverlapWith] = ()


@dataclass(frozen=True)
class Month:
    """A month (``2026-03``): who joined and left in it, and how many members there were at its end."""

    month: str
    joined: int
    left: int
    members: int


def months(moves: Sequence[tuple[date, int, int]], until: date) -> list[Month]:
    """Return every month from the first move (its month, how many joined and left) to that of ``until``."""
    found: list[Month] = []
    by_month = {(month.year, month.month): (joined, left) for month, joined, left in moves}
    if not by_month:
        return []
    members, here, last = 0, min(by_month), max((until.year, until.month), *by_month)
    while here <= last:
        joined, left = by_month.get(here, (0, 0))
        members += joined - left
        found.append(Month(f"{here[0]}-{here[1]:02}", joined, left, members))
        here = (here[0] + here[1] // 12, here[1] % 12 + 1)
    return found


@dataclass(frozen=True)
class Source:
    """An import: what came in by it, counted when it ended. None: not measured.

    ``counts`` has the counts of ``mkt.v_import_quality`` by their names.
    """

    import_job_id: UUID
    kind: str
    status: str
    file_name: str
    uploaded_by: str | None
    created_at: datetime
    month: str
    counts: Mapping[str, int | None]
    errors_by_code: Mapping[str, int]
    reasons: Sequence[tuple[str, str, int]]
    usual: Usual | None = None
    worse_than_usual: Sequence[str] = ()
    quarantine: Mapping[str, Any] | None = None

    @property
    def is_held(self) -> bool:
        """Whether campaigns leave its contacts out."""
        return self.quarantine is not None and self.quarantine["released_at"] is None

    @property
    def shares(self) -> dict[str, float | None]:
        """In percent, of its records and of its contacts."""
        return shares(self.counts)

    def count(self, name: str) -> int:
        """Return a count; 0 where it was not measured."""
        return self.counts.get(name) or 0


@dataclass(frozen=True)
class Bundle:
    """Imports taken together: those of a user, or of a month."""

    name: str
    imports: int
    counts: Mapping[str, int | None]

    @property
    def shares(self) -> dict[str, float | None]:
        """In percent, of their records and of their contacts."""
        return shares(self.counts)

    @classmethod
    def all_by(cls, sources: Iterable[Source], key: Callable[[Source], str]) -> list[Bundle]:
        """Bundle imports that have the same key, in the order of the keys."""
        bundles: dict[str, list[Source]] = {}
        for source in sources:
            bundles.setdefault(key(source), []).append(source)
        return [cls(name, len(them), _sum(them)) for name, them in sorted(bundles.items())]


def _sum(sources: Sequence[Source]) -> dict[str, int | None]:
    names = dict.fromkeys(name for source in sources for name in source.counts)
    return {
        name: sum(source.count(name) for source in sources)
        if any(source.counts.get(name) is not None for source in sources)
        else None
        for name in names
    }


@dataclass(frozen=True)
class AudienceReport:
    """What an audience is worth."""

    audience_id: UUID
    audience: str
    description: str
    status: str
    created_at: datetime
    made_at: datetime
    people: People
    growth: Sequence[Month] = ()
    overlap: Overlap = field(default_factory=Overlap)
    imports: Sequence[Source] = ()  # the newest first


@dataclass(frozen=True)
class ImportReport:
    """What an import brought. ``people``: the members of its audience who joined by it, as they are today."""

    audience_id: UUID
    audience: str
    made_at: datetime
    source: Source
    people: People
    overlap: Overlap = field(default_factory=Overlap)


def document(report: AudienceReport | ImportReport, advice: Sequence[Any]) -> dict[str, Any]:
    """Return the report as one JSON document."""
    told: dict[str, Any] = {
        "report": "audience" if isinstance(report, AudienceReport) else "import",
        "made_at": report.made_at,
        "audience_id": report.audience_id,
        "audience": report.audience,
    }
    if isinstance(report, AudienceReport):
        told |= {name: getattr(report, name) for name in ("description", "status", "created_at")}
        told |= {"people": _people(report.people), "growth": [asdict(month) for month in report.growth]}
        told |= {"overlap": asdict(report.overlap), "imports": [_source(source) for source in report.imports]}
        told["uploaders"] = [_bundle(each) for each in Bundle.all_by(report.imports, lambda s: s.uploaded_by or "")]
        told["months"] = [_bundle(each) for each in Bundle.all_by(report.imports, lambda s: s.month)]
    else:
        told |= {"import": _source(report.source), "people": _people(report.people), "overlap": asdict(report.overlap)}
    return {**told, "next": [asdict(each) for each in advice]}


def _people(people: People) -> dict[str, Any]:
    return {**asdict(people), "reasons": _reasons(people.reasons), "basis_not_stated": people.basis_not_stated}


def _source(source: Source) -> dict[str, Any]:
    told = asdict(source)
    counts = told.pop("counts")
    reasons = _reasons(source.reasons)
    return {**told, **counts, "reasons": reasons, "shares": source.shares}


def _bundle(bundle: Bundle) -> dict[str, Any]:
    return {"name": bundle.name, "imports": bundle.imports, **bundle.counts, "shares": bundle.shares}


def _reasons(reasons: Sequence[tuple[str, str, int]]) -> list[dict[str, Any]]:
    return [{"status": status, "reason": reason, "contacts": contacts} for status, reason, contacts in reasons]
