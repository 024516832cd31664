"""Comparing what became of a file with what should have: right, said aloud, or silently wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pipeline.reading.reading import FileReading, Reading
from tests.corpus.case import ANY_CODE, Case, Row
from tests.corpus.reader import Got, Outcome, read

#: Below this, a decision counts as said to be unsure.
SURE: Final = 0.8

#: Warnings of a row that own up to a cell that may be wrong.
OWNING_UP: Final = frozenset({"quote_repaired", "short_row", "number_damaged", "character_lost"})

#: Notices that own up to a reading of the whole file that may be wrong.
UNSURE: Final = frozenset({"encoding_uncertain", "double_encoded", "dialect_uncertain", "columns_by_content"})


class Verdict(StrEnum):
    """What came of one expected row."""

    RIGHT = "right"
    SAID = "said"  # not as expected, and the reader says so: a problem of the row, a warning, a low confidence
    SILENT = "silent"  # not as expected, and nothing says so


@dataclass(frozen=True)
class Finding:
    """The verdict on a row, and in words what differs."""

    verdict: Verdict
    what: str = ""


@dataclass(frozen=True)
class Judgement:
    """All that there is to say about a case: findings row by row, and what is wrong with the file as a whole."""

    case: Case
    findings: tuple[Finding, ...]
    faults: tuple[str, ...] = ()

    def count(self, verdict: Verdict) -> int:
        """Return how many rows came out so."""
        return sum(finding.verdict is verdict for finding in self.findings)

    @property
    def silent(self) -> list[str]:
        """Return what is silently wrong."""
        return [finding.what for finding in self.findings if finding.verdict is Verdict.SILENT]


def judge(case: Case) -> Judgement:
    """Read a case and compare."""
    outcome = read(case.data, file_name=case.file_name, options=case.options, surroundings=case.surroundings)
    faults = tuple(_faults(case, outcome))
    return Judgement(case, tuple(compared(case.rows, outcome, loose=case.loose)), faults)


def compared(rows: Sequence[Row], outcome: Outcome, *, loose: bool = False) -> Iterator[Finding]:
    """Compare expected rows with those that came, and yield a finding for each that was expected or came."""
    got = {(each.part, each.number): each for each in outcome.rows}
    for row in rows:
        found = got.pop((row.part, row.number), None)
        if found is None:
            said = outcome.failure is not None
            yield Finding(Verdict.SAID if said else Verdict.SILENT, f"row {row.number} did not come")
        else:
            yield _compared(row, found, unsure=_is_unsure(outcome, row.part), loose=loose)
    for extra in got.values():
        verdict = Verdict.SILENT if extra.problem is None else Verdict.SAID
        yield Finding(verdict, f"row {extra.number} came, unexpected: {extra.email} {extra.name!r} ({extra.problem})")


def _compared(row: Row, found: Got, *, unsure: bool, loose: bool) -> Finding:
    if row.problems:
        owned_up = found.problem is not None or bool(found.warnings & OWNING_UP)
        if found.problem is None and not (owned_up and row.problems == ANY_CODE):
            what = f"row {row.number} passes as {found.email} {found.name!r}, not {'/'.join(sorted(row.problems))}"
            return Finding(Verdict.SAID if owned_up else Verdict.SILENT, what)
        if row.problems == ANY_CODE or found.problem in row.problems:
            return Finding(Verdict.RIGHT)
        return Finding(Verdict.SAID, f"row {row.number} is {found.problem}, not {'/'.join(sorted(row.problems))}")
    if found.problem is not None:
        verdict = Verdict.RIGHT if row.or_refused else Verdict.SAID
        return Finding(verdict, f"row {row.number} is {found.problem}")
    different = _differences(row, found, loose=loose)
    if not different:
        return Finding(Verdict.RIGHT)
    owned_up = unsure or bool(found.warnings & OWNING_UP)
    return Finding(Verdict.SAID if owned_up else Verdict.SILENT, f"row {row.number}: " + "; ".join(different))


def _differences(row: Row, found: Got, *, loose: bool) -> list[str]:
    different = [
        f"{what} {there!r}, not {wanted!r}"
        for what, wanted, there in (
            ("email", row.email, found.email),
            ("name", row.name, found.name),
            ("opt-out", row.opt_out, found.opt_out),
        )
        if wanted != there
    ]
    for column in sorted(row.attributes if loose else {*row.attributes, *found.attributes}):
        wanted, there = row.attributes.get(column), found.attributes.get(column)
        if wanted != there:
            different.append(f"[{column}] {there!r}, not {wanted!r}")
    if row.consent is not None and dict(row.consent) != dict(found.consent or {}):
        different.append(f"consent {found.consent!r}, not {row.consent!r}")
    if missing := row.warnings - found.warnings:
        different.append(f"warnings {sorted(found.warnings)} without {sorted(missing)}")
    return different


def _is_unsure(outcome: Outcome, part_no: int) -> bool:
    if outcome.reading is None:
        return False
    part = outcome.reading.part(part_no)
    return part.confidence < SURE or bool(said_of(part) & UNSURE)


def said_of(part: Reading) -> frozenset[str]:
    """Return the codes of the notices of a part."""
    return frozenset(str(notice.code) for notice in part.notices)


def _faults(case: Case, outcome: Outcome) -> Iterator[str]:
    """Yield what is wrong with the file as a whole."""
    if case.fails:
        yield from _failure_faults(case, outcome)
        return
    if outcome.failure is not None:
        if not case.known:
            yield f"fails: {outcome.failure.code}: {outcome.failure}"
        return
    if outcome.reading is not None:
        yield from _reading_faults(case, outcome, outcome.reading)


def _reading_faults(case: Case, outcome: Outcome, reading: FileReading) -> Iterator[str]:
    first = reading.parts[0]
    checks = (
        ("encoding", case.encoding, first.encoding),
        ("delimiter", case.delimiter, first.delimiter),
        ("preset", case.preset, first.preset),
        ("parts", case.parts, len(reading.parts)),
        ("blank rows", case.blank_rows, outcome.blank_rows),
    )
    for what, wanted, there in checks:
        if wanted is not None and wanted != there:
            yield f"{what} {there!r}, not {wanted!r}"
    for column, meaning in case.mapping.items():
        if str(first.mapping.get(column)) != meaning:
            yield f"column {column!r} is {first.mapping.get(column)}, not {meaning}"
    said = {str(notice.code) for notice in reading.notices}
    for part in reading.parts:
        said |= said_of(part)
    if missing := case.notices - said:
        yield f"says {sorted(said)} without {sorted(missing)}"


def _failure_faults(case: Case, outcome: Outcome) -> Iterator[str]:
    """A failure has its code, and names the file and what to do, in both languages."""
    wanted = "/".join(sorted(case.fails))
    if outcome.failure is None:
        yield f"does not fail with {wanted}"
        return
    if case.fails != ANY_CODE and str(outcome.failure.code) not in case.fails:
        yield f"fails with {outcome.failure.code}, not {wanted}"
    for language in ("en", "pt-BR"):
        sentence = outcome.failure.sentence(language)
        if case.file_name not in sentence:
            yield f"does not name the file: {sentence}"
        if not sentence.partition(";")[2].strip(" ."):
            yield f"names no remedy: {sentence}"
