"""The checkout itself: import contracts, the lock file, and what must not stand in any file."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cli
import config
import db
import pipeline
import workers
from tests.house import audit
from tests.house.repository import ROOT, files

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

#: Built from pieces, so that this file does not hold what it looks for.
FORBIDDEN = re.compile(
    "|".join(
        (
            r"(?<![\w.~])/wo" + r"rk/",
            r"\bpy" + r"pi\.",
            "python" + "hosted",
            r"(?<![\w.~])/op" + "t/",
            "--index" + "-url",
            "extra-" + "index",
        )
    )
)


@pytest.mark.parametrize("package", [cli, config, db, pipeline, workers])
def test_packages_with_generic_names_are_those_of_this_checkout(package: object) -> None:
    file = getattr(package, "__file__", None)
    assert file is not None
    assert Path(file).resolve().is_relative_to(ROOT)


def test_packages_import_only_from_their_left() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_locked_package_has_hashes_and_none_an_address() -> None:
    entries = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) > len(PROJECT["project"]["dependencies"])
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(?:\[[a-z,]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in LOCK


def test_the_lock_holds_everything_that_the_project_asks_for() -> None:
    project = PROJECT["project"]
    locked = audit.locked_versions()
    for text in [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]:
        requirement = Requirement(text)
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{text}: {version} is locked; run make lock"


def test_what_is_installed_is_what_is_locked_under_licences_that_we_may_use() -> None:
    assert not audit.problems()


@pytest.mark.parametrize(
    "text", ["GPL-3.0-only", "AGPL-3.0-or-later", "GNU General Public License v3 (GPLv3)", "SSPLv1"]
)
def test_the_audit_sees_copyleft(text: str) -> None:
    assert audit.COPYLEFT.search(text)


@pytest.mark.parametrize(
    "text", ["LGPL-3.0-only", "GNU Lesser General Public License v3 (LGPLv3)", "MIT", "BSD-3-Clause"]
)
def test_the_audit_lets_libraries_be_libraries(text: str) -> None:
    assert not audit.COPYLEFT.search(text)


def test_no_file_knows_the_machine_that_it_was_written_on() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8", errors="replace") for path in files()}
    found = {name: match[0] for name, text in texts.items() if (match := FORBIDDEN.search(text))}
    assert not found


def test_the_top_level_holds_what_was_decided_and_nothing_else() -> None:
    decided = {
        "pyproject.toml", "workers", "pipeline", "db", "config", "tests", "docker-compose.yml", "Procfile", "cli", "docs",
        ".ci", "README.md", "README.pt-BR.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "Dockerfile",
        "requirements.lock", ".gitignore", ".dockerignore", ".editorconfig", ".env.example",
    }  # fmt: skip
    assert {path.relative_to(ROOT).parts[0] for path in files()} == decided


def test_where_there_is_no_python_make_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    (tmp_path / "requirements.lock").touch()
    (tmp_path / "pyproject.toml").touch()
    done = subprocess.run(
        ["make", "venv", "PYTHON=/nonexistent/python"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stderr.startswith("mkt needs Python 3.11 or later")
    assert not (tmp_path / ".venv").exists()
