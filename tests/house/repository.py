"""The checkout as data: its files, the blocks of its documents, its processes. What the tests of the house look at."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files() -> list[Path]:
    """Return every file that belongs to the project: the tree without what .gitignore names (git may not be there)."""
    ignored = [line.strip("/\n") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines() if line.strip("/\n")]

    def is_ignored(name: str) -> bool:
        return name == ".git" or any(fnmatch.fnmatch(name, pattern) for pattern in ignored)

    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not is_ignored(name)]
        found += [Path(folder, name) for name in names if not is_ignored(name)]
    return sorted(found)


def documents() -> list[Path]:
    """Return every Markdown file of the project."""
    return [path for path in files() if path.suffix == ".md"]


def block(text: str, name: str) -> str:
    """Return what stands between the markers of a generated block."""
    start, end = _markers(name)
    return text.split(start, 1)[1].split(end, 1)[0].strip("\n")


def with_block(text: str, name: str, content: str, *, command: str = "make docs") -> str:
    """Return the text with the content of a block replaced that this command generates."""
    start, end = _markers(name, command)
    before, rest = text.split(start, 1)
    return f"{before}{start}\n\n{content}\n\n{end}{rest.split(end, 1)[1]}"


def _markers(name: str, command: str = "make docs") -> tuple[str, str]:
    return f"<!-- generated: {name} ({command}) -->", "<!-- end -->"


def table_rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of every row of the text's Markdown tables, headers and rulers left out."""
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("|") and not _is_ruler(line) and not _is_ruler(following):
            yield [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _is_ruler(line: str) -> bool:
    return bool(re.fullmatch(r"\|[-|: ]+\|", line))


def code_words(text: str) -> set[str]:
    """Return everything that stands in single backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def shell_lines(text: str) -> Iterator[str]:
    """Yield the command lines of the text's fenced shell blocks, without comments."""
    for fence in re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in fence.splitlines():
            command = shlex.join(shlex.split(line, comments=True))
            if command:
                yield command


def procfile() -> dict[str, str]:
    """Return the command line of every process in the Procfile."""
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


def variables(text: str) -> set[str]:
    """Return the names of mkt's environment variables that the text mentions."""
    return set(re.findall(r"\bMKT_[A-Z0-9_]*[A-Z0-9]\b", text))
