"""The catalogue of problems as tables of a document: what stands in the code and in the sentences, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pipeline import texts
from pipeline.problems import FileNotice, FileProblemCode, RowProblem, Severity

#: Keys of a problem that are no variants of its sentence.
_PARTS = ("title", "template", "remedy")


def row_problems() -> str:
    """Return the problems of rows, those that cost the row first."""
    return "\n\n".join(
        f"### {severity.name.capitalize()}s\n\n"
        + _table("problems", (problem for problem in RowProblem if problem.severity is severity))
        for severity in Severity
    )


def file_problems() -> str:
    """Return why nothing of a file can be imported."""
    return _table("file_problems", FileProblemCode)


def file_notices() -> str:
    """Return what is said aloud about how a file is read."""
    return _table("file_notices", FileNotice)


def _table(subject: str, codes: Iterable[StrEnum]) -> str:
    lines = ["| code | title | em português | sentence | remedy |", "|---|---|---|---|---|"]
    for code in codes:
        start = f"{subject}.{code}."
        variants = sorted(
            key for key in texts.keys("en") if key.startswith(start) and key.removeprefix(start) not in _PARTS
        )
        cells = [
            texts.template(f"{start}title", "en"),
            texts.template(f"{start}title", "pt-BR"),
            " / ".join(texts.template(key, "en") for key in (f"{start}template", *variants)),
            texts.template(f"{start}remedy", "en"),
        ]
        lines.append(f"| `{code}` | {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
